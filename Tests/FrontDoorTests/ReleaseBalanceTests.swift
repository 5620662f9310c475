import FrontDoor
import NIOCore
import Testing

/// The decisions alone, with literal times.
@Suite("The balance of a release")
struct ReleaseBalanceTests {
    private static func upstream(_ number: Int) -> FrontDoorConfiguration.Upstream {
        .init(port: 40_000 + number, replica: "\(number)")
    }

    private static func at(_ milliseconds: Int) -> NIODeadline {
        .uptimeNanoseconds(UInt64(1_000_000 + milliseconds) * 1_000_000)
    }

    /// A balance of so many replicas, each of which has answered 100 requests.
    private static func balance(_ count: Int, rules: BalanceRules = BalanceRules()) -> ReleaseBalance {
        var balance = ReleaseBalance(rules: rules)
        _ = balance.event(.adopted((0..<count).map(upstream)), now: at(0))
        for index in 0..<count { _ = balance.event(.counted(index, answers: 100), now: at(0)) }
        return balance
    }

    private static func fail(
        _ balance: inout ReleaseBalance, _ index: Int, _ trouble: ReleaseBalance.Trouble, times: Int,
        at milliseconds: Int
    ) -> [ReleaseBalance.Change] {
        (0..<times).flatMap { _ in balance.event(.failed(index, trouble), now: at(milliseconds)) }
    }

    @Test("a replica that answers 5xx five times in a row while the others do well is ejected for five seconds")
    func consecutiveErrors() {
        var balance = Self.balance(3)
        #expect(Self.fail(&balance, 1, .serverError, times: 4, at: 10).isEmpty)
        #expect(balance.replicas[1].isSuspected)
        #expect(
            Self.fail(&balance, 1, .serverError, times: 1, at: 10)
                == [.ejected(1, .inARow(.serverError, 5), for: .seconds(5))])
        #expect(balance.share(of: 1, now: Self.at(11)) == nil)
        #expect(balance.share(of: 0, now: Self.at(11)) == 1024)
        #expect(balance.event(.tick, now: Self.at(5_009)) == [])
        #expect(balance.event(.tick, now: Self.at(5_010)) == [.returned(1)])
    }

    @Test("a good answer in between ends the row")
    func interrupted() {
        var balance = Self.balance(2)
        for _ in 0..<10 {
            #expect(Self.fail(&balance, 0, .broken, times: 2, at: 10).isEmpty)
            #expect(balance.event(.answered(0), now: Self.at(10)).isEmpty)
            #expect(!balance.replicas[0].isSuspected)
        }
    }

    @Test("three requests in a row without an answer are enough", arguments: [ReleaseBalance.Trouble.broken, .timeout])
    func losses(_ trouble: ReleaseBalance.Trouble) {
        var balance = Self.balance(2)
        #expect(
            Self.fail(&balance, 0, trouble, times: 3, at: 10) == [.ejected(0, .inARow(trouble, 3), for: .seconds(5))])
    }

    @Test("a replica that takes no connection is tried again sooner")
    func unreachable() {
        var balance = Self.balance(2)
        #expect(
            Self.fail(&balance, 0, .unreachable, times: 3, at: 0)
                == [.ejected(0, .inARow(.unreachable, 3), for: .seconds(1))])
        var times: [Int64] = []
        var now = 1_000
        for _ in 0..<6 {
            #expect(balance.event(.tick, now: Self.at(now)) == [.returned(0)])
            guard
                case .ejected(0, .onProbation(.unreachable), let time) = balance.event(
                    .failed(0, .unreachable), now: Self.at(now)
                ).first
            else {
                Issue.record("not ejected again")
                return
            }
            times.append(time.nanoseconds / 1_000_000)
            now += Int(times.last ?? 0)
        }
        #expect(times == [2_000, 4_000, 8_000, 10_000, 10_000, 10_000])
    }

    @Test("one failure after the return is enough, each time for twice as long; long health forgets")
    func probation() {
        var balance = Self.balance(2)
        _ = Self.fail(&balance, 0, .serverError, times: 5, at: 0)
        var now = 5_000
        for seconds in [10, 20, 40, 60, 60] {
            #expect(balance.event(.tick, now: Self.at(now)).first == .returned(0))
            _ = balance.event(.counted(1, answers: 50), now: Self.at(now))
            #expect(
                balance.event(.failed(0, .serverError), now: Self.at(now))
                    == [.ejected(0, .onProbation(.serverError), for: .seconds(Int64(seconds)))])
            now += seconds * 1_000
        }
        #expect(balance.event(.tick, now: Self.at(now)).first == .returned(0))
        #expect(balance.event(.answered(0), now: Self.at(now)).isEmpty)
        _ = balance.event(.counted(1, answers: 50), now: Self.at(now))
        #expect(balance.event(.failed(0, .serverError), now: Self.at(now)).isEmpty, "an answer ends the probation")
        now += 60_001
        _ = balance.event(.counted(1, answers: 50), now: Self.at(now))
        #expect(
            Self.fail(&balance, 0, .serverError, times: 5, at: now).last
                == .ejected(0, .inARow(.serverError, 5), for: .seconds(5)))
    }

    @Test("at most half of the replicas are out", arguments: [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2)])
    func bound(_ count: Int, _ most: Int) {
        var balance = Self.balance(count)
        for index in 0..<(count - 1) { _ = Self.fail(&balance, index, .unreachable, times: 3, at: 10) }
        #expect(balance.replicas.filter(\.isEjected).count == (count == 1 ? 0 : most))
    }

    @Test("when all are bad it is the release: the ejected ones return, and nothing is ejected for ten seconds")
    func allBad() {
        var balance = Self.balance(2)
        #expect(Self.fail(&balance, 0, .serverError, times: 5, at: 0).count == 1)
        #expect(Self.fail(&balance, 1, .serverError, times: 5, at: 100) == [.allBad])
        #expect(balance.replicas.allSatisfy { $0.place == .serving })
        _ = balance.event(.counted(1, answers: 100), now: Self.at(9_000))
        #expect(Self.fail(&balance, 0, .serverError, times: 20, at: 9_000).isEmpty)
        _ = balance.event(.counted(1, answers: 100), now: Self.at(10_100))
        #expect(Self.fail(&balance, 0, .serverError, times: 1, at: 10_100).count == 1)
    }

    @Test("what fails on all replicas alike ejects none")
    func alike() {
        var balance = Self.balance(3)
        for round in 0..<200 {
            for index in 0..<3 {
                #expect(Self.fail(&balance, index, .serverError, times: 5, at: round).isEmpty || round < 2)
            }
        }
        // Every second request of everybody fails: no replica is worse than the others.
        var mixed = Self.balance(4)
        for second in 20..<60 {
            for index in 0..<4 {
                _ = mixed.event(.counted(index, answers: 10), now: Self.at(second * 1_000))
                #expect(Self.fail(&mixed, index, .serverError, times: 4, at: second * 1_000).isEmpty)
                _ = mixed.event(.answered(index), now: Self.at(second * 1_000))
            }
            #expect(mixed.event(.tick, now: Self.at(second * 1_000 + 999)).isEmpty)
        }
    }

    @Test("a replica that fails a third of its requests, never many in a row, is ejected by its share")
    func byShare() {
        var balance = Self.balance(2)
        for _ in 0..<20 {
            _ = balance.event(.failed(0, .serverError), now: Self.at(20_000))
            _ = balance.event(.answered(0), now: Self.at(20_000))
            _ = balance.event(.counted(0, answers: 1), now: Self.at(20_000))
            _ = balance.event(.counted(1, answers: 3), now: Self.at(20_000))
        }
        #expect(
            balance.event(.tick, now: Self.at(20_001))
                == [.ejected(0, .share(failures: 20, requests: 60), for: .seconds(5))])
    }

    @Test("few requests say nothing about shares")
    func fewRequests() {
        var balance = ReleaseBalance(rules: BalanceRules())
        _ = balance.event(.adopted([Self.upstream(0), Self.upstream(1)]), now: Self.at(0))
        for _ in 0..<4 {
            _ = balance.event(.failed(0, .serverError), now: Self.at(0))
            _ = balance.event(.answered(0), now: Self.at(0))
            _ = balance.event(.counted(1, answers: 2), now: Self.at(0))
        }
        #expect(balance.event(.tick, now: Self.at(1_000)).isEmpty)
    }

    @Test("a replica that joins others rises; replicas of a new release do not")
    func slowStart() {
        var balance = Self.balance(2)
        #expect(balance.replicas.allSatisfy { $0.place == .serving })
        _ = balance.event(.adopted([0, 1, 2].map(Self.upstream)), now: Self.at(1_000))
        #expect(balance.replicas.map { $0.place == .serving } == [true, true, false])
        #expect(balance.share(of: 2, now: Self.at(1_000)) == 102)
        #expect(balance.share(of: 2, now: Self.at(6_000)) == 563)
        #expect(balance.share(of: 2, now: Self.at(11_000)) == 1024)
        _ = balance.event(.tick, now: Self.at(11_000))
        #expect(balance.replicas[2].place == .serving)
        _ = balance.event(.adopted([Self.upstream(7), Self.upstream(8)]), now: Self.at(12_000))
        #expect(balance.replicas.allSatisfy { $0.place == .serving }, "nobody is there to leave the load to")
    }

    @Test("without slow start and ejection in the configuration there is neither")
    func off() {
        var rules = BalanceRules()
        rules.slowStart = .zero
        rules.ejection = .zero
        var balance = Self.balance(2, rules: rules)
        #expect(Self.fail(&balance, 0, .unreachable, times: 50, at: 10).isEmpty)
        _ = balance.event(.adopted([0, 1, 2].map(Self.upstream)), now: Self.at(1_000))
        #expect(balance.share(of: 2, now: Self.at(1_000)) == 1024)
    }

    @Test("whatever happens, at least half of the replicas take requests")
    func anything() {
        for seed in UInt64(1)...40 {
            var state = seed
            func next(_ bound: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % bound
            }
            let count = 2 + next(5)
            var balance = Self.balance(count)
            var now = 0
            let troubles: [ReleaseBalance.Trouble] = [.unreachable, .broken, .timeout, .serverError]
            for _ in 0..<2_000 {
                now += next(300)
                let index = next(count)
                let event: ReleaseBalance.Event =
                    switch next(6) {
                    case 0: .tick
                    case 1: .answered(index)
                    case 2: .counted(index, answers: next(50))
                    default: .failed(next(1 + index), troubles[next(4)])
                    }
                _ = balance.event(event, now: Self.at(now))
                let out = balance.replicas.filter(\.isEjected).count
                #expect(2 * out <= count)
                #expect(
                    balance.replicas.indices.allSatisfy {
                        (1...1024).contains(balance.share(of: $0, now: Self.at(now)) ?? 1)
                    })
            }
        }
    }
}
