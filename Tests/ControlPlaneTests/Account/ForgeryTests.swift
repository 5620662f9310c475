import ControlPlane
import Response
import Testing
import World

@Suite("Requests from other sites")
struct ForgeryTests {
    /// The refusal of a request that would change something, or nothing.
    private func refusal(_ desk: AccountDesk, _ request: APIRequest) -> String? {
        do throws(Problem) {
            _ = try desk.authority.judge(request, desk.now)
            return nil
        } catch {
            return error.word
        }
    }

    @Test("a form on another site is refused, whatever it knows")
    func otherSite() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        #expect(refusal(desk, browser.request("POST", "/incidents/1/acknowledge")) == nil)
        for fields in [
            ["origin": "https://evil.example"], ["origin": "https://evil.example", "sec-fetch-site": ""],
            ["sec-fetch-site": "cross-site"], ["sec-fetch-site": "same-site", "origin": ""],
            ["origin": "null", "sec-fetch-site": ""], ["origin": "null", "sec-fetch-site": "cross-site"],
            ["origin": "http://hauban.example.com"], ["origin": "https://hauban.example.com:8443"],
            ["origin": "https://hauban.example.com.evil.example"], ["host": "other.example"],
        ] {
            browser.fields = fields
            #expect(refusal(desk, browser.request("POST", "/x")) == "other-site", "\(fields)")
            #expect(refusal(desk, browser.request("DELETE", "/x")) == "other-site", "\(fields)")
            #expect(refusal(desk, browser.request("GET", "/x")) == nil, "what changes nothing is a link: \(fields)")
        }
    }

    @Test("the cookie alone changes nothing: each request shows its session's own token")
    func token() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let own = try #require(browser.csrf)
        let ben = try desk.somebody("ben", .viewer, invitedBy: browser)
        for shown in [nil, "", "nonsense", ben.csrf, own + "x"] {
            browser.csrf = shown
            #expect(refusal(desk, browser.request("POST", "/x")) == "csrf", "\(shown ?? "none")")
            #expect(refusal(desk, browser.request("PROPFIND", "/x")) == "csrf", "a method that nobody knows is unsafe")
            #expect(refusal(desk, browser.request("GET", "/x")) == nil)
        }
    }

    @Test("a form shows it as a field, and so does one whose page keeps its referrer")
    func form() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let own = try #require(browser.csrf)
        browser.csrf = nil
        var request = browser.request("POST", "/x")
        request = APIRequest(
            "POST", "/x",
            fields: [
                "cookie": request.field("cookie") ?? "", "host": AccountDesk.host, "origin": "null",
                "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            ], body: Array("note=a&csrf=\(own)".utf8), peer: "198.51.100.7")
        #expect(refusal(desk, request) == nil)
        request.body = Array("note=a".utf8)
        #expect(refusal(desk, request) == "csrf")
    }

    @Test("a sign-in, a set-up and an invitation from another site are refused too")
    func beforeTheSession() throws {
        let desk = try AccountDesk()
        let administrator = try desk.administrator()
        let link = try administrator.post("/invitations", ["name": "ben", "role": "viewer"])["token"]
        let browser = Browser(desk)
        browser.fields = ["origin": "https://evil.example", "sec-fetch-site": "cross-site"]
        #expect(try browser.signIn("ana").word == "other-site")
        let entry = ["token": link, "password": AccountDesk.password]
        #expect(try browser.post("/invitations/accept", entry).word == "other-site")
        #expect(try browser.post("/session/second-factor", ["challenge": "x", "code": "1"]).word == "other-site")
        browser.fields = ["origin": "", "sec-fetch-site": ""]
        #expect(try browser.signIn("ana").status == 200, "what says neither is a program, not a browser")
    }

    @Test("no other account's cookie goes with a token, and a token needs no proof")
    func bearer() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let token = try browser.post("/tokens", ["name": "ci", "scopes": "[alerts:write]"])["token"]
        let request = APIRequest(
            "POST", "/x", fields: ["authorization": "bearer \(token)", "origin": "https://elsewhere.example"],
            peer: "198.51.100.9")
        let principal = try desk.authority.judge(request, needs: .writeAlerts, desk.now)
        #expect(principal.name == "ana")
        #expect(principal.address == "198.51.100.9")
        #expect(principal.session == nil)
        browser.fields["authorization"] = "Bearer hbt_wrong"
        #expect(refusal(desk, browser.request("GET", "/x")) == "token-refused", "a wrong token is not made up for")
    }
}
