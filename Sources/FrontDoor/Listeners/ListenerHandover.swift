import CLinux
import Glibc
import NIOPosix
import Synchronization

/// Hands the listening sockets to their keeper, and again to each keeper that follows one that died.
///
/// All of it happens on one thread that may wait: no event loop and no request does.
final class ListenerHandover: Sendable {
    /// For one call and one answer; the keeper's own work takes well below a millisecond.
    private static let patience = timeval(tv_sec: 2, tv_usec: 0)

    private struct State {
        var sockets: [ListenSocket] = []
        /// The connection to the keeper that has them; -1 when none has.
        var link: Int32 = -1
        var number = 0
    }

    private let path: String
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())

    /// - Parameter path: of the keeper's socket.
    init(path: String) {
        self.path = path
        thread.start()
    }

    /// Gives the keeper these sockets and no others, and waits until it has them.
    ///
    /// Without a keeper that answers it returns all the same: ``look()`` gives them to the next.
    func offer(_ sockets: [ListenSocket]) async {
        try? await thread.runIfActive {
            self.state.withLock { state in
                state.sockets = sockets
                // Twice: the keeper at the other end of an old connection may have died.
                if state.link >= 0, self.hand(&state) { return }
                self.connect(&state)
                if state.link >= 0 { _ = self.hand(&state) }
            }
        }
    }

    /// Finds a new keeper when the one that had the sockets has died; called every now and then.
    func look() async {
        try? await thread.runIfActive {
            self.state.withLock { state in
                if state.link >= 0 {
                    var byte: UInt8 = 0
                    let count = recv(state.link, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
                    if count < 0, errno == EAGAIN || errno == EINTR { return }
                    self.hangUp(&state)
                }
                self.connect(&state)
                if state.link >= 0 { _ = self.hand(&state) }
            }
        }
    }

    /// Lets the sockets go; the keeper still has them.
    func stop() async {
        try? await thread.runIfActive {
            self.state.withLock { state in
                state.sockets = []
                self.hangUp(&state)
            }
        }
        try? await thread.shutdownGracefully()
    }

    private func hand(_ state: inout State) -> Bool {
        state.number += 1
        let end = Array("\(ListenerCustody.Word.all) \(state.number)".utf8)
        let isSent =
            state.sockets.allSatisfy { $0.send(over: state.link) }
            && clinux_send_descriptor(state.link, end, end.count, -1) == end.count
        var answer = [UInt8](repeating: 0, count: 64)
        let count = isSent ? recv(state.link, &answer, answer.count, 0) : -1
        if count > 0,
            String(decoding: answer[0..<count], as: UTF8.self) == "\(ListenerCustody.Word.kept) \(state.number)"
        {
            return true
        }
        hangUp(&state)
        return false
    }

    private func connect(_ state: inout State) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let link = clinux_packet_socket(0)
        guard link >= 0 else { return }
        var patience = Self.patience
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(link, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        let answer = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(link, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if answer == 0 { state.link = link } else { close(link) }
    }

    private func hangUp(_ state: inout State) {
        if state.link >= 0 { close(state.link) }
        state.link = -1
    }
}
