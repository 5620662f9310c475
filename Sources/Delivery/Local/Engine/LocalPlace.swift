import Glibc

/// Where one environment of one platform lives on this machine.
///
///     <state>/journal.sqlite    releases, their steps, the lease
///     <state>/supervisor.json   what runs
///     <state>/front-door.json   where requests go
///     <state>/releases/rN.json  what each release built
///     <state>/access/           what the front door answered
///     <state>/secrets/          values, one file each
///     <state>/resources/NAME/   data of databases and caches
///     <state>/logs/             what services wrote
package struct LocalPlace: Sendable, Hashable {
    /// Absolute.
    package var state: String
    /// Absolute and short: it holds sockets, whose paths may have 107 bytes (unix(7)).
    package var runtime: String
    /// Absolute: builds of all environments of the platform.
    package var cache: String

    package init(state: String, runtime: String, cache: String) {
        self.state = state
        self.runtime = runtime
        self.cache = cache
    }

    package var journal: String { state + "/journal.sqlite" }
    package var frontDoorState: String { state + "/front-door.json" }
    package var accessLog: String { state + "/access/access.log" }
    package var secrets: String { state + "/secrets" }
    package var logs: String { state + "/logs" }
    package var releases: String { state + "/releases" }
    package var supervisorState: String { state + "/supervisor.json" }
    package var supervisorSocket: String { runtime + "/supervisor.sock" }
    package var frontDoorSocket: String { runtime + "/front-door.sock" }
}
