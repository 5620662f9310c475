import Delivery
import FoundationEssentials
import World

/// Prints log entries: time, service, severity and message, each service in its colour.
struct LogPrinter: Sendable {
    let terminal: Terminal
    let json: Bool

    func print(_ entry: LogEntry) {
        terminal.clearBottom()
        terminal.line(json ? entry.json.text : text(entry))
    }

    private func text(_ entry: LogEntry) -> String {
        let styles: [Terminal.Style] = [.cyan, .green, .magenta, .blue, .yellow]
        let style = styles[entry.service.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % styles.count]
        let release = entry.release.isEmpty ? "" : "@\(entry.release)"
        let name = "\(entry.service).\(entry.replica)\(release)"
        let pad = String(repeating: " ", count: max(0, 16 - name.count))
        let severity = entry.severity.map { severity -> String in
            let word = "\(severity)".uppercased()
            let shown = word + String(repeating: " ", count: max(0, 8 - word.count))
            switch severity {
            case .error, .critical: return terminal.paint(shown, .red) + " "
            case .warning: return terminal.paint(shown, .yellow) + " "
            case .debug, .info: return terminal.paint(shown, .dim) + " "
            }
        }
        let clock = Timestamp.text(entry.time).dropFirst(11).prefix(12)
        return
            "\(terminal.paint(String(clock), .dim)) \(terminal.paint(name, style))\(pad) \(severity ?? "")\(Self.visible(entry.message))"
    }

    /// A service must not be able to steer the reader's terminal.
    static func visible(_ message: String) -> String {
        String(
            String.UnicodeScalarView(
                message.unicodeScalars.map { scalar in
                    scalar == "\t"
                        || (scalar.value >= 0x20 && scalar.value != 0x7f && !(0x80...0x9f).contains(scalar.value))
                        ? scalar : "\u{FFFD}"
                }))
    }
}
