import Foundation
import Spec
import Testing

@testable import Planning

@Suite struct PromiseTests {
    private static func yaml(_ slo: String) -> String {
        """
        hauban: 1
        platform: shop
        services: {api: {source: api, run: ./api, port: 8000, metrics: /metrics, slo: \(slo)}}
        environments: {test: {target: docker}}
        """
    }

    @Test("burn rates spend the same share of a budget, whatever it is counted over, and never less than it allows")
    func windows() throws {
        for (window, factors) in [("30d", ["14.4", "6", "3", "1"]), ("7d", ["3.36", "1.4", "1", "1"])] {
            let subject = try MonitoringTests.subject(of: Self.yaml("{availability: 99%, window: \(window)}"))
            let rendering = MonitoringRenderer().render(subject)
            let rules = try #require(rendering.artifacts.first { $0.path.hasSuffix("rules/objectives.yml") }).text
            for factor in factors { #expect(rules.contains("> \(factor) * 0.01\n"), "\(window) \(factor)") }
            #expect(rules.contains("of the budget of "))
        }
        let quick = try MonitoringTests.subject(of: Self.yaml("{availability: 99%, window: 7d}"))
        try MonitoringTests.judge([MonitoringRenderer().render(quick)])
    }

    @Test("an aggregation that names its labels first is no series")
    func series() {
        #expect(PromNames.series(in: "sum by (le) (rate(a_bucket[5m]))") == ["a_bucket"])
        #expect(PromNames.series(in: "max without(x) (b) > on (y) group_left c") == ["b", "c"])
    }

    @Test("a runbook is begun for each alert whose file is not there, and never over one that is")
    func runbooks() throws {
        let yaml = """
            hauban: 1
            platform: shop
            services: {api: {source: api, run: ./api, port: 8000, metrics: /metrics}}
            environments: {test: {target: docker}, prod: {target: kubernetes}}
            alerts:
              one: {when: errors(api) > 1%, runbook: books/api.md}
              two: {when: p95(api) > 2s, runbook: books/api.md}
              three: {promql: "up == 0"}
              four: {when: up(api) < 1, runbook: books/ours.md}
            """
        let parsed = ParsedPlatform.parse(text: yaml, name: "hauban.yaml")
        let files = RepositoryFiles(["books/ours.md": "Ours."])
        let subject = try #require(RenderSubject(parsed, files: files))
        let books = MonitoringRenderer().render(subject).artifacts.filter { $0.path.hasSuffix(".md") }
        #expect(books.map(\.path) == ["books/api.md", "runbooks/three.md"])
        #expect(books[0].text.contains("# one\n") && books[0].text.contains("# two\n"))
        for book in books {
            for part in ["## What it means", "## How to look", "## What to do"] { #expect(book.text.contains(part)) }
        }
    }
}
