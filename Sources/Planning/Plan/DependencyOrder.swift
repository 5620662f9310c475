import Spec

/// Services in an order in which each comes after what it depends on.
struct DependencyOrder {
    private let services: [ServiceName: DesiredService]

    /// - Throws: a dependency on something undeclared, or a circle.
    init(_ services: [DesiredService]) throws(PlanError) {
        self.services = Dictionary(services.map { ($0.name, $0) }) { first, _ in first }
        for service in services {
            for dependency in service.dependsOn where self.services[dependency] == nil {
                throw .unknownDependency(service: service.name, on: dependency)
            }
        }
        if let circle = circle() { throw .cycle(circle) }
    }

    /// The given services in order; of those that are free, the one with the lowest rank comes first, then by name.
    func sorted(_ names: Set<ServiceName>, rank: (DesiredService) -> Int = { _ in 0 }) -> [ServiceName] {
        var left = names
        var result: [ServiceName] = []
        let reached = Dictionary(uniqueKeysWithValues: names.map { ($0, closure(of: $0)) })
        while !left.isEmpty {
            let free = left.filter { (reached[$0] ?? []).isDisjoint(with: left) }
            let next = free.min { (key($0, rank), $0) < (key($1, rank), $1) }
            guard let next else { preconditionFailure("a circle among services that were checked for circles") }
            left.remove(next)
            result.append(next)
        }
        return result
    }

    /// How many times the line of dependencies behind a service passes one that does not serve yet: such a one must be
    /// switched before what needs it can start.
    func levels(notServing: Set<ServiceName>) -> [ServiceName: Int] {
        var levels: [ServiceName: Int] = [:]
        for name in sorted(Set(services.keys)) {
            let below = (services[name]?.dependsOn ?? []).map { (levels[$0] ?? 0) + (notServing.contains($0) ? 1 : 0) }
            levels[name] = below.max() ?? 0
        }
        return levels
    }

    private func key(_ name: ServiceName, _ rank: (DesiredService) -> Int) -> Int { services[name].map(rank) ?? 0 }

    /// Everything that a service depends on, directly or not.
    private func closure(of name: ServiceName) -> Set<ServiceName> {
        var seen: Set<ServiceName> = []
        var next = services[name]?.dependsOn ?? []
        while let name = next.popLast() {
            if seen.insert(name).inserted { next += services[name]?.dependsOn ?? [] }
        }
        return seen
    }

    /// One circle, starting at its first name, if there is any.
    private func circle() -> [ServiceName]? {
        var done: Set<ServiceName> = []
        for start in services.keys.sorted() where !done.contains(start) {
            var path: [ServiceName] = []
            var pending: [[ServiceName]] = [[start]]
            while let next = pending.last?.last {
                pending[pending.count - 1].removeLast()
                if let index = path.firstIndex(of: next) {
                    let circle = Array(path[index...])
                    let first = circle.indices.min { circle[$0] < circle[$1] } ?? 0
                    return Array(circle[first...] + circle[..<first])
                }
                if !done.contains(next) {
                    path.append(next)
                    pending.append((services[next]?.dependsOn ?? []).sorted(by: >))
                }
                while pending.count > 1, pending.last?.isEmpty == true {
                    pending.removeLast()
                    if let finished = path.popLast() { done.insert(finished) }
                }
            }
        }
        return nil
    }
}
