import FrontDoor
import World

extension Supervisor {
    /// The addresses whose sockets are held for the front door.
    package var heldListeners: [String] { shelf.addresses }

    /// The mark of the running front door with that number; `nil` when it is none of ours.
    func frontDoorInstance(of pid: Int32) -> String? {
        replicas.values.first { $0.workload.kind == .frontDoor && $0.stored.record?.pid == pid }?.stored.instance
    }

    /// Holds the sockets of the front door of that instance, unless another was started since or none shall run any more.
    ///
    /// - Returns: whether they are held.
    func keep(_ sockets: [ListenerShelf.Kept], of instance: String) -> Bool {
        guard
            let door = replicas.values.first(where: {
                $0.workload.kind == .frontDoor && $0.stored.instance == instance
            }), !Self.endsListening(door.state, door.stored.supervision.reason)
        else { return false }
        // Also from one that has died since: what it sent last is what its successor gets.
        if door.stored.record != nil {
            patience?.cancel()
            patience = nil
        }
        shelf.hold(sockets)
        return true
    }

    /// What a front door is started with: the sockets that are held, and what it needs to know of them.
    func custody(of workload: Workload) -> (sockets: [Descriptor], environment: [String: String]) {
        guard workload.kind == .frontDoor, let socket = configuration.listenerSocket else { return ([], [:]) }
        let sockets = shelf.kept.map(\.socket)
        return (sockets, ListenerCustody.environment(count: sockets.count, shelf: socket))
    }

    /// Refuses clients when the front door ends for good, and when it is away for too long.
    func settleListeners(_ state: ReplicaState, _ reason: SupervisionReason) {
        if Self.endsListening(state, reason) {
            patience?.cancel()
            patience = nil
            shelf.refuse()
        } else if state == .backingOff, patience == nil, !shelf.addresses.isEmpty {
            let keeper = configuration.keeper
            let wait = configuration.listenerPatience
            patience = Task {
                guard (try? await keeper.sleep(wait)) != nil, !Task.isCancelled else { return }
                self.patience = nil
                self.shelf.refuse()
            }
        }
    }

    private static func endsListening(_ state: ReplicaState, _ reason: SupervisionReason) -> Bool {
        switch (state, reason) {
        case (.stopped, _), (.failed, _): true
        case (.stopping, .stopping(let cause)): cause != .restart && cause != .notAlive
        default: false
        }
    }
}
