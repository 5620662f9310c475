package import Response

/// Which receiver is told of an alert, and together with which others: a tree of routes as Alertmanager has it.
package struct Routing: Sendable, Hashable {
    package enum Grouping: Sendable, Hashable {
        case by(Set<String>)
        /// Each label set is a group of its own: `group_by: ['...']`.
        case everything
    }

    /// A node of the tree. Only its own conditions stand here; grouping and timing are inherited where they are `nil`.
    package struct Route: Sendable, Hashable {
        package var receiver: String?
        package var matchers: [Matcher]
        package var grouping: Grouping?
        package var timing: AlertGroup.Timing?
        /// Routes behind this one are asked too.
        package var goesOn: Bool
        package var routes: [Route]

        package init(
            receiver: String? = nil, matchers: [Matcher] = [], grouping: Grouping? = nil,
            timing: AlertGroup.Timing? = nil, goesOn: Bool = false, routes: [Route] = []
        ) {
            self.receiver = receiver
            self.matchers = matchers
            self.grouping = grouping
            self.timing = timing
            self.goesOn = goesOn
            self.routes = routes
        }
    }

    /// Where an alert comes to, with what the route inherited.
    package struct Leaf: Sendable, Hashable {
        /// Unique in the tree.
        package let id: Int
        package let receiver: String
        package let grouping: Grouping
        package let timing: AlertGroup.Timing

        /// What the alerts of a group have in common.
        package func groupLabels(of labels: LabelSet) -> LabelSet {
            switch grouping {
            case .by(let names): labels.restricted(to: names)
            case .everything: labels
            }
        }
    }

    private struct Node: Sendable, Hashable {
        var leaf: Leaf
        var matchers: [Matcher]
        var goesOn: Bool
        var children: [Node]
    }

    package let receivers: [String]
    package let inhibitions: [Inhibition]
    private let root: Node
    private let tree: Route

    /// - Parameters:
    ///   - root: takes every alert that none of its routes takes; its matchers are not asked.
    ///   - fallback: the receiver where the root names none.
    package init(root: Route, receivers: [String], inhibitions: [Inhibition] = [], fallback: String = "default") {
        var named = receivers
        func note(_ route: Route) {
            if let receiver = route.receiver, !named.contains(receiver) { named.append(receiver) }
            route.routes.forEach(note)
        }
        note(root)
        if root.receiver == nil, !named.contains(fallback) { named.append(fallback) }
        self.receivers = named
        self.inhibitions = inhibitions
        tree = root
        var last = 0
        func node(_ route: Route, _ parent: Leaf?) -> Node {
            let leaf = Leaf(
                id: last, receiver: route.receiver ?? parent?.receiver ?? fallback,
                grouping: route.grouping ?? parent?.grouping ?? .by([]),
                timing: route.timing ?? parent?.timing ?? AlertGroup.Timing())
            last += 1
            return Node(
                leaf: leaf, matchers: route.matchers, goesOn: route.goesOn,
                children: route.routes.map { node($0, leaf) })
        }
        self.root = node(root, nil)
    }

    /// The routes that an alert comes to, in the order of the tree (Alertmanager, "Route").
    package func leaves(of labels: LabelSet) -> [Leaf] {
        if root.children.isEmpty { return [root.leaf] }
        var found: [Leaf] = []
        Self.collect(root, labels, &found)
        return found
    }

    private static func collect(_ node: Node, _ labels: LabelSet, _ found: inout [Leaf]) {
        let before = found.count
        for child in node.children where child.matchers.match(labels) {
            collect(child, labels, &found)
            if !child.goesOn { break }
        }
        if found.count == before { found.append(node.leaf) }
    }
}

extension Routing {
    /// The routing as a configuration of Alertmanager: what `amtool config show` prints and `amtool config routes` reads.
    package func alertmanagerText(resolveTimeout: Duration) -> String {
        var lines = ["global:", "  resolve_timeout: \(Self.text(resolveTimeout))", "route:"]
        lines += Self.lines(of: tree, leaf: root.leaf).map { "  \($0)" }
        if !inhibitions.isEmpty { lines.append("inhibit_rules:") }
        for rule in inhibitions {
            lines.append("- source_matchers:")
            lines += rule.sources.map { "  - \(Self.quoted($0.description))" }
            lines.append("  target_matchers:")
            lines += rule.targets.map { "  - \(Self.quoted($0.description))" }
            if !rule.equal.isEmpty { lines.append("  equal: [\(rule.equal.map(Self.quoted).joined(separator: ", "))]") }
        }
        lines.append("receivers:")
        lines += receivers.map { "- name: \(Self.quoted($0))" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of route: Route, leaf: Leaf?) -> [String] {
        var lines: [String] = []
        if let receiver = route.receiver ?? leaf?.receiver { lines.append("receiver: \(quoted(receiver))") }
        switch route.grouping {
        case .by(let names)?: lines.append("group_by: [\(names.sorted().map(quoted).joined(separator: ", "))]")
        case .everything?: lines.append("group_by: ['...']")
        case nil: break
        }
        if leaf == nil, !route.matchers.isEmpty {
            lines.append("matchers:")
            lines += route.matchers.map { "- \(quoted($0.description))" }
        }
        if route.goesOn { lines.append("continue: true") }
        if let timing = route.timing {
            lines.append("group_wait: \(text(timing.wait))")
            lines.append("group_interval: \(text(timing.interval))")
            lines.append("repeat_interval: \(text(timing.repeatAfter))")
        }
        if !route.routes.isEmpty { lines.append("routes:") }
        for child in route.routes {
            for (index, line) in Self.lines(of: child, leaf: nil).enumerated() {
                lines.append((index == 0 ? "- " : "  ") + line)
            }
        }
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
