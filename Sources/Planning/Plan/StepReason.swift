/// Why a step is in a plan.
package enum StepReason: Codable, Hashable, Sendable {
    /// Nothing of that name runs.
    case new
    /// Its source or configuration differs from what runs.
    case changed(from: String, to: String)
    /// What runs is as declared but does not work.
    case notWell(state: String)
    /// Fewer replicas of it run than are declared, and nobody but a release brings them back.
    case replicasMissing(running: Int, declared: Int)
    /// It is no longer declared.
    case removed
    /// The public routes differ.
    case routesChanged
    /// The front door does not run.
    case frontDoorGone
    /// Something new must be judged before it is kept.
    case judged
    /// Another release took its place.
    case superseded
    /// It was left behind by an earlier release.
    case leftOver
    /// It takes back a step of a release that is not kept.
    case returning

    /// The reason as a clause.
    package var text: String {
        switch self {
        case .new: "new"
        case .changed(let from, let to): "changed \(from.prefix(8)) → \(to.prefix(8))"
        case .notWell(let state): "is \(state)"
        case .replicasMissing(let running, let declared): "\(running) of \(declared) replicas run"
        case .removed: "no longer declared"
        case .routesChanged: "routes changed"
        case .frontDoorGone: "the front door does not run"
        case .judged: "before it is kept"
        case .superseded: "its place is taken"
        case .leftOver: "left over from an earlier release"
        case .returning: "the release is not kept"
        }
    }

    /// The stable word for programs.
    package var code: String {
        switch self {
        case .new: "new"
        case .changed: "changed"
        case .notWell: "not-well"
        case .replicasMissing: "replicas-missing"
        case .removed: "removed"
        case .routesChanged: "routes-changed"
        case .frontDoorGone: "front-door-gone"
        case .judged: "judged"
        case .superseded: "superseded"
        case .leftOver: "left-over"
        case .returning: "returning"
        }
    }

    private enum Key: String, CodingKey { case code, from, to, state, running, declared, text }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let code = try container.decode(String.self, forKey: .code)
        switch code {
        case "new": self = .new
        case "changed":
            self = .changed(
                from: try container.decode(String.self, forKey: .from),
                to: try container.decode(String.self, forKey: .to))
        case "not-well": self = .notWell(state: try container.decode(String.self, forKey: .state))
        case "replicas-missing":
            self = .replicasMissing(
                running: try container.decode(Int.self, forKey: .running),
                declared: try container.decode(Int.self, forKey: .declared))
        case "removed": self = .removed
        case "routes-changed": self = .routesChanged
        case "front-door-gone": self = .frontDoorGone
        case "judged": self = .judged
        case "superseded": self = .superseded
        case "left-over": self = .leftOver
        case "returning": self = .returning
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .code, in: container, debugDescription: "'\(code)' is no reason for a step")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(code, forKey: .code)
        try container.encode(text, forKey: .text)
        switch self {
        case .changed(let from, let to):
            try container.encode(from, forKey: .from)
            try container.encode(to, forKey: .to)
        case .notWell(let state): try container.encode(state, forKey: .state)
        case .replicasMissing(let running, let declared):
            try container.encode(running, forKey: .running)
            try container.encode(declared, forKey: .declared)
        case .new, .removed, .routesChanged, .frontDoorGone, .judged, .superseded, .leftOver, .returning: break
        }
    }
}
