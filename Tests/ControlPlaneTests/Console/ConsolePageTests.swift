import ControlPlane
import Foundation
import Response
import Spec
import TestKit
import Testing

/// What pages say, and what forms ask for.
@Suite("The console's pages")
struct ConsolePageTests {
    private static let all = ConsoleAccessibilityTests.pages + ConsoleAccessibilityTests.gates

    @Test(
        "every page is there in both languages, and nothing of its own markup is shown as text",
        arguments: Language.allCases)
    func everyPage(_ language: Language) throws {
        let story = try ConsoleScenario.afternoon()
        let ours = try NSRegularExpression(
            pattern: "&lt;/?(p|ul|ol|li|div|span|a|section|dl|dt|dd|table|tr|td|form|b|code)\\b")
        for (name, path) in Self.all {
            let (status, body, fields) = try story.get(path, language)
            #expect(status == (name == "not-found" ? 404 : name == "alerts-refused" ? 422 : 200), "\(name)")
            #expect(ours.firstMatch(in: body, range: NSRange(body.startIndex..., in: body)) == nil, "\(name)")
            #expect(!body.contains("HTML(") && !body.contains("Optional("), "\(name)")
            #expect(body.contains("<html lang=\"\(language.rawValue)\""), "\(name)")
            #expect(body.components(separatedBy: "<h1").count == 2, "\(name) has one heading of the first rank")
            let policy = fields.first { $0.0 == "Content-Security-Policy" }?.1 ?? ""
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "\(name)")
            // The policy forbids them: they would do nothing.
            #expect(!body.contains(" style=\"") && !body.contains("<script>") && !body.contains(" onclick="), "\(name)")
        }
    }

    @Test("what an alert says of itself is text, wherever it is shown")
    func hostileText() throws {
        var story = try ConsoleScenario()
        let evil = "\"><script>alert('1')</script><img src=x onerror=alert(2)>"
        story.fires(evil, evil, "critical", ["team": evil], summary: evil)
        story.happen(.incident("i1", .note(evil), by: "ana"))
        story.happen(.incident("i1", .link(url: "javascript:alert(3)", title: evil), by: "ana"))
        let fingerprint = LabelSet(["alertname": evil, "severity": "critical", "service": evil, "team": evil])
            .fingerprint
        for path in [
            "/", "/incidents", "/incidents/i1", "/incidents/i1/postmortem", "/alerts", "/alerts/\(fingerprint)",
            "/incidents?q=%22%3E%3Cscript%3E", "/alerts?q=%22%3E%3Cscript%3E",
        ] {
            let body = try story.get(path).body
            #expect(!body.contains("<script>") && !body.contains("<img"), "\(path)")
            #expect(!body.contains("href=\"javascript:"), "\(path)")
        }
        #expect(try story.get("/incidents/i1").body.contains("&lt;script&gt;alert(&#39;1&#39;)"))
    }

    @Test("nobody sees anything without having signed in, and is led there and back")
    func signIn() throws {
        let story = try ConsoleScenario.afternoon()
        for (_, path) in ConsoleAccessibilityTests.pages {
            let (status, body, fields) = try story.get(path, role: nil)
            #expect(status == 303 && body.isEmpty, "\(path)")
            #expect(fields.first { $0.0 == "Location" }?.1.hasPrefix("/sign-in") == true, "\(path)")
        }
        guard case .answer(let answer) = try story.post("/incidents/i3/resolve", role: nil) else {
            Issue.record("a form of nobody is taken")
            return
        }
        #expect(answer.status == 303)
    }

    @Test("who only looks is shown no form and asked for none")
    func viewers() throws {
        let story = try ConsoleScenario.afternoon()
        let paths = [
            "/", "/incidents/i3", "/alerts", "/on-call/primary", "/silences", "/maintenance", "/people/ben",
            "/integrations",
        ]
        for path in paths {
            let body = try story.get(path, role: .viewer).body
            let forms = body.components(separatedBy: "<form").dropFirst()
            let posts = forms.filter { $0.contains("method=\"post\"") && !$0.hasPrefix(" class=\"language\"") }
            #expect(posts.isEmpty, "\(path): \(posts.first?.prefix(200) ?? "")")
        }
        for path in [
            "/incidents/i3/resolve", "/silences", "/maintenance", "/on-call/primary/overrides", "/people/ben/test",
            "/integrations",
        ] {
            guard case .answer(let answer) = try story.post(path, role: .viewer) else {
                Issue.record("\(path) is taken")
                continue
            }
            #expect(answer.status == 403, "\(path)")
        }
        for path in ["/integrations", "/people", "/integrations/keys/legacy/rotate", "/people/ben/role"] {
            guard case .answer(let answer) = try story.post(path, role: .responder) else {
                Issue.record("\(path) is taken from a responder")
                continue
            }
            #expect(answer.status == 403, "\(path)")
        }
        #expect(try story.get("/audit", role: .responder).status == 403)
    }

    @Test("how somebody is reached is changed by themselves and by administrators, and by nobody else")
    func entries() throws {
        let story = try ConsoleScenario.afternoon()
        func takes(_ path: String, _ role: PageContext.Role) throws -> Bool {
            switch try story.post(path, ["slack": "@x", "zone": "Europe/Paris"], role: role) {
            case .command(.event(.entry, _)): true
            case .command: false
            case .answer(let answer): answer.status != 403
            }
        }
        // Who reads is ana.
        #expect(try takes("/people/ana/entry", .responder))
        #expect(try takes("/people/ana/entry/reset", .responder))
        #expect(try !takes("/people/ben/entry", .responder))
        #expect(try !takes("/people/ben/entry/reset", .responder))
        #expect(try !takes("/people/ana/entry", .viewer))
        #expect(try takes("/people/ben/entry", .administrator))
        #expect(try takes("/people/ben/entry/reset", .administrator))
        #expect(try story.get("/people/ben", role: .responder).body.contains("/people/ben/entry") == false)
        #expect(try story.get("/people/ana", role: .responder).body.contains("/people/ana/entry"))
    }

    @Test("a form without the session's token is refused")
    func csrf() throws {
        let story = try ConsoleScenario.afternoon()
        for token in ["", "token-2", "token-1 "] {
            guard case .answer(let answer) = try story.post("/incidents/i3/acknowledge", token: token) else {
                Issue.record("\(token) is taken")
                continue
            }
            #expect(answer.status == 403)
        }
    }

    @Test("a refusal is said in the reader's words, with a way back")
    func refusals() throws {
        let story = try ConsoleScenario.afternoon()
        let request = APIRequest("POST", "/incidents/i2/resolve")
        let answer = ConsoleRoutes.refused(.incident(.isResolved), request, try story.page(.french))
        #expect(answer.status == 409)
        #expect(answer.text.contains("Il est déjà résolu."))
        #expect(answer.text.contains("href=\"/incidents/i2\""))
    }

    @Test("assets are named after what they contain, and kept for ever")
    func assets() throws {
        let story = try ConsoleScenario()
        let page = try story.get("/").body
        let pattern = try NSRegularExpression(pattern: "/assets/[a-z]+-[0-9a-f]{16}\\.(css|js|svg)")
        let matches = pattern.matches(in: page, range: NSRange(page.startIndex..., in: page))
        #expect(matches.count == 3)
        for match in matches {
            let path = try String(page[#require(Range(match.range, in: page))])
            let (status, body, fields) = try story.get(path, role: nil)
            #expect(status == 200 && !body.isEmpty)
            #expect(fields.contains { $0.0 == "Cache-Control" && $0.1.contains("immutable") })
            let tag = try #require(fields.first { $0.0 == "ETag" }?.1)
            let again = APIRequest("GET", path, fields: ["If-None-Match": tag])
            guard case .answer(let answer) = ConsoleRoutes.handle(again, try story.page(), story.data) else { continue }
            #expect(answer.status == 304 && answer.text.isEmpty)
        }
    }

    @Test(
        "a few pages as they are, word for word",
        arguments: [
            ("incident", "/incidents/i3", .english), ("overview", "/", .french),
            ("silence", "/silences/new?matchers=a%3Db", .french),
        ] as [(String, String, Language)])
    func golden(_ name: String, _ path: String, _ language: Language) throws {
        let body = try ConsoleScenario.afternoon().get(path, language, role: .responder).body
        let main = try #require(body.components(separatedBy: "<main id=\"main\" tabindex=\"-1\">\n").dropFirst().first)
        let text = main.components(separatedBy: "\n</main>")[0]
        // Drawings say nothing.
        let bare = text.replacing(try Regex("<svg class=\"(icon|spark)\".*?</svg>"), with: "")
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
        Golden.expect(bare + "\n", in: folder.appending(path: "\(name)-\(language.rawValue).html"))
    }

    @Test("what a page listens for is something that is told, and each region can be found again")
    func topics() throws {
        let story = try ConsoleScenario.afternoon()
        // As ``LiveHub`` names what changed.
        let told: Set<String> = [
            "alerts", "incidents", "silences", "maintenance", "releases", "oncall", "heartbeats", "signals",
        ]
        var heard: Set<String> = []
        for (name, path) in ConsoleAccessibilityTests.pages {
            let body = try story.get(path).body
            for tag in body.components(separatedBy: "<").filter({ $0.contains(" data-live=\"") }) {
                #expect(tag.contains(" id=\""), "\(name): \(tag.prefix(100))")
                let topics = tag.components(separatedBy: "data-live=\"")[1].prefix { $0 != "\"" }
                heard.formUnion(topics.split(separator: " ").map(String.init))
            }
        }
        #expect(heard.subtracting(told).isEmpty)
        #expect(heard.count > 4)
    }
}
