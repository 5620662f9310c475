import ControlPlane
import Response
import Testing
import World

@Suite("Sessions")
struct SessionTests {
    @Test("a stolen cookie is worth nothing after the sign-out, restarts included")
    func signOut() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let thief = browser.stolen()
        #expect(try thief.isSignedIn)
        let seen = try browser.post("/session/end")
        #expect(seen.status == 204)
        #expect(seen.field("Set-Cookie")?.contains("Max-Age=0") == true)
        #expect(browser.cookies.isEmpty)
        #expect(try !thief.isSignedIn)
        try desk.restart()
        #expect(try !thief.isSignedIn)
        #expect(desk.lastEvent == "ana: signed out account ana")
    }

    @Test("a session that is not used ends after twelve hours, one that is after a week")
    func expiry() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        desk.advance(.seconds(12 * 3600 - 1))
        #expect(try browser.isSignedIn)
        desk.keep(desk.authority.sweep(desk.now))
        try desk.restart()
        desk.advance(.seconds(12 * 3600 - 1))
        #expect(try browser.isSignedIn, "its last use was written")
        desk.advance(.seconds(12 * 3600))
        #expect(try !browser.isSignedIn)

        try browser.signIn("ana")
        for _ in 1..<28 {
            desk.advance(.seconds(6 * 3600))
            #expect(try browser.isSignedIn)
        }
        desk.advance(.seconds(6 * 3600))
        #expect(try !browser.isSignedIn)
        desk.keep(desk.authority.sweep(desk.now))
        #expect(desk.stored.keys.allSatisfy { $0.kind != "session" })
    }

    @Test("that a session was used is written once a minute at most")
    func coalesced() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        for _ in 1...59 {
            desk.advance(.seconds(1))
            #expect(try browser.isSignedIn)
        }
        #expect(desk.authority.sweep(desk.now).isEmpty)
        desk.advance(.seconds(1))
        #expect(try browser.isSignedIn)
        #expect(desk.authority.sweep(desk.now).saves.map(\.key.kind) == ["session"])
        #expect(desk.authority.sweep(desk.now).isEmpty)
    }

    @Test("sessions are listed with where they are used, and ended one by one or all but this")
    func list() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let phone = Browser(desk)
        phone.address = "203.0.113.77"
        phone.fields["user-agent"] = "Phone/1.0"
        desk.advance(.seconds(5))
        try phone.signIn("ana")
        let third = Browser(desk)
        desk.advance(.seconds(5))
        try third.signIn("ana")
        guard case .array(let rows)? = try browser.get("/sessions").json?["sessions"] else {
            Issue.record("no list")
            return
        }
        #expect(rows.count == 3)
        #expect(rows.map { $0["isThis"] } == [.bool(false), .bool(false), .bool(true)])
        #expect(rows[1]["address"]?.string == "203.0.113.77")
        #expect(rows[1]["agent"]?.string == "Phone/1.0")
        #expect(try browser.post("/sessions/\(rows[1]["id"]?.string ?? "")/end").status == 204)
        #expect(try !phone.isSignedIn)
        #expect(try third.isSignedIn)
        #expect(try browser.post("/sessions/0123456789abcdef/end").status == 404)
        #expect(try browser.post("/sessions/end-others").status == 204)
        #expect(try !third.isSignedIn)
        #expect(try browser.isSignedIn)
    }

    @Test("nobody sees or ends the sessions of others")
    func own() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let ben = try desk.somebody("ben", .viewer, invitedBy: administrator)
        guard case .array(let rows)? = try administrator.get("/sessions").json?["sessions"] else {
            Issue.record("there is no list of sessions")
            return
        }
        #expect(try ben.post("/sessions/\(rows[0]["id"]?.string ?? "")/end").status == 404)
        #expect(try administrator.isSignedIn)
    }

    @Test("a new password ends all other sessions and open links, and not this one")
    func changeOfPassword() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let thief = browser.stolen()
        let other = Browser(desk)
        try other.signIn("ana")
        let link = try browser.post("/accounts/ana/link")["token"]
        let wrong = try other.post("/password", ["current": "not her password", "new": "another long one"])
        #expect(wrong.word == "password-refused")
        let weak = try other.post("/password", ["current": AccountDesk.password, "new": "password1234"])
        #expect(weak.status == 422)
        #expect(weak["member"] == "new")
        let seen = try other.post("/password", ["current": AccountDesk.password, "new": "another long one"])
        #expect(seen.status == 204)
        #expect(try other.isSignedIn)
        #expect(try !thief.isSignedIn)
        #expect(desk.lastEvent == "ana: changed the password account ana → 1 other sessions ended")
        #expect(try Browser(desk).signIn("ana").status == 401)
        #expect(try Browser(desk).signIn("ana", "another long one").status == 200)
        let used = try Browser(desk).post("/invitations/accept", ["token": link, "password": AccountDesk.password])
        #expect(used.word == "link-refused")
    }

    @Test("a new sign-in never goes on with a session that a browser had before")
    func fixation() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let ben = try desk.somebody("ben", .viewer, invitedBy: administrator)
        let planted = try #require(ben.cookies["__Host-hauban"])
        let victim = Browser(desk)
        victim.cookies["__Host-hauban"] = planted
        try victim.signIn("ana")
        #expect(victim.cookies["__Host-hauban"] != planted)
        #expect(try !ben.isSignedIn, "the planted one is over")
        victim.cookies["__Host-hauban"] = "not a session at all"
        #expect(try !victim.isSignedIn)
    }

    @Test("an account has thirty sessions at most; the one that was idle longest goes first")
    func bound() throws {
        let desk = try AccountDesk()
        let first = try desk.administrator()
        var browsers: [Browser] = []
        for _ in 1...30 {
            desk.advance(.seconds(61))
            let browser = Browser(desk)
            try browser.signIn("ana")
            browsers.append(browser)
        }
        #expect(try !first.isSignedIn)
        #expect(try browsers.allSatisfy { try $0.isSignedIn })
    }

    @Test("on this machine without TLS the cookie has another name, and over a network it is not taken")
    func inClear() throws {
        let desk = try AccountDesk(listener: GuardedListener(host: "127.0.0.1", port: 9093))
        let token = try #require(desk.openSetUp())
        let browser = Browser(desk)
        browser.address = "127.0.0.1"
        browser.fields = ["host": "localhost:9093", "origin": "http://localhost:9093"]
        let seen = try browser.post("/set-up", ["token": token, "name": "ana", "password": AccountDesk.password])
        let cookie = try #require(seen.field("Set-Cookie"))
        #expect(cookie.hasPrefix("hauban-session="))
        #expect(!cookie.contains("Secure"))
        #expect(try browser.isSignedIn)
        browser.address = "10.0.0.8"
        #expect(try browser.get("/session").word == "in-clear")
        #expect(try browser.signIn("ana").word == "in-clear")
    }
}
