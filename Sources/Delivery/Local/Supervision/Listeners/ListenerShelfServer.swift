import FrontDoor
import World

/// Takes the front door's listening sockets over a Unix-domain socket of packets (`docs/supervision.md`).
///
/// The front door sends `keep ADDRESS` with a descriptor for each socket, then `all NUMBER`, and is answered `kept NUMBER`
/// once exactly these are held, or `refused NUMBER`. What came without `all` is closed.
package struct ListenerShelfServer: Sendable {
    private let supervisor: Supervisor
    private let listener: UnixListener

    /// Binds the socket; the supervisor must have taken its environment over, whose lock guards the socket too.
    ///
    /// - Throws: `WorldError`
    package init(_ supervisor: Supervisor, socket: String) throws {
        self.supervisor = supervisor
        listener = try UnixListener.bind(path: socket, carriesPackets: true)
    }

    /// Answers until the task is cancelled.
    package func run() async {
        defer { listener.removeFile() }
        await withTaskGroup(of: Void.self) { connections in
            while let socket = await listener.accept() { connections.addTask { await serve(socket) } }
            connections.cancelAll()
        }
    }

    private func serve(_ socket: Socket) async {
        guard let pid = socket.peerProcess, let instance = await supervisor.frontDoorInstance(of: pid) else { return }
        var sockets: [ListenerShelf.Kept] = []
        while let packet = try? await socket.receivePacket(timeout: nil) {
            let words = packet.text.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else { return }
            switch (words[0], packet.descriptor) {
            case (ListenerCustody.Word.keep, let descriptor?):
                sockets.append(.init(address: words[1], socket: descriptor))
            case (ListenerCustody.Word.all, nil):
                let isKept = await supervisor.keep(sockets, of: instance)
                sockets = []
                let word = isKept ? ListenerCustody.Word.kept : ListenerCustody.Word.refused
                guard (try? await socket.send(Array("\(word) \(words[1])".utf8), timeout: .seconds(5))) != nil else {
                    return
                }
            default: return
            }
        }
    }
}
