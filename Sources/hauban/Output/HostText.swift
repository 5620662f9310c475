import Planning

/// The plan of a server as people read it.
struct HostText {
    let terminal: Terminal

    /// One line an item; below what changes, why and how.
    func lines(_ plan: HostPlan, of name: String) -> [String] {
        var lines = [terminal.paint(name, .bold) + ": \(plan.machine)", ""]
        let width = HostItem.Area.allCases.map(\.rawValue.count).max() ?? 0
        for item in plan.items {
            let area = item.area.rawValue + String(repeating: " ", count: width - item.area.rawValue.count)
            let arrow = item.wanted.isEmpty ? "" : item.state == .change ? " → \(item.wanted)" : ": \(item.wanted)"
            lines.append("\(mark(item.state)) \(area)  \(item.found)\(arrow)")
            let indent = String(repeating: " ", count: width + 4)
            if !item.why.isEmpty, item.state != .fine { lines.append(indent + terminal.paint(item.why, .dim)) }
            for step in item.steps where item.state == .change { lines += self.lines(step).map { indent + $0 } }
        }
        return lines
    }

    private func mark(_ state: HostItem.State) -> String {
        switch state {
        case .fine: terminal.paint("✓", .green)
        case .change: terminal.paint("~", .yellow)
        case .yours: terminal.paint("✗", .red)
        case .advice: terminal.paint("!", .cyan)
        }
    }

    private func lines(_ step: HostStep) -> [String] {
        switch step {
        case .run: return ["$ " + step.text]
        case .guarded: return ["$ " + step.text + "  # taken back unless a new session can be opened"]
        case .write(let file):
            return ["\(file.path)\(file.before == nil ? " (new)" : "")"]
                + file.difference.filter { !$0.hasPrefix("@@") || file.before != nil }.map { line in
                    "  " + terminal.paint(line, line.hasPrefix("-") ? .red : line.hasPrefix("+") ? .green : .dim)
                }
        }
    }

    /// The last line: what is left for whom.
    static func summary(_ plan: HostPlan, of name: String) -> String {
        let changes = plan.items.count { $0.state == .change }
        let yours = plan.items.count { $0.state == .yours }
        let left = [
            changes > 0 ? Words.count(changes, "change") : nil,
            yours > 0 ? "\(Words.count(yours, "thing")) that only you can mend (✗)" : nil,
        ].compactMap(\.self)
        return left.isEmpty ? "\(name) is ready." : "\(name): " + left.joined(separator: ", ") + "."
    }
}

/// The plan of a server for programs.
struct HostReport: Encodable {
    struct Item: Encodable {
        let area: HostItem.Area
        let state: HostItem.State
        let found: String
        let wanted: String
        let why: String
        let steps: [Step]
    }

    struct Step: Encodable {
        let command: String?
        let path: String?
        let difference: [String]?
    }

    let host: String
    let machine: String
    let ready: Bool
    let items: [Item]
    /// What this run did, in order.
    let done: [String]

    init(_ plan: HostPlan, of name: String, done: [String]) {
        host = name
        machine = plan.machine
        ready = plan.isDone
        self.done = done
        items = plan.items.map { item in
            Item(
                area: item.area, state: item.state, found: item.found, wanted: item.wanted, why: item.why,
                steps: item.state != .change
                    ? []
                    : item.steps.map { step in
                        switch step {
                        case .run, .guarded: Step(command: step.text, path: nil, difference: nil)
                        case .write(let file): Step(command: nil, path: file.path, difference: file.difference)
                        }
                    })
        }
    }
}
