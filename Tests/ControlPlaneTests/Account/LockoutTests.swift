import ControlPlane
import Response
import Testing
import World

@Suite("Lock-out")
struct LockoutTests {
    @Test("after five wrong passwords each further one must wait, twice as long as the last")
    func growing() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        let stranger = Browser(desk)
        stranger.address = "203.0.113.9"
        for _ in 1...5 { #expect(try stranger.signIn("ana", "not her password").status == 401) }
        for wait in [1, 2, 4, 8, 16] {
            let seen = try stranger.signIn("ana", "not her password")
            #expect(seen.status == 429)
            #expect(seen.field("Retry-After") == "\(wait)")
            desk.advance(.seconds(wait) - .milliseconds(1))
            #expect(try stranger.signIn("ana", "not her password").status == 429)
            desk.advance(.milliseconds(1))
            #expect(try stranger.signIn("ana", "not her password").status == 401)
        }
    }

    @Test("a wait never exceeds a quarter of an hour, and asking during it does not lengthen it")
    func bounded() throws {
        var lockout = Lockout()
        var now = Moment(seconds: 0)
        let keys: [Lockout.Key] = [.name("ana")]
        for _ in 1...60 {
            if let rest = lockout.wait(keys, now) {
                #expect(rest <= .seconds(900))
                #expect(lockout.wait(keys, now) == rest)
                now = now + rest
            }
            #expect(lockout.wait(keys, now) == nil)
            _ = lockout.begin(keys, now)
        }
        #expect(lockout.wait(keys, now) == .seconds(900))
        #expect(lockout.wait(keys, now - .seconds(100_000)) == .seconds(900), "a clock that was set back")
        #expect(lockout.wait(keys, now + .seconds(86_400)) == nil, "all is forgotten")
    }

    @Test("the right password does not help while one must wait, and clears the count afterwards")
    func cleared() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        let stranger = Browser(desk)
        stranger.address = "203.0.113.9"
        for _ in 1...5 { try stranger.signIn("ana", "not her password") }
        #expect(try stranger.signIn("ana").status == 429)
        desk.advance(.seconds(1))
        #expect(try stranger.signIn("ana").status == 200)
        for _ in 1...9 { #expect(try stranger.signIn("ana", "not her password").status == 401) }
    }

    @Test("a name that does not exist locks in the same way")
    func unknownName() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        func statuses(_ name: String, from address: String) throws -> [String] {
            let stranger = Browser(desk)
            stranger.address = address
            return try (1...8).map { _ in
                let seen = try stranger.signIn(name, "not the password")
                return seen.text + (seen.field("Retry-After") ?? "")
            }
        }
        #expect(try statuses("ana", from: "203.0.113.1") == statuses("nobody", from: "203.0.113.2"))
    }

    @Test("strangers who guess do not keep her out where she signed in lately")
    func ownerComesIn() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        for number in 1...60 {
            let stranger = Browser(desk)
            stranger.address = "203.0.113.\(number)"
            try stranger.signIn("ana", "not her password")
        }
        let elsewhere = Browser(desk)
        elsewhere.address = "192.0.2.1"
        #expect(try elsewhere.signIn("ana").status == 429)
        #expect(try Browser(desk).signIn("ana").status == 200)
        desk.advance(.seconds(31 * 86_400))
        for _ in 1...5 { try elsewhere.signIn("ana", "not her password") }
        #expect(try Browser(desk).signIn("ana").status == 429, "a month later the address is not known any more")
    }

    @Test("one address that tries many names must wait, with all of its IPv6 network")
    func address() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        for number in 1...20 {
            let stranger = Browser(desk)
            stranger.address = "2001:db8:1:2::\(number)"
            #expect(try stranger.signIn("name\(number)", "the same password").status == 401)
        }
        let stranger = Browser(desk)
        stranger.address = "2001:db8:1:2:ffff::1"
        #expect(try stranger.signIn("another", "the same password").status == 429)
        stranger.address = "2001:db8:1:3::1"
        #expect(try stranger.signIn("another", "the same password").status == 401)
    }

    @Test("who has an account cannot clear the count of their address by signing in to it")
    func ownAccount() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        _ = try desk.somebody("eve", .viewer, invitedBy: administrator)
        let eve = Browser(desk)
        eve.address = "203.0.113.9"
        for number in 1...19 {
            #expect(try eve.signIn("name\(number)", "the same password").status == 401)
            if number % 5 == 0 { #expect(try eve.signIn("eve").status == 200) }
        }
        #expect(try eve.signIn("name20", "the same password").status == 401)
        #expect(try eve.signIn("name21", "the same password").status == 429)
    }

    @Test("many attempts at once are as many as one after another")
    func atOnce() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        let stranger = Browser(desk)
        stranger.address = "203.0.113.9"
        var hashed = 0
        for _ in 1...50 {
            let request = stranger.request("POST", "/session", ["name": "ana", "password": "not her password"])
            if case .hashing? = desk.authority.handle(request, ["session"], desk.now) { hashed += 1 }
        }
        #expect(hashed == 5)
    }

    @Test("the log says once that somebody must wait, and no more while they do")
    func logged() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        let before = desk.events.count
        let stranger = Browser(desk)
        stranger.address = "203.0.113.9"
        for _ in 1...100 { try stranger.signIn("ana", "not her password") }
        let events = desk.events[before...]
        #expect(events.count == 6)
        #expect(events.filter { $0.what == "must wait between attempts from now on" }.map(\.who) == ["ana"])
        #expect(events.allSatisfy { $0.from == "203.0.113.9" })
    }

    @Test("who tries a hundred thousand names takes no more memory than for twenty thousand")
    func memory() {
        var lockout = Lockout()
        for number in 1...50_000 {
            _ = lockout.begin([.name("name\(number)")], Moment(milliseconds: number))
            #expect(lockout.count <= Lockout.room)
        }
    }
}
