import FrontDoor
import NIOCore
import Testing

/// What a drain time counts from.
@Suite("The retirement of a release")
struct RetirementTests {
    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(1000 + seconds) }

    @Test("counts from when the release left, if it stood in for nobody")
    func plain() {
        var retirement = Retirement()
        retirement.serves()
        #expect(retirement.leaves(now: at(10)) == at(10))
    }

    @Test("counts from the switch after which the release only stood in, however often that was said again")
    func standIn() {
        var retirement = Retirement()
        retirement.serves()
        retirement.standsIn(now: at(10))
        retirement.standsIn(now: at(20))
        #expect(retirement.leaves(now: at(70)) == at(10))
    }

    @Test("counts from the last request that the release took as a stand-in")
    func called() {
        var retirement = Retirement()
        retirement.standsIn(now: at(10))
        retirement.takes(now: at(40))
        retirement.standsIn(now: at(50))
        #expect(retirement.leaves(now: at(70)) == at(40))
    }

    @Test("begins anew when the release serves again")
    func again() {
        var retirement = Retirement()
        retirement.standsIn(now: at(10))
        retirement.serves()
        retirement.standsIn(now: at(30))
        #expect(retirement.leaves(now: at(31)) == at(30))
        retirement.serves()
        #expect(retirement.leaves(now: at(60)) == at(60))
    }
}
