package import Spec

/// What hauban.yaml says, `hauban render` writes, and a deploy to containers by hauban itself does not do: told at each plan and deploy,
/// so that nobody believes it was done.
package enum DeployGaps {
    /// A clause each, in the order of the file's sections; none where processes of this machine run, since `check` refuses there.
    package static func clauses(of platform: Platform, in environment: EnvironmentName) -> [String] {
        let settings = platform.environments[environment]
        guard let settings, [.docker, .swarm].contains(settings.target) else { return [] }
        func names<Name: CustomStringConvertible & Comparable>(_ all: some Sequence<Name>) -> String {
            all.sorted().map { "\($0)" }.joined(separator: ", ")
        }
        var clauses: [String] = []
        let scheduled = platform.services.filter { $0.value.schedule != nil }.keys
        if !scheduled.isEmpty { clauses.append("nothing starts \(names(scheduled)) on its schedule") }
        let filtered = platform.services.filter { $0.value.expose.contains(where: \.filter) }.keys
        if !filtered.isEmpty { clauses.append("requests to \(names(filtered)) are not looked into (`filter`)") }
        let bound = platform.services.filter { !$0.value.egress.isEmpty }.keys
        if !bound.isEmpty { clauses.append("\(names(bound)) may reach any host outside, not only those of `egress`") }
        let copied = platform.resources.filter { $0.value.backup != nil }.keys
        if !copied.isEmpty { clauses.append("no copies are made of \(names(copied)) (`backup`)") }
        let encrypted = platform.resources.filter { $0.value.encrypt }.keys
        if !encrypted.isEmpty {
            clauses.append("data of \(names(encrypted)) are kept as the machine's disk keeps them (`encrypt`)")
        }
        let bounded = platform.resources.filter { $0.value.storage != nil }.keys
        if !bounded.isEmpty { clauses.append("no space is set apart for \(names(bounded)) (`storage`)") }
        if platform.telemetry.stack == .prometheus {
            clauses.append("Prometheus and what belongs to it are not started (`telemetry.stack`)")
        }
        if platform.telemetry.traces != .none {
            clauses.append("trace ids are passed on and no collector is started (`telemetry.traces`)")
        }
        if settings.openPorts { clauses.append("no ports are opened for the developer's tools (`open-ports`)") }
        return clauses
    }
}
