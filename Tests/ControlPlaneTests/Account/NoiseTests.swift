import ControlPlane
import Response
import TestKit
import Testing

@Suite("Noise")
struct NoiseTests {
    @Test("whatever is sent to any path of accounts is refused in words, and changes nothing but counts")
    func noise() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let stored = desk.stored
        var generator = SeededGenerator(seed: 1999)
        let pieces = [
            "", "{", "}", "[", "]", "\"", ":", ",", "\"name\":\"ana\"", "\"password\":null", "\"code\":1", "name=", "&",
            "%", "%zz", "=", "\u{0}", "\u{1F600}", "token", "challenge=x", "\"scopes\":[[[]]]", "\"days\":1e9", "hbt_",
            "::",
            "Bearer ", "null", "999999999999999999999", "__Host-hauban=", ";", "127.0.0.1", "/", "..", "[::",
        ]
        func noise(_ count: Int) -> String {
            (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
        }
        let roots = [
            "session", "session/second-factor", "session/end", "set-up", "invitations", "invitations/accept",
            "password",
            "second-factor", "second-factor/confirm", "sessions", "sessions/end-others", "tokens", "accounts",
            "accounts/ana/role", "accounts/ana/disable", "tokens/x/revoke",
        ]
        let methods = ["GET", "POST", "DELETE", "PUT", "", "get", "HEAD"]
        let types = ["application/json", "application/x-www-form-urlencoded", "text/plain", ""]
        var statuses: Set<Int> = []
        for round in 0..<3000 {
            let root = roots[round % roots.count]
            let request = APIRequest(
                methods[Int.random(in: 0..<methods.count, using: &generator)],
                "/" + root + (round % 5 == 0 ? "/" + noise(2) : ""),
                fields: [
                    "content-type": types[round % 4], "cookie": noise(3),
                    "authorization": round % 3 == 0 ? noise(3) : "",
                    "x-forwarded-for": noise(4), "host": noise(1), "origin": round % 2 == 0 ? noise(1) : "null",
                    "sec-fetch-site": round % 7 == 0 ? noise(1) : "same-origin",
                ], body: Array((round % 2 == 0 ? "{" + noise(6) + "}" : noise(8)).utf8), peer: noise(1))
            desk.advance(.seconds(60))
            statuses.insert(try desk.reply(request).answer.status)
        }
        #expect(statuses.isSuperset(of: [400, 401, 403, 404, 405, 422]), "\(statuses)")
        #expect(statuses.allSatisfy { (400..<500).contains($0) }, "\(statuses)")
        #expect(desk.stored == stored)
        #expect(try administrator.get("/session").status == 401, "two days later")
    }
}
