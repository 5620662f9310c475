import NIOCore
import Response

/// Tells everybody who listens what changed, so that they ask again: server-sent events (WHATWG HTML §9.2).
///
/// Belongs to one event loop. What changes within a fifth of a second is told once; who does not read is let go.
final class LiveHub {
    private let loop: any EventLoop
    private var listeners: [ObjectIdentifier: APIConnection] = [:]
    private var changed: Set<String> = []
    private var isScheduled = false
    private var number = 0

    static let gather = TimeAmount.milliseconds(200)
    static let most = 500

    init(loop: any EventLoop) { self.loop = loop }

    var count: Int { listeners.count }

    /// - Returns: whether there was room.
    func add(_ connection: APIConnection) -> Bool {
        guard listeners.count < Self.most else { return false }
        listeners[ObjectIdentifier(connection)] = connection
        return true
    }

    func remove(_ connection: APIConnection) { listeners[ObjectIdentifier(connection)] = nil }

    /// Says that parts of these kinds changed.
    func tell(_ kinds: Set<Part.Key.Kind>) { tell(Set(kinds.map(Self.topic))) }

    /// Says that something changed that is no part.
    func tell(topic: String) { tell([topic]) }

    private func tell(_ topics: Set<String>) {
        guard !listeners.isEmpty else { return }
        changed.formUnion(topics)
        guard !isScheduled, !changed.isEmpty else { return }
        isScheduled = true
        loop.assumeIsolated().scheduleTask(in: Self.gather) {
            self.isScheduled = false
            self.flush()
        }
    }

    /// Every few seconds, so that connections which nobody reads end, and others stay.
    func beat() { send(": still here\n\n") }

    private func flush() {
        let topics = changed.sorted()
        changed = []
        var text = ""
        for topic in topics {
            number += 1
            text += "id: \(number)\nevent: \(topic)\ndata: {}\n\n"
        }
        send(text)
    }

    private func send(_ text: String) {
        let buffer = ByteBuffer(string: text)
        for listener in Array(listeners.values) { listener.send(buffer) }
    }

    /// What a listener asks for again.
    private static func topic(_ kind: Part.Key.Kind) -> String {
        switch kind {
        case .alert, .group: "alerts"
        case .incident, .entry, .escalation, .page, .remedy, .register: "incidents"
        case .silence: "silences"
        case .maintenance: "maintenance"
        case .release: "releases"
        case .override, .absence, .swap, .person: "oncall"
        case .beat: "heartbeats"
        }
    }
}
