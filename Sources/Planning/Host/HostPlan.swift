/// One thing that is done to a server. Each can be done twice with the same end.
package enum HostStep: Sendable, Hashable {
    /// A program with its arguments.
    case run([String], within: Duration)
    /// A file, written whole or not at all.
    case write(HostFile)
    /// Done only if a new session can still be opened afterwards; undone by the server itself otherwise.
    case guarded(apply: String, undo: String)

    /// As a person would type it.
    package var text: String {
        switch self {
        case .run(let words, _): ShellWords.text(words)
        case .write(let file): "write \(file.path)"
        case .guarded(let apply, _): apply
        }
    }
}

/// A file as it shall be.
package struct HostFile: Sendable, Hashable {
    package var path: String
    package var content: String
    /// As `chmod` takes it.
    package var mode: String
    package var owner: String
    /// What stands there; nil when nothing does.
    package var before: String?

    package init(_ path: String, _ content: String, mode: String = "0644", owner: String = "root", before: String?) {
        self.path = path
        self.content = content
        self.mode = mode
        self.owner = owner
        self.before = before
    }

    /// In the unified format, without its two lines of names.
    package var difference: [String] {
        Array(TextDiff.unified(before ?? "", content, path: path).dropFirst(2))
    }
}

/// What was found in one respect, and what is done about it.
package struct HostItem: Sendable, Hashable {
    package enum Area: String, Sendable, Hashable, Codable, CaseIterable {
        case system, size, packages, docker, firewall, account, ssh, clock, upgrades, kernel, swap
    }

    package enum State: String, Sendable, Hashable, Codable {
        /// As it should be.
        case fine
        /// The steps mend it.
        case change
        /// Only a person can mend it.
        case yours
        /// Works, and could be better; nothing waits for it.
        case advice
    }

    package var area: Area
    package var state: State
    package var found: String
    /// What will be, or what to do.
    package var wanted: String
    package var why: String
    package var steps: [HostStep]

    init(
        _ area: Area, _ state: State, _ found: String, wanted: String = "", why: String = "", steps: [HostStep] = []
    ) {
        self.area = area
        self.state = state
        self.found = found
        self.wanted = wanted
        self.why = why
        self.steps = steps
    }
}

/// What a server needs to be what is wished: a value in, a value out; of a server that was prepared it has no steps.
package struct HostPlan: Sendable, Hashable {
    package var items: [HostItem]
    /// `Debian GNU/Linux 12 (bookworm), 2 processors, 3.8 GiB`.
    package var machine: String

    package init(_ facts: HostFacts, _ wish: HostWish) {
        let rules = HostRules(facts: facts, wish: wish)
        machine =
            "\(facts.osName), \(facts.processors) processor\(facts.processors == 1 ? "" : "s"), "
            + HostRules.size(facts.memory)
        let system = rules.system
        // What is none of the systems that are known is left alone.
        guard system.state != .yours else {
            items = [system]
            return
        }
        items =
            [system] + rules.size + rules.packages + rules.docker + [rules.account, rules.clock, rules.upgrades]
            + rules.kernel + [rules.swap] + rules.ssh + rules.firewall
    }

    /// In the order in which they are taken: a file that a package reads at its first start stands before that.
    package var steps: [(item: HostItem, step: HostStep)] {
        items.filter { $0.state == .change }.flatMap { item in item.steps.map { (item, $0) } }
    }

    /// Whether there is something to do, for hauban or for a person.
    package var isDone: Bool { items.allSatisfy { $0.state == .fine || $0.state == .advice } }
}
