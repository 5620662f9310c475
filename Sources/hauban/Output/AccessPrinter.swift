import Delivery
import World

/// Prints requests: time, status, method and target, how long, who answered, who asked.
struct AccessPrinter: Sendable {
    let terminal: Terminal
    let json: Bool

    func print(_ entry: AccessEntry) { terminal.line(json ? entry.line : text(entry)) }

    private func text(_ entry: AccessEntry) -> String {
        func value(_ key: String) -> String { LogPrinter.visible(entry.values[key]?.display ?? "") }
        let status = value("status")
        let style: Terminal.Style = status.hasPrefix("5") ? .red : status.hasPrefix("4") ? .yellow : .green
        let who =
            value("service").isEmpty
            ? value("reason") : value("service") + "." + value("replica") + "@" + value("release")
        let parts = [
            terminal.paint(String(value("time").dropFirst(11).prefix(12)), .dim), terminal.paint(status, style),
            value("method"), value("host") + value("target"), terminal.paint(value("durationMs") + " ms", .dim),
            value("service").isEmpty || value("reason").isEmpty ? who : "\(who) (\(value("reason")))", value("client"),
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "  ")
    }
}
