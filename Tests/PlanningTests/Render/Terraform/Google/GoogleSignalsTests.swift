import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite("What Cloud Monitoring is asked")
struct GoogleSignalsTests {
    private struct Told: Decodable {
        struct Board: Decodable {
            struct Layout: Decodable {
                struct Tile: Decodable, Hashable {
                    var xPos: Int
                    var yPos: Int
                    var width: Int
                    var height: Int
                }
                var columns: Int
                var tiles: [Tile]
            }
            var displayName: String
            var mosaicLayout: Layout
        }
        var dashboard: Board
        var queries: Int
        var started: String
        var plain: [String]
        var addresses: [String]
        var filters: [String]
        var burns: [String]
    }

    /// Every signal of the language, of everything that it can be asked of.
    private static func queries() throws -> [String: String] {
        let subject = try GooglePlatform.subject(GooglePlatform.yaml)
        let place = GooglePlace(subject: subject, place: try #require(subject.places.first))
        let signals = GoogleSignals(place: place)
        var queries: [String: String] = [:]
        let conditions = place.platform.alerts.values.compactMap { alert in
            if case .condition(let condition) = alert.trigger { condition } else { nil }
        }
        var condition = try #require(conditions.first { $0.signal == .logs })
        condition.comparison = .above
        for target in ["web", "api", "worker", "nightly", "db", "cache", "orders"] {
            for signal in Condition.Signal.allCases where signal != .spend {
                let bound: Condition.Bound =
                    switch signal.bound {
                    case .percent: .percent(Percent(millionths: 500_000))
                    case .duration: .duration(.milliseconds(1500))
                    case .rate: .rate(Rate(count: 30, per: 60))
                    case .count: .count(3)
                    }
                condition.signal = signal
                condition.target = EdgeName(target)
                condition.bound = bound
                let name = try #require(AlertName("\(target)-\(signal.rawValue)"))
                switch signals.query(name, condition, hold: .seconds(600)) {
                case .query(let query), .logs(_, let query): queries[name.text] = query
                case .impossible, .budget: break
                }
            }
        }
        return queries
    }

    @Test(
        "what modules compute, what Cloud Monitoring is asked and what containers start with is as Terraform, promtool and a shell read it"
    )
    func computed() throws {
        let folder = Golden.repository().appending(path: "Tests/PlanningTests/Golden/terraform-google")
        let modules = [
            GoogleModule.dashboard, .service, .network, .backend, .objective,
        ].flatMap { $0.artifacts(source: "hauban.yaml") }
        let texts = Dictionary(modules.map { ($0.path, $0.text) }) { first, _ in first }
        let queries = try Self.queries()
        #expect(queries.count >= 30)
        let printed = try PythonJudge().run(
            try String(contentsOf: folder.appending(path: "signals.py"), encoding: .utf8),
            files: [
                "modules.json": String(decoding: try JSONEncoder().encode(texts), as: UTF8.self),
                "queries.json": String(decoding: try JSONEncoder().encode(queries), as: UTF8.self),
            ])
        let told = try JSONDecoder().decode(Told.self, from: Data(printed.utf8))
        #expect(told.started == "postgresql://role:it's \"$x\"@10.0.0.1/db?name=$HOME`id`\n")
        #expect(told.plain == ["printenv", "URL", "none"])
        #expect(told.addresses == ["10.0.0.0/20", "10.64.0.0/16", "10.65.0.0/20", "10.0.16.0/20"])
        #expect(told.filters.count == 20)
        #expect(told.filters.first == "evaluatePreconfiguredWaf('sqli-v33-stable', {'sensitivity': 1})")
        #expect(told.filters.last?.hasPrefix("request.path.startsWith('/api') && evaluate") == true)
        #expect(
            told.burns == [
                "availability-page-fast", "availability-page-slow", "availability-ticket-fast",
                "availability-ticket-slow", "latency-p50-ticket-slow", "latency-p95-page-fast",
                "latency-p95-page-slow", "latency-p95-ticket-fast", "latency-p95-ticket-slow",
            ])
        // Two services, a database and a cache: a heading each, four charts or two.
        #expect(told.dashboard.mosaicLayout.tiles.count == 2 * 5 + 5 + 3)
        var taken: Set<[Int]> = []
        for tile in told.dashboard.mosaicLayout.tiles {
            #expect(tile.xPos + tile.width <= told.dashboard.mosaicLayout.columns)
            for x in tile.xPos..<(tile.xPos + tile.width) {
                for y in tile.yPos..<(tile.yPos + tile.height) { #expect(taken.insert([x, y]).inserted) }
            }
        }
        // Three percentiles, traffic, errors, CPU and memory of each service; four of a database, two of a cache.
        #expect(told.queries == queries.count + 2 * 7 + 4 + 2)
    }

    @Test("the alerts of the platform on Google Cloud ask what their conditions say")
    func skillforge() throws {
        let rendering = GoogleTerraform(try RenderedExample.subject("skillforge")).rendering
        let file = try #require(rendering.artifacts.first { $0.path == "deploy/terraform/prod/monitoring.tf" })
        let text = file.text.split(separator: " ").joined(separator: " ")
        for part in [
            "response_code_class=\\\"5xx\\\"}[5m])) or vector(0)) / sum(", "[5m])) > 0.01\"",
            "duration = \"300s\"",
            "histogram_quantile(0.99,", "> 2000\"", "duration = \"600s\"",
            "database_cpu_utilization{monitored_resource=\\\"cloudsql_database\\\",database_id=\\\"skillforge-prod:db\\\"}) > 0.9\"",
            "duration = \"900s\"",
        ] {
            #expect(text.contains(part) as Bool, "\(part)")
        }
    }
}
