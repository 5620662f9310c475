import Planning
import Spec

/// A verification for people.
enum VerificationText {
    static func lines(_ report: VerificationReport, _ terminal: Terminal) -> [String] {
        var table = TextTable(["", "KIND", "SUBJECT", "MEASURED", "LIMIT"])
        for finding in report.findings {
            table.add([
                mark(finding.outcome), finding.kind.rawValue, finding.subject, finding.measured ?? "-",
                finding.limit ?? "-",
            ])
        }
        guard !table.isEmpty else { return [] }
        var lines: [String] = []
        for (index, line) in table.lines.enumerated() {
            lines.append(line)
            guard index > 0 else { continue }
            let finding = report.findings[index - 1]
            if finding.outcome != .met, let reason = finding.reason {
                lines.append(terminal.paint("      \(reason)", finding.outcome == .notMet ? .red : .yellow))
            }
        }
        return lines
    }

    private static func mark(_ outcome: VerificationFinding.Outcome) -> String {
        switch outcome {
        case .met: "✓"
        case .notMet: "✗"
        case .unknown: "?"
        }
    }

    /// What was just asked.
    static func subject(of fact: VerificationFact) -> String {
        switch fact.seen {
        case .route(let route, _): "route \(route.text)"
        case .closedPort(let owner, let place, _): "port of \(owner) at \(place)"
        case .resource(let name, _, _): "resource \(name)"
        case .api(_, let replica, let question, _): "\(replica) \(question)"
        case .metrics(_, let replica, let path, _): "\(replica) \(path)"
        case .targets(let url, _): "Prometheus \(url)"
        case .tls(let version, _): "TLS \(version)"
        case .certificate(let host, _): "certificate of \(host)"
        case .smoke(let request, _): "smoke request \(request.text)"
        case .flow(let name, _, _): "flow \(name)"
        case .incident: "an alert becomes an incident"
        case .measures: "limits"
        }
    }
}
