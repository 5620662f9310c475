import Spec

extension Policy {
    /// What starts first must not wait for itself. Each ring of services is reported once, by its shortest way round.
    static let cycles = Policy { context in
        var reported: Set<Set<ServiceName>> = []
        var covered: Set<ServiceName> = []
        var findings: [Diagnostic] = []
        let bound = inCycles(context.platform)
        for (name, _) in context.services where bound.contains(name) && !covered.contains(name) {
            guard let ring = shortestRing(from: name, context.platform), reported.insert(Set(ring)).inserted else {
                continue
            }
            covered.formUnion(ring)
            let text = (ring + [name]).map(\.text).joined(separator: " -> ")
            let edges = zip(ring, ring.dropFirst() + [name]).map { from, to in
                (from, to, SpecPath.service(from, "uses", to.text))
            }
            findings.append(
                context.finding(
                    .dependencyCycle, "services wait for each other: \(text)", at: edges[0].2, .key,
                    help: ring.count == 1
                        ? "A service reaches itself without an edge: remove it."
                        : "What is used starts first, so none of them could. Remove one edge, or turn it round with a "
                            + "topic: one publishes, the other subscribes.",
                    notes: edges.dropFirst().map {
                        context.note("`\($0.0)` uses `\($0.1)`", at: $0.2, .key)
                    }))
        }
        return findings
    }

    /// Services that lie on a ring or between two: what is left after taking away, again and again, who uses nobody or is
    /// used by nobody. Each service and edge is looked at a fixed number of times, however long the chains are.
    private static func inCycles(_ platform: Platform) -> Set<ServiceName> {
        var targets: [ServiceName: [ServiceName]] = [:]
        var users: [ServiceName: [ServiceName]] = [:]
        for name in platform.services.keys {
            let found = Calls.targets(of: name, platform)
            targets[name] = found
            for target in found { users[target, default: []].append(name) }
        }
        var left = Set(platform.services.keys)
        for (ahead, behind) in [(targets, users), (users, targets)] {
            var edges = ahead.mapValues(\.count)
            var open = left.filter { edges[$0, default: 0] == 0 }
            while let name = open.popFirst() {
                left.remove(name)
                for neighbour in behind[name] ?? [] {
                    edges[neighbour, default: 0] -= 1
                    if edges[neighbour] == 0 { open.insert(neighbour) }
                }
            }
        }
        return left
    }

    private static func shortestRing(from start: ServiceName, _ platform: Platform) -> [ServiceName]? {
        var ways: [[ServiceName]] = [[start]]
        var seen: Set<ServiceName> = []
        while !ways.isEmpty {
            var longer: [[ServiceName]] = []
            for way in ways {
                guard let last = way.last else { continue }
                for next in Calls.targets(of: last, platform) {
                    if next == start { return way }
                    if seen.insert(next).inserted { longer.append(way + [next]) }
                }
            }
            ways = longer
        }
        return nil
    }
}
