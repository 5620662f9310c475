import ControlPlane
import Response
import Testing
import World

@Suite("Signing in")
struct SignInTests {
    @Test("name and password open a session whose cookie scripts, other sites and clear lines do not see")
    func cookie() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        let browser = Browser(desk)
        let seen = try browser.signIn("Ana")
        #expect(seen.status == 200)
        #expect(seen["name"] == "ana")
        #expect(seen["role"] == "administrator")
        let cookie = try #require(seen.field("Set-Cookie"))
        #expect(cookie.hasPrefix("__Host-hauban="))
        #expect(cookie.hasSuffix("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure"))
        #expect(seen.field("Cache-Control") == "no-store")
        #expect(try browser.isSignedIn)
        #expect(desk.lastEvent == "ana: signed in account ana")
    }

    @Test("a wrong password, an unknown name and a disabled account are told apart by nobody")
    func noEnumeration() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        _ = try desk.somebody("ben", .viewer, invitedBy: administrator)
        try administrator.post("/invitations", ["name": "chi", "role": "viewer"])
        try administrator.post("/accounts/ben/disable")
        var answers: Set<String> = []
        for (name, password) in [
            ("ana", "not her password"), ("nobody", "not her password"), ("ben", AccountDesk.password),
            ("chi", AccountDesk.password),
        ] {
            let browser = Browser(desk)
            let request = browser.request("POST", "/session", ["name": name, "password": password])
            guard case .hashing(let work, let step)? = desk.authority.handle(request, ["session"], desk.now) else {
                Issue.record("\(name): a password is hashed, so that it takes as long")
                continue
            }
            #expect(work.perform() == .differs, "\(name)")
            let reply = desk.authority.resume(step, work.perform(), desk.now)
            #expect(reply.changes.events.count == 1)
            #expect(reply.changes.saves.isEmpty)
            guard case .refused(let problem) = reply.view else { continue }
            answers.insert(problem.json.text)
        }
        #expect(answers.count == 1)
        #expect(answers.first?.contains("sign-in-refused") == true)
    }

    @Test("a password typed as the name is not in the audit log")
    func noSecretInLog() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        for _ in 1...6 { try Browser(desk).signIn("three small boats", "ana") }
        #expect(desk.events.contains { $0.what == "must wait between attempts from now on" })
        #expect(!desk.events.contains { "\($0)".contains("three small boats") })
    }

    @Test("an account that changed while its password was hashed is not entered")
    func race() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        _ = try desk.somebody("ben", .viewer, invitedBy: administrator)
        let request = Browser(desk).request("POST", "/session", ["name": "ben", "password": AccountDesk.password])
        guard case .hashing(let work, let step)? = desk.authority.handle(request, ["session"], desk.now) else {
            Issue.record("a password is hashed")
            return
        }
        let result = work.perform()
        #expect(result == .matches(new: nil))
        try administrator.post("/accounts/ben/disable")
        let reply = desk.authority.resume(step, result, desk.now)
        #expect(reply.answer.status == 401)
        #expect(reply.cookie == nil)
    }

    @Test("a password that was changed while the old one was hashed opens nothing")
    func changedMeanwhile() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let request = Browser(desk).request("POST", "/session", ["name": "ana", "password": AccountDesk.password])
        guard case .hashing(let work, let step)? = desk.authority.handle(request, ["session"], desk.now) else {
            Issue.record("a password is hashed")
            return
        }
        try administrator.post("/password", ["current": AccountDesk.password, "new": "another long one"])
        #expect(desk.authority.resume(step, work.perform(), desk.now).answer.status == 401)
    }

    @Test("a hash of an older cost is made anew when its password is typed, and only then")
    func rehash() throws {
        let old = try AccountDesk()
        _ = try old.administrator()
        var settings = AccountSettings()
        settings.cost = .init(ln: 2, r: 1, p: 1)
        let desk = try AccountDesk { $0 = settings }
        for record in old.stored.values { desk.keep(with(record)) }
        try desk.restart()
        #expect(try Browser(desk).signIn("ana", "not her password").status == 401)
        #expect(desk.authority.accounts.account(named: "ana")?.password?.cost.ln == 1)
        #expect(try Browser(desk).signIn("ana").status == 200)
        #expect(desk.authority.accounts.account(named: "ana")?.password?.cost == settings.cost)
        try desk.restart()
        #expect(try Browser(desk).signIn("ana").status == 200)
    }

    private func with(_ record: Record) -> AccountChanges {
        var changes = AccountChanges()
        changes.saves = [record]
        return changes
    }

    @Test("where no password can be hashed now, the attempt is not counted")
    func abandoned() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        for _ in 1...40 {
            let request = Browser(desk).request("POST", "/session", ["name": "ana", "password": "whatever it is"])
            guard case .hashing(_, let step)? = desk.authority.handle(request, ["session"], desk.now) else {
                Issue.record("it was counted")
                return
            }
            let answer = desk.authority.abandon(step, desk.now).answer
            #expect(answer.status == 503)
            #expect(answer.fields.contains { $0 == ("Retry-After", "2") })
        }
    }

    @Test("a form is taken as JSON is, and a body that is neither is refused")
    func forms() throws {
        let desk = try AccountDesk()
        _ = try desk.administrator()
        let browser = Browser(desk)
        func post(_ type: String, _ body: String) throws -> Browser.Seen {
            var fields = ["content-type": type, "host": AccountDesk.host, "origin": "https://" + AccountDesk.host]
            fields["sec-fetch-site"] = "same-origin"
            return try browser.send(APIRequest("POST", "/session", fields: fields, body: Array(body.utf8), peer: "::1"))
        }
        #expect(try post("application/x-www-form-urlencoded", "name=ana&password=three+small%20boats").status == 200)
        #expect(try post("text/plain", "{}").word == "unreadable")
        #expect(try post("application/json", "[1]").status == 400)
        #expect(try post("application/json", "{\"name\":\"ana\"}").status == 422)
        #expect(try post("application/json", "{\"name\":\"ana\",\"password\":7}").status == 422)
        #expect(try browser.send(browser.request("PUT", "/session")).status == 405)
        #expect(try browser.post("/session/other").status == 404)
    }

    @Test("paths that are not about accounts are left to others")
    func others() throws {
        let desk = try AccountDesk()
        #expect(desk.authority.handle(APIRequest("GET", "/incidents"), ["incidents"], desk.now) == nil)
        #expect(desk.authority.handle(APIRequest("GET", "/"), [], desk.now) == nil)
    }

    @Test("nothing of a secret is stored as it is, and a restart forgets nobody")
    func storage() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let token = try browser.post("/tokens", ["name": "ci", "scopes": "[alerts:read]"])["token"]
        #expect(token.hasPrefix("hbt_"))
        let link = try browser.post("/invitations", ["name": "ben", "role": "viewer"])["token"]
        let cookie = try #require(browser.cookies["__Host-hauban"])
        #expect(cookie.count == 43)
        for secret in [token, String(token.dropFirst(4)), link, cookie, browser.csrf ?? "", AccountDesk.password] {
            #expect(!secret.isEmpty)
            #expect(!desk.storedText.contains(secret))
            #expect(!desk.events.contains { "\($0)".contains(secret) })
        }
        try desk.restart()
        #expect(try browser.isSignedIn)
        #expect(try browser.post("/accounts/ben/disable").status == 200, "the page's token is still good")
        #expect(try Browser(desk).signIn("ana").status == 200)
    }

    @Test("a stored text that cannot be read is told, and not passed over")
    func corrupt() throws {
        let record = Record(kind: "account", id: "x", body: "{}")
        let listener = try GuardedListener(host: "127.0.0.1", port: 1)
        let error = #expect(throws: WorldError.self) { try Authority([record], listener: listener) }
        #expect(error?.code == "store-corrupt")
    }
}
