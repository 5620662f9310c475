package import FoundationEssentials
import World

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
}

/// Something that a person or a program may want to know at once.
package struct SupervisorEvent: Codable, Hashable, Sendable {
    package var time: Date
    /// The workload.
    package var id: String
    package var state: ReplicaState
    package var reason: SupervisionReason
    package var pid: Int32?
}

/// What came of waiting for readiness.
package struct ReadinessVerdict: Codable, Hashable, Sendable {
    /// All were ready at one moment.
    package var isReady: Bool
    /// The ones that were not.
    package var missing: [WorkloadStatus]
}
