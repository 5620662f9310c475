package import FoundationEssentials

/// One replica as `hauban status` shows it.
package struct WorkloadStatus: Codable, Hashable, Sendable {
    package var id: String
    package var kind: Workload.Kind
    package var name: String
    package var release: String
    package var replica: Int
    package var port: Int?
    package var state: ReplicaState
    package var reason: SupervisionReason
    /// When the state began.
    package var since: Date
    /// `nil` while no process of it exists.
    package var pid: Int32?
    package var restarts: Int
    /// Processor time of the process and all below it.
    package var cpu: Duration
    /// Processors in use on average since the last question; 1 is one processor.
    package var cpuShare: Double
    package var residentBytes: Int
    package var tally: LogTally
    /// The last lines it wrote, when it is not well.
    package var lastLines: [String]
    /// Failed readiness probes since it was first ready; nil from a supervisor that does not count them.
    package var failedProbes: Int?
    /// Why it ended by itself, or could not be started, the last time; nil when it never did.
    package var lastFault: ReplicaFault?

    package init(
        id: String, kind: Workload.Kind, name: String, release: String, replica: Int, port: Int? = nil,
        state: ReplicaState, reason: SupervisionReason, since: Date, pid: Int32? = nil, restarts: Int, cpu: Duration,
        cpuShare: Double, residentBytes: Int, tally: LogTally, lastLines: [String], failedProbes: Int? = nil,
        lastFault: ReplicaFault? = nil
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.release = release
        self.replica = replica
        self.port = port
        self.state = state
        self.reason = reason
        self.since = since
        self.pid = pid
        self.restarts = restarts
        self.cpu = cpu
        self.cpuShare = cpuShare
        self.residentBytes = residentBytes
        self.tally = tally
        self.lastLines = lastLines
        self.failedProbes = failedProbes
        self.lastFault = lastFault
    }
}

/// Something that a person or a program may want to know at once.
package struct SupervisorEvent: Codable, Hashable, Sendable {
    package var time: Date
    /// The workload.
    package var id: String
    package var state: ReplicaState
    package var reason: SupervisionReason
    package var pid: Int32?

    package init(time: Date, id: String, state: ReplicaState, reason: SupervisionReason, pid: Int32? = nil) {
        self.time = time
        self.id = id
        self.state = state
        self.reason = reason
        self.pid = pid
    }
}

/// What came of waiting for readiness.
package struct ReadinessVerdict: Codable, Hashable, Sendable {
    /// All were ready at one moment.
    package var isReady: Bool
    /// The ones that were not.
    package var missing: [WorkloadStatus]

    package init(isReady: Bool, missing: [WorkloadStatus]) {
        self.isReady = isReady
        self.missing = missing
    }
}
