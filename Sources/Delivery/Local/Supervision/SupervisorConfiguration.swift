package import World

/// What a supervisor is made of.
package struct SupervisorConfiguration: Sendable {
    /// Its folder, absolute: `supervisor.json`, `supervisor.lock`, `logs/`.
    package var state: String
    package var logs: LogLimits
    package var keeper: Timekeeper
    package var commands: CommandRunner
    /// Gives the text of an environment value, its secrets put in.
    package var resolve: @Sendable (EnvironmentValue) throws -> String
    /// Where the front door hands its listening sockets over; `nil` holds none.
    package var listenerSocket: String?
    /// How long clients wait for a front door that does not come back, before they are refused.
    package var listenerPatience: Duration

    package init(
        state: String, logs: LogLimits = LogLimits(), keeper: Timekeeper = .live, commands: CommandRunner = .live,
        listenerSocket: String? = nil, listenerPatience: Duration = .seconds(15),
        resolve: @escaping @Sendable (EnvironmentValue) throws -> String
    ) {
        self.state = state
        self.logs = logs
        self.keeper = keeper
        self.commands = commands
        self.resolve = resolve
        self.listenerSocket = listenerSocket
        self.listenerPatience = listenerPatience
    }

    /// Where the structured logs are, for ``LogReader``.
    package var logFolder: String { state + "/logs" }
    var stateFile: String { state + "/supervisor.json" }
    var lockFile: String { state + "/supervisor.lock" }
}
