package import World

/// Makes sure that an environment has a supervisor, which outlives whoever asked.
package struct SupervisorLauncher: Sendable {
    /// The command that runs ``SupervisorProcess``: `[<hauban>, "supervise", …]`, the program first and absolute.
    package var command: [String]
    /// Complete.
    package var environment: [String: String]
    /// The environment's state folder.
    package var state: String
    package var socket: String

    package init(command: [String], environment: [String: String], state: String, socket: String) {
        self.command = command
        self.environment = environment
        self.state = state
        self.socket = socket
    }

    /// Where the supervisor writes what happens.
    package var log: String { state + "/supervisor.log" }

    /// Starts one in a session of its own when none answers, and waits until it does.
    ///
    /// Two at once are harmless: the lock lets one supervisor live, and both find it.
    /// - Throws: `WorldError` with the code `supervisor-failed`, the end of its log in it.
    package func ensureRunning(within limit: Duration = .seconds(15), _ keeper: Timekeeper = .live) async throws
        -> SupervisorClient
    {
        let client = SupervisorClient(socket: socket)
        if (try? await client.ping()) != nil { return client }
        try Folder.make(state)
        let record = try ChildProcess(
            command: command, environment: environment, workingDirectory: "/", standardOutput: log, standardError: log
        ).launch()
        let end = keeper.uptime() + limit
        while keeper.uptime() < end {
            if (try? await client.ping(within: .seconds(1))) != nil { return client }
            if !record.isAlive {
                let status = ProcessExit.reap(record.pid) ?? .unknown
                // The other of two that started at once may just be taking over.
                try await keeper.sleep(.milliseconds(300))
                if (try? await client.ping(within: .seconds(1))) != nil { return client }
                throw failure("it \(status)")
            }
            try await keeper.sleep(.milliseconds(20))
        }
        throw failure("no answer within \(limit)")
    }

    private func failure(_ underlying: String) -> WorldError {
        let lines = SmallFile.tail(log, bytes: 2000).split(separator: "\n").suffix(8).joined(separator: "\n    ")
        return WorldError(
            code: "supervisor-failed", operation: "start the supervisor", underlying: "\(underlying)\n    \(lines)",
            hint: "Its whole log is \(log).")
    }
}
