import Planning
import Spec
import TestKit
import Testing

/// Levels, purposes, waivers and files: what decides whether a guideline's finding is said, and how loudly.
@Suite struct GuidelineCourtTests {
    private let services = """
        hauban: 1
        platform: shop
        services:
          api: {source: api, run: ./api, port: 80, metrics: /metrics, size: {cpu: 1}}
        oncall: {primary: {rotation: {people: [ana, ben]}}}

        """

    private func judge(_ rest: String, files: [String: String?]? = nil) throws -> Judgement {
        let today = try #require(BadPlatform.today)
        let parsed = ParsedPlatform.parse(text: services + rest + "\n", name: "hauban.yaml")
        var judgement = Policies.judge(parsed, today: today)
        judgement.add(Guidelines.judge(parsed, today: today, files: files.map { RepositoryFiles($0) }))
        return judgement
    }

    /// The findings of one rule, as `severity environment`.
    private func said(_ id: String, _ rest: String, files: [String: String?]? = nil) throws -> [String] {
        try judge(rest, files: files).diagnostics.filter { $0.code == id }
            .map { "\($0.severity.rawValue) \($0.environment ?? "everywhere")" }
    }

    @Test("a finding weighs what its environment's purpose makes it weigh")
    func purposes() throws {
        #expect(try said("no-probes", "environments: {laptop: {target: local}}") == ["note everywhere"])
        #expect(try said("no-probes", "environments: {prod: {target: docker}}") == ["warning everywhere"])
        #expect(
            try said("single-replica", "environments: {a: {target: kubernetes, tag: v*}}") == ["warning everywhere"])
        #expect(try said("single-replica", "environments: {a: {target: kubernetes, branch: main}}") == [])
        #expect(
            try said("single-replica", "environments: {a: {target: kubernetes, branch: main, purpose: production}}")
                == ["warning everywhere"])
        #expect(
            try said("single-replica", "environments: {prod: {target: kubernetes, purpose: development}}") == [])
    }

    @Test(
        "what an environment is for is found out",
        arguments: [
            ("{target: local}", "development"), ("{target: docker}", "development"),
            ("{target: docker, branch: main}", "staging"), ("{target: docker, domain: a.example}", "staging"),
            ("{target: docker, domain: a.example, reload: true}", "development"),
            ("{target: docker, domain: a.example, open-ports: true}", "development"),
            ("{target: docker, tag: v*}", "production"),
            ("{target: docker, branch: main, requires: {approval: 1}}", "production"),
            ("{target: docker, branch: main, purpose: development}", "development"),
        ])
    func foundOut(_ environment: String, _ purpose: String) throws {
        let parsed = ParsedPlatform.parse(text: services + "environments: {a: \(environment)}\n", name: "hauban.yaml")
        let name = try #require(EnvironmentName("a"))
        let platform = try #require(parsed.environments[name])
        #expect(platform.purpose(of: name).rawValue == purpose)
    }

    @Test("what others must be like is production, and so is what is called so")
    func models() throws {
        let text = """
            environments:
              next: {target: docker, branch: main, like: main}
              main: {target: docker, branch: release}
              production-eu: {target: docker, branch: main}
              dev-eu: {target: docker, branch: main}

            """
        let platform = try #require(ParsedPlatform.parse(text: services + text, name: "hauban.yaml").base)
        let purposes = platform.environments.keys.sorted().map { "\($0) \(platform.purpose(of: $0))" }
        #expect(purposes == ["dev-eu development", "main production", "next staging", "production-eu production"])
    }

    @Test("`policies` sets another level, in the base or in one environment, and turns off")
    func levels() throws {
        let both = "environments: {prod: {target: docker}, live: {target: docker%@}}"
        func text(_ overlay: String) -> String { both.replacing("%@", with: overlay) }
        #expect(try said("no-probes", text("")) == ["warning everywhere"])
        #expect(try said("no-probes", "policies: {no-probes: off}\n" + text("")) == [])
        #expect(try said("no-probes", "policies: {no-probes: error}\n" + text("")) == ["error everywhere"])
        #expect(try said("no-probes", text(", policies: {no-probes: off}")) == ["warning prod"])
        // What weighs most somewhere is said as that, there first, and once.
        #expect(try said("no-probes", text(", policies: {no-probes: error}")) == ["error everywhere"])
        #expect(
            try said("no-probes", "policies: {no-probes: off}\n" + text(", policies: {no-probes: note}"))
                == ["note live"])
    }

    @Test("a level for a policy that does not exist is an error that knows the nearest")
    func unknown() throws {
        let findings = try judge("policies: {no-prob: off}").diagnostics.filter { $0.id == .unknownRule }
        #expect(findings.map(\.message) == ["there is no policy 'no-prob'"])
        #expect(findings.first?.fix?.replacement == "no-probes")
        #expect(findings.first?.span == Span(line: 6, column: 12, length: 7))
    }

    @Test("a waiver sets a guideline's finding aside until its day, and is told of when it sets nothing aside")
    func waivers() throws {
        func waiver(_ rest: String, _ day: String = "2027-01-01") -> String {
            "environments: {prod: {target: docker}}\n"
                + "waivers: {w: {\(rest), reason: it is to come, owner: ana, expires: \(day)}}"
        }
        let waived = try judge(waiver("rule: no-probes, scope: services.api"))
        #expect(!waived.diagnostics.contains { $0.code == "no-probes" })
        #expect(waived.waived.map(\.finding.code) == ["no-probes"])
        #expect(waived.waived.map(\.waiver.text) == ["w"])
        #expect(!waived.diagnostics.contains { $0.rule == nil })
        #expect(try said("no-probes", waiver("rule: no-probes, environment: prod")) == [])
        #expect(try said("no-probes", waiver("rule: no-probes, scope: services.web")) == ["warning everywhere"])
        #expect(try said("waiver-unused", waiver("rule: no-probes, scope: services.web")) == ["warning everywhere"])
        #expect(try said("waiver-unused", waiver("rule: old-tls")) == ["warning everywhere"])
        #expect(try said("no-probes", waiver("rule: no-probes", "2026-11-20")) == ["warning everywhere"])
        #expect(try said("waiver-expired", waiver("rule: no-probes", "2026-11-20")) == ["error everywhere"])
        #expect(try said("waiver-unused", waiver("rule: no-probes", "2026-11-20")) == [])
        #expect(try said("unknown-rule", waiver("rule: no-prob")) == ["error everywhere"])
    }

    @Test("a waiver for a file covers that file or folder, and is not judged where nobody looked at files")
    func fileWaivers() throws {
        func waiver(_ file: String) -> String {
            "waivers: {w: {rule: docker-root, file: \(file), reason: later, owner: ana, expires: 2027-01-01}}"
        }
        let files: [String: String?] = [
            "api/Dockerfile": "FROM python:3.12\n", "api/tools/Dockerfile": "FROM python:3.12\n",
            "apiary/Dockerfile": "FROM python:3.12\n", "README.md": nil,
        ]
        func left(_ text: String) throws -> [String] {
            try judge(text, files: files).diagnostics.filter { $0.code == "docker-root" }.compactMap(\.file)
        }
        #expect(try left("") == ["api/Dockerfile", "api/tools/Dockerfile", "apiary/Dockerfile"])
        #expect(try left(waiver("api")) == ["apiary/Dockerfile"])
        #expect(try left(waiver("api/Dockerfile")) == ["api/tools/Dockerfile", "apiary/Dockerfile"])
        #expect(try left(waiver("web")) == ["api/Dockerfile", "api/tools/Dockerfile", "apiary/Dockerfile"])
        #expect(try said("waiver-unused", waiver("web"), files: files) == ["warning everywhere"])
        #expect(try said("waiver-unused", waiver("web")) == [])
        #expect(try said("waiver-unused", waiver("api"), files: files) == [])
    }

    @Test("a file that is for development by its name is judged as development")
    func developmentFiles() throws {
        let text = "services: {db: {image: 'postgres:17.2', ports: ['5432:5432']}}\n"
        let names = ["compose.yaml", "compose.override.yml", "docker-compose.dev.yml", "devices/compose.yaml"]
        let files = Dictionary(names.map { ($0, text as String?) }) { first, _ in first }
        let found = try judge("environments: {prod: {target: docker}}", files: files).diagnostics
            .filter { $0.code == "compose-database-port" }.map { "\($0.file ?? "") \($0.severity.rawValue)" }
        #expect(
            found == [
                "compose.override.yml warning", "compose.yaml error", "devices/compose.yaml error",
                "docker-compose.dev.yml warning",
            ])
    }

    @Test("a file's finding is said at its place in that file, in text, JSON and SARIF, without its secret")
    func reports() throws {
        let dockerfile = "FROM python:3.12\n# it is to go\nENV DB_PASSWORD=hunter2hunter2\n"
        let judgement = try judge("", files: ["api/Dockerfile": dockerfile])
        let findings = judgement.diagnostics.filter { $0.code == "docker-secret" }
        let source = SourceText(name: "hauban.yaml", text: services)
        let other = SourceText(name: "api/Dockerfile", text: dockerfile)
        let text = TextReport(source: source, others: [other]).text(judgement.diagnostics)
        #expect(text.contains("api/Dockerfile:3:17: error: `ENV DB_PASSWORD` stays in the image [docker-secret]"))
        #expect(text.contains("| ENV DB_PASSWORD=**************"))
        let json = JSONReport(source: source).text(findings)
        #expect(json.contains("\"file\": \"api/Dockerfile\"") && json.contains("\"id\": \"docker-secret\""))
        let sarif = SARIFReport(source: source).text(judgement.diagnostics)
        #expect(sarif.contains("\"uri\": \"api/Dockerfile\"") && sarif.contains("\"ruleId\": \"docker-secret\""))
        #expect(sarif.contains("\"text\": \"A secret in an image\""))
        for report in [text, json, sarif] { #expect(!report.contains("hunter2")) }
    }

    @Test("nothing is said of a platform that could not be read, nor of what could not be read")
    func unreadable() throws {
        let today = try #require(BadPlatform.today)
        let broken = ParsedPlatform.parse(text: "hauban: [", name: "hauban.yaml")
        #expect(Guidelines.judge(broken, today: today).diagnostics.isEmpty)
        let text = """
            services: {a: {source: a, run: ./a, port: 80, health: [[]], size: [[]], scale: [[]], slo: [[]]}}
            environments: {prod: {target: kubernetes, requires: [[]], tls: [[]]}}

            """
        let parsed = ParsedPlatform.parse(text: "hauban: 1\nplatform: shop\n" + text, name: "hauban.yaml")
        let said = Set(Guidelines.judge(parsed, today: today).diagnostics.map(\.code))
        #expect(said.isDisjoint(with: ["no-probes", "no-limits", "single-replica", "no-slo", "no-approval", "no-tls"]))
    }

    @Test("any text that calls itself a Dockerfile, a Compose file or a workflow is read to its end")
    func anyText() throws {
        var random = SeededGenerator(seed: 5)
        let texts = Guidelines.all.filter { $0.subject != .platform }.map { ($0.subject.rawValue, Array($0.bad.utf8)) }
        let odd = Array("\\\n\"'#|&;<<EOF ${{ }}: -[]{}\t\u{e9}\u{1F6A2}\r\0*&!".utf8)
        var said = 0
        for round in 0..<600 {
            guard let (name, text) = texts.randomElement(using: &random) else { return }
            var bytes = text
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch round % 3 {
                case 0: bytes[place] = odd.randomElement(using: &random) ?? 0
                case 1: bytes.insert(contentsOf: odd.shuffled(using: &random).prefix(4), at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 5))
                }
                if bytes.isEmpty { bytes = [0x0a] }
            }
            let mutated = String(decoding: bytes, as: UTF8.self)
            let source = SourceText(name: name, text: mutated)
            for finding in Guidelines.judge(RepositoryFiles([name: mutated])) {
                said += 1
                let span = try #require(finding.span)
                #expect(source.line(span.line) != nil, "\(finding.code) at line \(span.line)")
            }
        }
        #expect(said > 200)
    }
}
