import Foundation
import Planning
import Spec
import TestKit
import Testing

private let repository = Golden.repository()

/// Runs a tool of Prometheus in a folder.
/// - Returns: its exit code and everything that it said.
private func run(_ tool: String, _ arguments: [String], in folder: URL) throws -> (code: Int32, said: String) {
    let log = folder.appending(path: "said-\(UUID().uuidString).txt")
    try Data().write(to: log)
    defer { try? FileManager.default.removeItem(at: log) }
    let handle = try FileHandle(forWritingTo: log)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "--kill-after=5", "120", tool] + arguments
    process.currentDirectoryURL = folder
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    try handle.close()
    return (process.terminationStatus, String(decoding: try Data(contentsOf: log), as: UTF8.self))
}

@Suite("Monitoring rendered from the five platforms")
struct MonitoringTests {
    static let examples = [
        "cognitive-sprint", "consciousness-engine", "incident-platform", "personal-assistant", "skillforge",
    ]

    static func subject(_ name: String) throws -> RenderSubject {
        let file = repository.appending(path: "Examples/\(name)/hauban.yaml")
        let parsed = ParsedPlatform.parse(bytes: Array(try Data(contentsOf: file)), name: "hauban.yaml")
        let folder = file.deletingLastPathComponent().path
        var files: [String: String?] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            files.updateValue(nil, forKey: path)
        }
        return try #require(RenderSubject(parsed, files: RepositoryFiles(files)))
    }

    static func subject(of yaml: String) throws -> RenderSubject {
        try #require(
            RenderSubject(ParsedPlatform.parse(text: yaml, name: "hauban.yaml"), files: RepositoryFiles([:])))
    }

    /// Writes what was rendered and gives it to the tools, each of which starts a few times for all files.
    static func judge(_ renderings: [Rendering]) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "hauban-render-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        var files: [String] = []
        for (number, rendering) in renderings.enumerated() {
            for artifact in rendering.artifacts {
                let path = "\(number)/\(artifact.path)"
                let file = root.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(artifact.text.utf8).write(to: file)
                files.append(path)
            }
        }
        for (part, words, atOnce) in [
            ("/prometheus/prometheus.yml", "check config --syntax-only", 1), ("/prometheus/rules/", "check rules", 100),
            ("/prometheus/tests/", "test rules", 1),
        ] {
            let meant = files.filter { $0.contains(part) }
            try #require(!meant.isEmpty)
            try Data(meant.map { $0 + "\0" }.joined().utf8).write(to: root.appending(path: "files"))
            let line = "xargs -0 -n \(atOnce) -P 2 promtool \(words) < files"
            let judged = try run("sh", ["-c", line], in: root)
            #expect(judged.code == 0, "\(judged.said)")
        }
    }

    @Test("what is rendered is what was agreed on", arguments: examples)
    func golden(_ name: String) throws {
        let rendering = MonitoringRenderer().render(try Self.subject(name))
        let folder = repository.appending(path: "Tests/PlanningTests/Golden/monitoring/\(name)")
        for artifact in rendering.artifacts { Golden.expect(artifact.text, in: folder.appending(path: artifact.path)) }
        Golden.expect(
            rendering.diagnostics.map { "\($0.severity.rawValue): \($0.message)\n" }.joined(),
            in: folder.appending(path: "diagnostics.txt"))
        let recorded = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        let files = recorded.filter { [".yml", ".json", ".alloy", ".md"].contains(where: $0.hasSuffix) }
        #expect(files.sorted() == rendering.artifacts.map(\.path).sorted())
    }

    @Test(
        "promtool accepts the configuration and the rules, and each alert fires and is silent as tried, those of clusters too"
    )
    func promtoolAgrees() throws {
        let clusters =
            try [KubernetesFixture.subject(of: KubernetesFixture.watched)]
            + KubernetesRendererTests.clustered.map { try Self.subject($0) }
        let ruled = clusters.map(ClusterRules.rendering)
        #expect(ruled.allSatisfy { $0.artifacts.count { $0.path.contains("/rules/") } >= 4 })
        let renderings = try Self.examples.map { MonitoringRenderer().render(try Self.subject($0)) } + ruled
        for rendering in renderings { Self.expectTrials(rendering) }
        try Self.judge(renderings)
    }

    /// Each alert is tried, to fire where anybody knows what makes it fire, and to be silent.
    static func expectTrials(_ rendering: Rendering) {
        let known = rendering.artifacts.filter { $0.path.contains("/prometheus/rules/") }
        for file in known where !file.path.hasSuffix("/recording.yml") && !file.path.hasSuffix("/burn-rates.yml") {
            let test = file.path.replacing("/rules/", with: "/tests/").replacing(".yml", with: "_test.yml")
            let tried = rendering.artifacts.first { $0.path == test }?.text ?? ""
            for part in file.text.components(separatedBy: "- alert: ").dropFirst() {
                let name = part.prefix { $0 != "\n" }
                let isRaw = file.text.contains("As hauban.yaml has it: what makes it fire only its author knows")
                #expect(tried.contains("# \(name) is silent: ") || name == "target-down", "\(file.path) \(name)")
                #expect(tried.contains("# \(name) fires: ") || name == "target-down" || isRaw, "\(file.path) \(name)")
            }
        }
    }

    @Test("every alert is in a rule of its environment or a diagnostic says why not", arguments: examples)
    func noAlertIsLost(_ name: String) throws {
        let subject = try Self.subject(name)
        let rendering = MonitoringRenderer().render(subject)
        for place in subject.places {
            let texts = rendering.artifacts.filter { $0.path.hasPrefix("deploy/monitoring/\(place.name)/") }
            let findings = rendering.diagnostics.filter { $0.environment == place.name.text }
            let isUnserved = texts.isEmpty && findings.contains { $0.message.hasPrefix("no monitoring is rendered") }
            for alert in place.platform.alerts.keys where !isUnserved {
                let isRule = texts.contains { $0.path.contains("/rules/") && $0.text.contains("alert: \(alert)\n") }
                let isSaid = findings.contains { $0.message.hasPrefix("alert `\(alert)` is in no rule") }
                #expect(isRule != isSaid, "\(alert) of \(place.name)")
            }
        }
    }

    @Test("the same platform gives the same bytes, each file once, with its header", arguments: examples)
    func isStable(_ name: String) throws {
        let one = MonitoringRenderer().render(try Self.subject(name))
        #expect(one == MonitoringRenderer().render(try Self.subject(name)))
        #expect(Set(one.artifacts.map(\.path)).count == one.artifacts.count)
        #expect(one.artifacts.allSatisfy { Artifact.isRendered($0.text) })
    }

    /// Every signal of the language with every comparison.
    @Test("every signal fires and is silent with each comparison, in Compose and in Swarm")
    func everySignal() throws {
        var alerts = ""
        var count = 0
        for (signal, target, bounds) in [
            ("errors", "api", ["5%", "0.5%"]), ("availability", "api", ["99.5%"]), ("p50", "api", ["100ms"]),
            ("p95", "api", ["2s"]), ("p99", "api", ["1500ms"]), ("rate", "api", ["50/s", "30/m"]),
            ("cpu", "api", ["85%"]), ("cpu", "db", ["90%"]), ("memory", "worker", ["85%"]),
            ("memory", "cache", ["50%"]),
            ("disk", "db", ["80%"]), ("connections", "db", ["100"]), ("connections", "cache", ["10"]),
            ("restarts", "worker", ["3"]), ("up", "api", ["1"]), ("up", "worker", ["2"]), ("up", "db", ["1"]),
        ] {
            for bound in bounds {
                for comparison in [">", ">=", "<", "<="] {
                    count += 1
                    alerts += "  a\(count): {when: \(signal)(\(target)) \(comparison) \(bound), for: 10m, level: low}\n"
                }
            }
        }
        let yaml = """
            hauban: 1
            platform: shop
            services:
              api: {source: api, run: ./api, port: 8000, metrics: /metrics, slo: {availability: 90%, latency: {p50: 1s}}}
              worker: {source: worker, run: ./worker, scale: 2}
            resources:
              db: {kind: postgres, storage: 10Gi}
              cache: {kind: redis}
            environments: {one: {target: docker}, several: {target: swarm}}
            alerts:
            \(alerts)
            """
        let rendering = MonitoringRenderer().render(try Self.subject(of: yaml))
        #expect(rendering.diagnostics.allSatisfy { $0.severity == .note })
        let rules = rendering.artifacts.filter { $0.path.hasSuffix("rules/alerts.yml") }
        #expect(rules.map { $0.text.components(separatedBy: "- alert: ").count - 1 } == [count, count])
        try Self.judge([rendering])
    }

    @Test("braces of a summary reach the page as they are written")
    func summariesAreText() throws {
        let yaml = """
            hauban: 1
            platform: shop
            services: {api: {source: api, run: ./api, port: 8000, metrics: /metrics}}
            environments: {test: {target: docker}}
            alerts:
              slow: {when: p95(api) > 2s, level: low, summary: 'see {{ .Nothing }} and "quotes"'}
            """
        try Self.judge([MonitoringRenderer().render(try Self.subject(of: yaml))])
    }
}
