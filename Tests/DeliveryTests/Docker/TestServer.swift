import Delivery
import Foundation
import Glibc
import Testing
import World

/// Further servers of a Swarm: each a `dockerd` in namespaces of its own with a cable to one switch, at which the first one is too.
final class TestServers: Sendable {
    static let manager = "10.213.0.1"
    let servers: [TestServer]
    private let switchboard: Process

    /// - Parameter first: gets a cable of its own besides the one that it has.
    init(_ count: Int, beside first: TestDocker) async throws {
        let made = Process()
        made.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        made.arguments = [
            "--net", "--kill-child", "--fork", "sh", "-c",
            "ip link add name switch type bridge && ip link set switch up && echo ready && cat >/dev/null",
        ]
        let ready = Pipe()
        made.standardOutput = ready
        // The end of its input ends it, however these tests end.
        let lifeline = Pipe()
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        made.standardInput = lifeline
        try made.run()
        self.lifeline = lifeline
        switchboard = made
        try #require(ready.fileHandleForReading.availableData == Data("ready\n".utf8), "no bridge can be made")
        let inside = try await TestDocker.run("pgrep", "-P", "\(made.processIdentifier)")
        let place = inside.output.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        try await Self.plug(1, first.processIdentifier, Self.manager, into: place)
        var servers: [TestServer] = []
        for number in 2..<(2 + count) { servers.append(try TestServer(number)) }
        self.servers = servers
        for (index, server) in servers.enumerated() {
            try await server.answers()
            try await Self.plug(index + 2, server.process.processIdentifier, server.address, into: place)
        }
    }

    private let lifeline: Pipe

    private static func plug(_ number: Int, _ process: Int32, _ address: String, into place: String) async throws {
        let wire = """
            set -e
            nsenter --net=/proc/\(place)/ns/net ip link add port\(number) type veth peer name cable netns \(process)
            nsenter --net=/proc/\(place)/ns/net ip link set port\(number) master switch up
            nsenter --net=/proc/\(process)/ns/net ip addr add \(address)/24 dev cable
            nsenter --net=/proc/\(process)/ns/net ip link set cable up
            """
        let done = try await TestDocker.run("sh", "-c", wire)
        try #require(done.isSuccess, "\(done.errors)")
    }

    func stop() {
        for server in servers { server.kill() }
        try? lifeline.fileHandleForWriting.close()
        switchboard.waitUntilExit()
    }
}

/// One of them.
final class TestServer: Sendable {
    let folder: String
    let address: String
    let process: Process
    private let lifeline: Pipe
    var socket: String { "unix://\(folder)/docker.sock" }

    init(_ number: Int) throws {
        folder = try makeScratch()
        address = "10.213.0.\(number)"
        let script = """
            mount --make-rshared / && hostname server\(number) && ip link set lo up || exit 1
            dockerd --data-root '\(folder)/data' --exec-root '\(folder)/run' --pidfile '\(folder)/pid' \
                --host 'unix://\(folder)/docker.sock' --log-level warn &
            cat >/dev/null
            """
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = [
            "--net", "--uts", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
            "sh", "-c", script,
        ]
        _ = FileManager.default.createFile(atPath: folder + "/dockerd.log", contents: nil)
        let output = FileHandle(forWritingAtPath: folder + "/dockerd.log")
        lifeline = Pipe()
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = lifeline
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    func answers() async throws {
        let end = ContinuousClock.now + .seconds(90)
        while (try? await DockerAPI(connectingTo: .unix(path: folder + "/docker.sock"), within: .seconds(5))) == nil {
            try #require(
                process.isRunning && ContinuousClock.now < end,
                "no engine: \(SmallFile.tail(folder + "/dockerd.log", bytes: 4_000))")
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// As if its power was cut: everything in its namespaces is gone at once.
    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        removeScratch(folder)
    }
}
