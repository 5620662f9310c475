import CLinux
import Glibc

/// A Unix-domain socket that accepts connections of its own user only.
package final class UnixListener: Sendable {
    private let descriptor: Int32
    private let path: String
    private let file: UInt

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
        file = Self.fileNumber(path)
    }

    deinit { close(descriptor) }

    /// Binds; a socket file left by a killed process is replaced, so the caller must hold the lock that guards it.
    ///
    /// Its folder is made with mode 0700.
    /// - Parameter carriesPackets: whether messages keep their bounds (SOCK_SEQPACKET), as ``Socket/receivePacket(timeout:)``
    ///   needs.
    /// - Throws: `WorldError`
    package static func bind(path: String, carriesPackets: Bool = false) throws -> UnixListener {
        let address = try UnixAddress(path: path)
        if let slash = path.lastIndex(of: "/") { try Folder.make(String(path[..<slash])) }
        let descriptor =
            carriesPackets
            ? clinux_packet_socket(1)
            : socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError.last.during("make a socket") }
        unlink(path)
        let bound = address.withPointer { Glibc.bind(descriptor, $0, $1) }
        guard bound == 0, chmod(path, 0o600) == 0, listen(descriptor, 64) == 0 else {
            let refusal = SystemError.last
            close(descriptor)
            throw refusal.during("listen on \(path)")
        }
        return UnixListener(descriptor: descriptor, path: path)
    }

    /// The next connection; one of another user is closed at once.
    ///
    /// - Returns: `nil` when the task was cancelled.
    package func accept() async -> Socket? {
        while !Task.isCancelled {
            let connection = clinux_accept(descriptor)
            if connection >= 0 {
                let socket = Socket(adopting: connection)
                let user = clinux_peer_user(connection)
                if user == Int(geteuid()) || user == 0 { return socket }
                continue
            }
            // EMFILE and its kin leave the connection waiting: the pause keeps the loop from spinning.
            if errno != EAGAIN, errno != EINTR, errno != ECONNABORTED { try? await Task.sleep(for: .milliseconds(50)) }
            _ = await DescriptorWait.wait(for: descriptor, .readable, timeout: nil)
        }
        return nil
    }

    /// Removes the socket's file, so that nobody tries it in vain; not that of a successor.
    package func removeFile() {
        if Self.fileNumber(path) == file { unlink(path) }
    }

    private static func fileNumber(_ path: String) -> UInt {
        var information = stat()
        return stat(path, &information) == 0 ? UInt(information.st_ino) : 0
    }
}
