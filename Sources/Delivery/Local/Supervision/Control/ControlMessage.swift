import FoundationEssentials
package import World

/// What can be asked of a supervisor over its socket; one JSON object a line (`docs/supervision.md`).
package enum ControlRequest: Codable, Hashable, Sendable {
    case ping
    case start([Workload])
    case stop([String])
    case remove([String])
    case restart([String])
    case status
    case workloads
    case waitUntilReady([String], attempts: Int?)
    /// Ends everything, then the supervisor.
    case shutdown
    /// Ends the supervisor and leaves everything running.
    case detach
    /// Answers with one event after another until the connection ends.
    case events
}

/// What a supervisor answers.
package enum ControlReply: Codable, Hashable, Sendable {
    case done
    case pong(SupervisorIdentity)
    case statuses([WorkloadStatus])
    case workloads([Workload])
    case readiness(ReadinessVerdict)
    case event(SupervisorEvent)
    case refused(WorldError)
}

/// Who answers.
package struct SupervisorIdentity: Codable, Hashable, Sendable {
    package var protocolVersion: Int
    package var pid: Int32
    package var state: String
    /// What it cannot do at the moment: store its state, store logs.
    package var troubles: [WorldError]
    /// The addresses whose sockets it holds for the front door; absent from a supervisor of an older version.
    package var listeners: [String]?
}

/// A request with its frame.
struct ControlEnvelope: Codable, Hashable, Sendable {
    /// Raised when a request or an answer changes its meaning.
    static let currentVersion = 1

    var version: Int
    /// Seconds until the asker gives up; the supervisor gives up then too.
    var deadline: Double
    /// The asker's ``Fence``; nil when it holds no lease.
    var fence: Int?
    var request: ControlRequest
}

/// Messages as lines.
enum ControlLine {
    static func encode(_ message: some Encodable) throws -> [UInt8] {
        var bytes = Array(try JSONEncoder().encode(message))
        bytes.append(0x0a)
        return bytes
    }

    static func decode<Message: Decodable>(_ type: Message.Type, _ line: LineSplitter.Line) throws -> Message {
        try JSONDecoder().decode(type, from: Data(line.bytes))
    }
}
