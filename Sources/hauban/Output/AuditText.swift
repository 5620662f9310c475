package import ControlPlane
import Response

/// What `audit check` prints.
package enum AuditText {
    package struct Document: Encodable {
        struct Line: Encodable {
            var number: Int
            var at: String
            var who: String
            var what: String
            var on: String
        }

        struct Finding: Encodable {
            var line: Int
            var what: String
        }

        var ok: Bool
        var entries: Int
        var first: Line?
        var last: Line?
        var end: String?
        var finding: Finding?

        package init(_ report: AuditReport) {
            func line(_ line: AuditLine) -> Line {
                Line(
                    number: line.number, at: line.at.description, who: line.event.who, what: line.event.what,
                    on: line.event.on)
            }
            ok = report.finding == nil
            entries = report.entries
            first = report.first.map(line)
            last = report.last.map(line)
            end = report.end?.text
            finding = report.finding.map { Finding(line: $0.firstWrong, what: $0.description) }
        }
    }

    package static func lines(_ report: AuditReport, _ clock: WallClock) -> [String] {
        let count = "\(report.entries) \(report.entries == 1 ? "entry" : "entries")"
        var lines = [report.finding.map { "\(count), and \($0)" } ?? "\(count), as they were written"]
        func show(_ name: String, _ line: AuditLine?) {
            guard let line else { return }
            let event = line.event
            lines.append("  \(name)  \(line.number)  \(clock.fine(line.at))  \(event.who): \(event.what), \(event.on)")
        }
        show("first", report.first)
        show("last ", report.last)
        if let end = report.end { lines.append("  end    \(end.text)") }
        return lines
    }
}
