import Response

extension Route {
    /// What Alertmanager's clients know as the receiver.
    var receiver: String { policy ?? name }
}

extension Rulebook {
    /// Every receiver once: what takes everything, then the others in the order of their routes.
    var receivers: [String] {
        let root = routes.lastIndex { $0.matchers.isEmpty }.map { [routes[$0]] } ?? []
        return (root + routes).reduce(into: []) { found, route in
            if !found.contains(route.receiver) { found.append(route.receiver) }
        }
    }

    /// The routes as a configuration of Alertmanager: what `amtool config show` prints and `amtool config routes` reads.
    ///
    /// Its tree has a root that takes everything: ours is the last route without matchers.
    var alertmanagerText: String {
        var lines = ["global:", "  resolve_timeout: \(Self.text(resolveTimeout))", "route:"]
        let root = routes.lastIndex { $0.matchers.isEmpty }
        var listed = receivers
        if let root {
            lines += Self.lines(of: routes[root]).map { "  \($0)" }
        } else {
            listed.append("nobody")
            lines.append("  receiver: nobody")
        }
        var children = Array(routes[..<(root ?? routes.endIndex)])
        // There, what a child took does not come to the root; here it does when the child says that it goes on.
        if let root, children.contains(where: \.continues) { children.append(routes[root]) }
        if !children.isEmpty { lines.append("  routes:") }
        for route in children {
            var own = Self.lines(of: route)
            if !route.matchers.isEmpty {
                own.append("matchers:")
                own += route.matchers.map { "- \(Self.quoted($0.description))" }
            }
            if route.continues { own.append("continue: true") }
            for (index, line) in own.enumerated() { lines.append((index == 0 ? "  - " : "    ") + line) }
        }
        if !inhibitions.isEmpty { lines.append("inhibit_rules:") }
        for rule in inhibitions {
            lines.append("- source_matchers:")
            lines += rule.sources.map { "  - \(Self.quoted($0.description))" }
            lines.append("  target_matchers:")
            lines += rule.targets.map { "  - \(Self.quoted($0.description))" }
            if !rule.equal.isEmpty { lines.append("  equal: [\(rule.equal.map(Self.quoted).joined(separator: ", "))]") }
        }
        lines.append("receivers:")
        lines += listed.map { "- name: \(Self.quoted($0))" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of route: Route) -> [String] {
        var lines = ["receiver: \(quoted(route.receiver))"]
        switch route.grouping {
        case .by(let names): lines.append("group_by: [\(names.sorted().map(quoted).joined(separator: ", "))]")
        case .each: lines.append("group_by: ['...']")
        }
        // Alertmanager takes no interval of nothing.
        lines.append("group_wait: \(text(route.timing.wait))")
        lines.append("group_interval: \(text(max(route.timing.interval, .seconds(1))))")
        lines.append("repeat_interval: \(text(max(route.timing.repeatAfter, .seconds(1))))")
        return lines
    }

    private static func text(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    /// A JSON string is a YAML scalar.
    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.write(text)
        return writer.text
    }
}
