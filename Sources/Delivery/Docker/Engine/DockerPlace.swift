/// Where hauban keeps what it must know of one environment on a Docker Engine, on its own machine.
///
///     <state>/door/             mounted into the front door's container: its configuration, access log, certificates, control socket
///     <state>/releases/rN.json  the image that each service of a release runs
///     <state>/certbot/          of certificates that an authority gave out: see ``CertificatePlace``
///     <state>/returned-logs/    the last lines of releases that were returned
///     <state>/fence             the greatest number of a lease that changed something
///     <state>/secrets/          values, one file each
///     <state>/handed/           which secrets containers were handed, without their values
///     <memory>/secrets/         copies for containers, in a file system without a disk
package struct DockerPlace: Sendable, Hashable {
    /// Absolute and short: it holds the front door's socket, whose path may have 107 bytes (unix(7)).
    package var state: String
    /// Absolute, below `/run`: a folder in memory.
    package var memory: String

    package init(state: String, memory: String) {
        self.state = state
        self.memory = memory
    }

    package var door: String { state + "/door" }
    package var doorSocket: String { door + "/control.sock" }
    package var doorState: String { door + "/front-door.json" }
    package var releases: String { state + "/releases" }
    package var secrets: String { state + "/secrets" }
    package var handed: String { state + "/handed" }
    package var keptLogs: String { state + "/returned-logs" }
    package var fence: String { state + "/fence" }
}

/// Where the world reaches a platform on a Docker Engine.
package struct DockerPublication: Sendable, Hashable {
    /// The address that ports are published at: `0.0.0.0`, or `127.0.0.1` for this machine alone.
    package var address: String
    package var port: Int
    package var securePort: Int
    /// By which name or address hauban itself asks there, for smoke requests.
    package var host: String

    package init(address: String = "127.0.0.1", port: Int, securePort: Int, host: String = "127.0.0.1") {
        self.address = address
        self.port = port
        self.securePort = securePort
        self.host = host
    }
}
