import ControlPlane
import Response
import Testing
import World

@Suite("Bearer tokens")
struct TokenTests {
    private func request(_ token: String, _ method: String = "GET", _ path: String = "/x") -> APIRequest {
        APIRequest(method, path, fields: ["Authorization": "Bearer \(token)"], peer: "198.51.100.9")
    }

    private func refusal(
        _ desk: AccountDesk, _ token: String, _ permission: Permission
    ) -> Problem? {
        do throws(Problem) {
            _ = try desk.authority.judge(request(token), needs: permission, desk.now)
            return nil
        } catch {
            return error
        }
    }

    @Test("a token may do what its scopes say, and who writes may read", arguments: Permission.allCases)
    func scopes(scope: Permission) throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let token = try browser.post("/tokens", ["name": "one", "scopes": "[\(scope.rawValue)]"])["token"]
        for permission in Permission.allCases {
            let problem = refusal(desk, token, permission)
            #expect((problem == nil) == scope.included.contains(permission), "\(permission)")
            guard let problem else { continue }
            #expect(problem.status == 403)
            #expect(problem.json["needs"]?.string == permission.rawValue)
            #expect(
                problem.fields["WWW-Authenticate"]
                    == "Bearer realm=\"hauban\", error=\"insufficient_scope\", scope=\"\(permission.rawValue)\"")
        }
    }

    @Test("a token never may more than its owner, who cannot give away what they have not")
    func owner() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let ben = try desk.somebody("ben", .responder, invitedBy: administrator)
        #expect(try ben.post("/tokens", ["name": "x", "scopes": "[admin]"]).word == "not-allowed")
        let token = try ben.post("/tokens", ["name": "x", "scopes": "[incidents:write silences:write]"])["token"]
        #expect(refusal(desk, token, .writeIncidents) == nil)
        try administrator.post("/accounts/ben/role", ["role": "viewer"])
        #expect(refusal(desk, token, .writeIncidents)?.word == "not-allowed")
        #expect(refusal(desk, token, .readIncidents) == nil)
        try administrator.post("/accounts/ben/disable")
        #expect(refusal(desk, token, .readIncidents)?.word == "token-refused")
        try administrator.post("/accounts/ben/enable")
        #expect(refusal(desk, token, .readIncidents) == nil)
        try administrator.post("/accounts/ben/remove")
        #expect(refusal(desk, token, .readIncidents)?.word == "token-refused")
        #expect(!desk.stored.keys.contains { $0.kind == "api-token" })
    }

    @Test("a token ends when its days are over, or when it is revoked")
    func end() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let short = try browser.post("/tokens", ["name": "short", "scopes": "[alerts:read]", "days": "30"])
        let long = try browser.post("/tokens", ["name": "long", "scopes": "[alerts:read]"])
        #expect(short.status == 201)
        desk.advance(.seconds(30 * 86_400) - .milliseconds(1))
        #expect(refusal(desk, short["token"], .readAlerts) == nil)
        desk.advance(.milliseconds(1))
        #expect(refusal(desk, short["token"], .readAlerts)?.word == "token-refused")
        #expect(refusal(desk, long["token"], .readAlerts) == nil)
        try browser.signIn("ana")
        #expect(try browser.post("/tokens/\(long["id"])/revoke").status == 204)
        #expect(refusal(desk, long["token"], .readAlerts)?.status == 401)
        #expect(try browser.post("/tokens/\(long["id"])/revoke").status == 404)
        try desk.restart()
        #expect(refusal(desk, long["token"], .readAlerts)?.status == 401)
    }

    @Test("people see their own tokens, administrators all; never the token itself; its last use to the minute")
    func list() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let ben = try desk.somebody("ben", .responder, invitedBy: administrator)
        let token = try ben.post("/tokens", ["name": "x", "scopes": "[alerts:read oncall:read]"])
        try administrator.post("/tokens", ["name": "y", "scopes": "[admin]"])
        func names(_ browser: Browser) throws -> [String] {
            guard case .array(let rows)? = try browser.get("/tokens").json?["tokens"] else { return [] }
            return rows.compactMap { $0["owner"]?.string }
        }
        #expect(try Set(names(administrator)) == ["ana", "ben"])
        #expect(try names(ben) == ["ben"])
        #expect(try !ben.get("/tokens").text.contains("hbt_"))
        for _ in 1...10 {
            #expect(refusal(desk, token["token"], .readAlerts) == nil)
            desk.advance(.seconds(5))
        }
        desk.keep(desk.authority.sweep(desk.now))
        try desk.restart()
        let row = try #require(desk.authority.tokens.all.first { $0.name == "x" })
        #expect(row.lastUsedAt == desk.now - .seconds(50))
    }

    @Test("a token cannot make tokens, change passwords or sign out; one for administration can manage accounts")
    func limits() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let token = try administrator.post("/tokens", ["name": "all", "scopes": "[admin]"])["token"]
        let reader = try administrator.post("/tokens", ["name": "some", "scopes": "[alerts:read]"])
        let program = Browser(desk)
        program.fields = ["authorization": "Bearer \(token)", "origin": "", "sec-fetch-site": ""]
        for path in ["/tokens", "/password", "/session/end", "/second-factor", "/sessions/end-others"] {
            #expect(
                try program.post(path, ["name": "n", "scopes": "[alerts:read]"]).word == "session-needed", "\(path)")
        }
        #expect(try program.get("/session")["name"] == "ana")
        #expect(try program.post("/invitations", ["name": "ben", "role": "viewer"]).status == 201)
        #expect(try program.post("/accounts/ben/role", ["role": "responder"])["role"] == "responder")
        program.fields["authorization"] = "Bearer \(reader["token"])"
        #expect(try program.get("/accounts").word == "not-allowed")
        #expect(try program.post("/tokens/\(reader["id"])/revoke").status == 204, "it may end itself")
        #expect(try program.get("/session").status == 401)
    }

    @Test(
        "what a token cannot be is refused with the member that is wrong",
        arguments: [
            (["scopes": "[alerts:read]"], "name"), (["name": "x"], "scopes"),
            (["name": "x", "scopes": "[all]"], "scopes"),
            (["name": "x", "scopes": "[alerts:read]", "days": "0"], "days"),
            (["name": "x", "scopes": "[alerts:read]", "days": "soon"], "days"),
        ])
    func invalid(members: [String: String], member: String) throws {
        let desk = try AccountDesk()
        let seen = try desk.administrator().post("/tokens", members)
        #expect(seen.status == 422)
        #expect(seen["member"] == member)
    }

    @Test("fields that are no bearer token leave the request without anybody")
    func malformed() throws {
        let desk = try AccountDesk()
        for field in ["", "Bearer", "Bearer ", "Basic YTpi", "hbt_abc"] {
            let request = APIRequest("GET", "/x", fields: ["authorization": field], peer: "::1")
            let problem = #expect(throws: Problem.self) { try desk.authority.judge(request, desk.now) }
            #expect(problem?.word == "not-signed-in", "\(field)")
            #expect(problem?.fields["WWW-Authenticate"] == "Bearer realm=\"hauban\"")
        }
    }
}
