import ControlPlane
import Foundation
import Response
import Spec
import Testing

/// Pages with 100,000 alerts and 10,000 incidents behind them: what they show stays a window, and they say how long they took.
@Suite("The console with much behind it", .serialized)
struct ConsoleScaleTests {
    private static let alerts = 100_000
    private static let incidents = 10_000

    private static let crowd = Result { try makeCrowd() }

    /// Put together from parts, as after a restart.
    private static func makeCrowd() throws -> ConsoleScenario {
        var story = try ConsoleScenario()
        let now = story.now
        var parts: [Part] = []
        parts.reserveCapacity(alerts + incidents)
        let levels = ["critical", "high", "medium", "low"]
        for index in 0..<alerts {
            let labels = LabelSet([
                .init(name: "alertname", value: "Alert\(index % 97)"), .init(name: "instance", value: "host-\(index)"),
                .init(name: "job", value: "node"), .init(name: "service", value: "service-\(index % 500)"),
                .init(name: "severity", value: levels[index % 4]), .init(name: "zone", value: "eu-\(index % 3)"),
            ])
            parts.append(
                .alert(
                    Alert(
                        labels: labels, annotations: ["summary": "host-\(index) is not well"],
                        startsAt: now - .seconds(index % 9000), endsAt: now + .seconds(86_400 * 30),
                        updatedAt: now - .seconds(60))))
        }
        var archive: [Incident] = []
        for index in 0..<incidents {
            let opened = now - .seconds(index * 300)
            var incident = Incident(
                id: "i\(incidents - index)", title: "Service \(index % 500) is not well",
                severity: Level.allCases[index % 4], opened: opened, service: "service-\(index % 500)")
            if index >= 200 {
                try incident.resolve(by: .person("ana"), now: opened + .seconds(600))
                archive.append(incident)
            } else {
                parts.append(.incident(incident))
            }
        }
        // No route takes them: a responder that groups 100,000 alerts is measured elsewhere.
        var rules = story.responder.rules
        rules.routes = []
        story.responder = Responder(rules: rules, parts: parts, now: now)
        story.data.responder = story.responder
        story.data.archive = archive
        return story
    }

    @Test("lists are windows of 50 rows, whatever is behind them")
    func windows() throws {
        let story = try Self.crowd.get()
        let clock = ContinuousClock()
        func rows(_ path: String) throws -> Int {
            var body = ""
            let took = try clock.measure { body = try story.get(path).body }
            print("console: \(path) \(took.milliseconds) ms, \(body.utf8.count / 1024) KiB")
            return body.components(separatedBy: "<tr data-row").count - 1
        }
        #expect(try rows("/") == 40)
        #expect(try rows("/alerts") == 50)
        #expect(try rows("/alerts?q=service%3Dservice-7&severity=low") == 50)
        #expect(try rows("/alerts?q=instance%3D~%22host-77.%22") == 10)
        #expect(try rows("/alerts?state=muted") == 0)
        #expect(try rows("/alerts?state=told") == 50)
        #expect(try rows("/incidents") == 50)
        #expect(try rows("/incidents?state=all") == 50)
        #expect(try rows("/incidents?state=resolved&q=service+499") == 20)
        #expect(try rows("/incidents/i9999") == 0)
        #expect(try rows("/silences") == 0)
        #expect(try rows("/figures?days=90") == 100)
    }

    @Test("who follows a list to its end sees each row once")
    func cursors() throws {
        let story = try Self.crowd.get()
        func walk(_ path: String, _ part: String) throws -> [String] {
            var next: String? = path
            var found: [String] = []
            while let address = next {
                let body = try story.get(address).body
                let table = body.components(separatedBy: "<tbody>").dropFirst().first ?? ""
                found += table.components(separatedBy: "href=\"\(part)").dropFirst().map {
                    String($0.prefix { $0 != "\"" })
                }
                next = body.components(separatedBy: "rel=\"next\" href=\"").dropFirst().first
                    .map { String($0.prefix { $0 != "\"" }).replacing("&amp;", with: "&") }
            }
            return found
        }
        let alerts = try walk("/alerts?q=service%3Dservice-7", "/alerts/")
        #expect(alerts.count == 200 && Set(alerts).count == 200)
        let incidents = try walk("/incidents?state=all&service=service-7", "/incidents/")
        #expect(incidents.count == 20 && Set(incidents).count == 20)
        let open = try walk("/incidents", "/incidents/")
        #expect(open.count == 200 && Set(open).count == 200)
        #expect(open.first == "i10000" && open.last == "i9801")
    }
}
