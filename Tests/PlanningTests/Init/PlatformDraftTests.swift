import FoundationEssentials
import Planning
import Spec
import Testing

@Suite("A draft of hauban.yaml")
struct PlatformDraftTests {
    /// One folder of Golden/init.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let folder: String

        var testDescription: String { name }

        var files: [String: String?] {
            let manager = FileManager.default
            var files: [String: String?] = [:]
            for path in (try? manager.subpathsOfDirectory(atPath: folder)) ?? [] where path != "expected.yaml" {
                var isFolder = false
                let whole = folder + "/" + path
                guard manager.fileExists(atPath: whole, isDirectory: &isFolder), !isFolder else { continue }
                // Swift files would be compiled with the tests, so that they carry a further suffix.
                let name = path.hasSuffix(".given") ? String(path.dropLast(6)) : path
                files.updateValue(RepositoryFiles.wantsContent(of: name) ? Case.text(whole) : nil, forKey: name)
            }
            return files
        }

        var expected: String? { Case.text(folder + "/expected.yaml") }

        static func text(_ path: String) -> String? {
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        }

        var draft: PlatformDraft? { PlatformDraft.make(name: name, files: RepositoryFiles(files)) }
    }

    static let cases: [Case] = {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let golden = "/\(folder)/Golden/init"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: golden)) ?? []
        return names.sorted().map { Case(name: $0, folder: "\(golden)/\($0)") }
    }()

    @Test("each repository gives the file that was agreed on", arguments: cases)
    func golden(_ one: Case) throws {
        let text = one.draft?.text ?? ""
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil, !text.isEmpty {
            try Data(text.utf8).write(to: URL(filePath: one.folder + "/expected.yaml"))
            Issue.record("recorded \(one.name)")
        }
        #expect(text == one.expected ?? "")
    }

    @Test("each file passes the check without an error or a warning", arguments: cases)
    func passesCheck(_ one: Case) throws {
        guard let draft = one.draft else {
            #expect(one.name == "empty")
            return
        }
        let parsed = ParsedPlatform.parse(text: draft.text, name: "hauban.yaml")
        let today = try #require(CalendarDate(year: 2026, month: 11, day: 21))
        let findings = Policies.check(parsed, today: today, files: FileFacts(existing: one.files.keys))
        #expect(findings.isEmpty, "\(TextReport(source: parsed.source, colour: false).text(findings))")
        #expect(parsed.base?.services.isEmpty == false)
    }

    @Test("no secret of a repository stands in its file", arguments: cases)
    func hidesSecrets(_ one: Case) {
        let text = one.draft?.text.lowercased() ?? ""
        // Every planted value has this word in it.
        #expect(!text.contains("planted"))
    }

    @Test("the cases do plant secrets, in Compose files, examples, commands and URLs")
    func secretsArePlanted() {
        let planted = Self.cases.filter { one in one.files.values.contains { $0?.contains("planted") == true } }
        #expect(planted.count >= 6)
        #expect(Self.cases.count >= 12)
    }

    @Test("a repository without services gives no file")
    func empty() {
        #expect(PlatformDraft.make(name: "x", files: RepositoryFiles(["README.md": nil])) == nil)
    }

    @Test(
        "names that the language refuses become names that it accepts",
        arguments: [
            ("mail_service", "mail-service"), ("9lives", "lives"), ("API.Gateway", "api-gateway"), ("-x-", "x"),
        ])
    func names(_ given: String, _ expected: String) throws {
        let compose = "services:\n  \(given):\n    build: src\n    command: run\n    ports: ['80:80']\n"
        let files: [String: String?] = ["compose.yaml": compose, "src/go.mod": "module x", "src/main.go": nil]
        let draft = try #require(PlatformDraft.make(name: "x", files: RepositoryFiles(files)))
        #expect(draft.services == [expected])
    }

    @Test("an alias that grows without end is refused, not followed")
    func billionLaughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(ForeignYAML.read(text) == nil)
        #expect(ForeignYAML.read("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n")?.entry("c")?.value.entry("b") != nil)
    }
}
