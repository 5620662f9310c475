import ControlPlane
import Response
import Testing
import World

@Suite("Ways in")
struct EntryTests {
    private func enter(_ desk: AccountDesk, _ token: String, name: String = "ana") throws -> Browser.Seen {
        try Browser(desk).post("/set-up", ["token": token, "name": name, "password": AccountDesk.password])
    }

    @Test("the set-up link makes one administrator, once")
    func setUp() throws {
        let desk = try AccountDesk()
        #expect(desk.authority.accounts.needsSetUp)
        let token = try #require(desk.openSetUp())
        #expect(try enter(desk, token)["role"] == "administrator")
        #expect(!desk.authority.accounts.needsSetUp)
        #expect(try enter(desk, token, name: "eve").word == "link-refused")
        #expect(desk.openSetUp() == nil)
        #expect(!desk.stored.keys.contains { $0.kind == "entry-link" })
        #expect(desk.events.map(\.what) == ["opened the set-up", "set up the first administrator", "signed in"])
    }

    @Test("two who use the set-up link at once are one administrator")
    func setUpRace() throws {
        let desk = try AccountDesk()
        let token = try #require(desk.openSetUp())
        var steps: [(PasswordWork, AccountStep)] = []
        for name in ["ana", "eve"] {
            let request = Browser(desk).request(
                "POST", "/set-up", ["token": token, "name": name, "password": AccountDesk.password])
            guard case .hashing(let work, let step)? = desk.authority.handle(request, ["set-up"], desk.now) else {
                continue
            }
            steps.append((work, step))
        }
        let statuses = steps.map { desk.authority.resume($0.1, $0.0.perform(), desk.now).answer.status }
        #expect(statuses == [200, 403])
        #expect(desk.authority.accounts.all.map(\.name) == ["ana"])
    }

    @Test("each start while nobody can administer makes a new link, good for a day")
    func setUpLinks() throws {
        let desk = try AccountDesk()
        let first = try #require(desk.openSetUp())
        try desk.restart()
        let second = try #require(desk.openSetUp())
        #expect(first != second)
        #expect(try enter(desk, first).word == "link-refused")
        desk.advance(.seconds(86_400))
        #expect(try enter(desk, second).word == "link-refused")
        let third = try #require(desk.openSetUp())
        #expect(try enter(desk, third).status == 200)
    }

    @Test("an invitation makes the account that it was for, once, within three days")
    func invitation() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let seen = try administrator.post("/invitations", ["name": "Ben", "role": "responder"])
        #expect(seen.status == 201)
        #expect(seen["account"] == "ben")
        #expect(seen["purpose"] == "invitation")
        let ben = Browser(desk)
        let entry = ["token": seen["token"], "password": AccountDesk.password]
        #expect(try Browser(desk).post("/set-up", entry.merging(["name": "x"]) { $1 }).word == "link-refused")
        #expect(try ben.post("/invitations/accept", ["token": seen["token"], "password": "short"]).status == 422)
        #expect(try ben.post("/invitations/accept", entry)["role"] == "responder")
        #expect(try ben.isSignedIn)
        #expect(try Browser(desk).post("/invitations/accept", entry).word == "link-refused")

        let late = try administrator.post("/invitations", ["name": "chi", "role": "viewer"])["token"]
        desk.advance(.seconds(72 * 3600))
        let tooLate = ["token": late, "password": AccountDesk.password]
        #expect(try Browser(desk).post("/invitations/accept", tooLate).word == "link-refused")
    }

    @Test("a link for a new password ends the sessions, and does not stand for the second factor")
    func reset() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let ben = try desk.somebody("ben", .viewer, invitedBy: administrator)
        let secret = try ben.post("/second-factor", ["password": AccountDesk.password])["secret"]
        let code = try desk.authenticator(secret).code(step: OneTimeCode.step(at: desk.now))
        try ben.post("/second-factor/confirm", ["code": code])
        let old = try administrator.post("/accounts/ben/link")["token"]
        let link = try administrator.post("/accounts/ben/link")
        #expect(link["purpose"] == "reset")
        let refused = try Browser(desk).post("/invitations/accept", ["token": old, "password": "another long one"])
        #expect(refused.word == "link-refused", "only the last link is good")
        let seen = try Browser(desk).post(
            "/invitations/accept", ["token": link["token"], "password": "another long one"])
        #expect(seen.status == 204)
        #expect(seen.field("Set-Cookie") == nil)
        #expect(try !ben.isSignedIn)
        #expect(try !Browser(desk).signIn("ben", "another long one")["challenge"].isEmpty)
    }

    @Test("who holds the machine can give an account back to its owner, and the log says so")
    func rescue() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let secret = try administrator.post("/second-factor", ["password": AccountDesk.password])["secret"]
        let code = try desk.authenticator(secret).code(step: OneTimeCode.step(at: desk.now))
        try administrator.post("/second-factor/confirm", ["code": code])
        var changes = AccountChanges()
        #expect(desk.authority.accounts.rescue("nobody", desk.now, &changes) == nil)
        #expect(changes.isEmpty)
        let link = desk.authority.accounts.rescue("Ana", desk.now, &changes)?.exposed
        desk.keep(changes)
        #expect(desk.lastEvent.hasPrefix("hauban: was told on this machine"))
        try desk.restart()
        let browser = Browser(desk)
        let seen = try browser.post(
            "/invitations/accept", ["token": try #require(link), "password": "another long one"])
        #expect(seen["name"] == "ana")
        #expect(try !administrator.isSignedIn)
        #expect(try Browser(desk).signIn("ana", "another long one")["role"] == "administrator")
    }

    @Test("only administrators invite and change accounts")
    func rights() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        for role in [Role.viewer, .responder] {
            let browser = try desk.somebody(role.rawValue, role, invitedBy: administrator)
            #expect(try browser.post("/invitations", ["name": "x", "role": "viewer"]).word == "not-allowed")
            #expect(try browser.get("/accounts").word == "not-allowed")
            #expect(try browser.post("/accounts/ana/disable").word == "not-allowed")
        }
        #expect(try Browser(desk).get("/accounts").word == "not-signed-in")
    }

    @Test("accounts are listed, change their role, are disabled with their sessions, enabled and removed")
    func people() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let ben = try desk.somebody("ben", .viewer, invitedBy: administrator)
        try administrator.post("/invitations", ["name": "chi", "role": "responder"])
        guard case .array(let rows)? = try administrator.get("/accounts").json?["accounts"] else {
            Issue.record("no list")
            return
        }
        #expect(rows.map { $0["name"]?.string } == ["ana", "ben", "chi"])
        #expect(rows.map { $0["state"]?.string } == ["active", "active", "invited"])
        #expect(try administrator.post("/accounts/ben/role", ["role": "chief"])["member"] == "role")
        #expect(try administrator.post("/accounts/ben/role", ["role": "responder"])["role"] == "responder")
        #expect(try ben.get("/session")["role"] == "responder", "at once")
        let event = try #require(desk.events.last)
        #expect(
            [event.who, event.what, event.on, event.before, event.after]
                == ["ana", "changed the role", "account ben", "viewer", "responder"])
        #expect(try administrator.post("/accounts/ben/disable")["state"] == "disabled")
        #expect(try !ben.isSignedIn)
        #expect(try administrator.post("/accounts/ben/link").status == 409)
        try desk.restart()
        #expect(try ben.signIn("ben").status == 401)
        try administrator.post("/accounts/ben/enable")
        #expect(try !ben.isSignedIn, "its session does not come back")
        #expect(try ben.signIn("ben").status == 200)
        #expect(try administrator.send(administrator.request("DELETE", "/accounts/ben")).status == 204)
        #expect(try !ben.isSignedIn)
        #expect(try administrator.get("/accounts/ben").status == 404)
        try desk.restart()
        #expect(desk.authority.accounts.all.map(\.name) == ["ana", "chi"])
        #expect(try administrator.post("/invitations", ["name": "chi", "role": "viewer"]).status == 409)
    }

    @Test("the last administrator stays one")
    func lastAdministrator() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        try administrator.post("/invitations", ["name": "ben", "role": "administrator"])
        for path in ["disable", "remove"] {
            #expect(try administrator.post("/accounts/ana/\(path)").word == "last-administrator", "ben never came")
        }
        #expect(try administrator.post("/accounts/ana/role", ["role": "viewer"]).word == "last-administrator")
        let link = try administrator.post("/accounts/ben/link")["token"]
        try Browser(desk).post("/invitations/accept", ["token": link, "password": AccountDesk.password])
        #expect(try administrator.post("/accounts/ana/role", ["role": "viewer"]).status == 200)
    }

    @Test(
        "names are of one form",
        arguments: [
            ("ana", true), ("ana.b+c@example.com", true), ("", false), ("-x", false), ("Hauban", false),
            ("somebody", false),
            ("ana b", false), ("ana\u{301}", false), ("ＡＮＡ", false), (String(repeating: "a", count: 65), false),
        ])
    func names(name: String, isTaken: Bool) {
        #expect((Account.name(name) != nil) == isTaken)
    }
}
