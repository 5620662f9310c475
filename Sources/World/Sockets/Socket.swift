import Glibc

/// A connected stream socket; every wait on it has a deadline.
package final class Socket: Sendable {
    package let descriptor: Int32

    /// Takes over an open descriptor and makes its calls return at once.
    package init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Connects to a port of this machine.
    ///
    /// - Throws: `WorldError` with the code `timed-out` or the system's.
    package static func connect(port: Int, timeout: Duration) async throws -> Socket {
        try await connect(address: "127.0.0.1", port: port, timeout: timeout)
    }

    /// Connects to a port of a machine.
    ///
    /// - Parameter text: an IPv4 address; names are not looked up.
    /// - Throws: `WorldError` with the code `bad-address`, `timed-out` or the system's.
    package static func connect(address text: String, port: Int, timeout: Duration) async throws -> Socket {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        guard inet_pton(AF_INET, text, &address.sin_addr) == 1 else {
            throw WorldError(
                code: "bad-address", operation: "connect to \(text):\(port)", underlying: "it is no IPv4 address")
        }
        let socket = Socket(adopting: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        let answer = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try await socket.finishConnecting(answer, "connect to \(text):\(port)", timeout)
        return socket
    }

    /// Connects to a Unix-domain socket.
    ///
    /// - Throws: `WorldError`
    package static func connect(path: String, timeout: Duration) async throws -> Socket {
        let socket = Socket(adopting: Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        let answer = try UnixAddress(path: path).withPointer { Glibc.connect(socket.descriptor, $0, $1) }
        try await socket.finishConnecting(answer, "connect to \(path)", timeout)
        return socket
    }

    private func finishConnecting(_ answer: Int32, _ operation: String, _ timeout: Duration) async throws {
        if answer == 0 { return }
        guard errno == EINPROGRESS || errno == EAGAIN else { throw SystemError.last.during(operation) }
        guard await DescriptorWait.wait(for: descriptor, .writable, timeout: timeout) else {
            throw Self.late(operation, timeout)
        }
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
        guard number == 0 else { throw SystemError(number).during(operation) }
    }

    /// Sends all bytes.
    ///
    /// - Throws: `WorldError`
    package func send(_ bytes: [UInt8], timeout: Duration) async throws {
        let deadline = ContinuousClock.now + timeout
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL)
                )
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                let left = ContinuousClock.now.duration(to: deadline)
                guard await DescriptorWait.wait(for: descriptor, .writable, timeout: left) else {
                    throw Self.late("send", timeout)
                }
            } else if errno != EINTR {
                throw SystemError.last.during("send")
            }
        }
    }

    /// Receives what is there, waiting for the first byte; empty at the end of the stream.
    ///
    /// - Throws: `WorldError`
    package func receive(limit: Int = 64 << 10, timeout: Duration?) async throws -> [UInt8] {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = recv(descriptor, &buffer, limit, 0)
            if count >= 0 { return Array(buffer[0..<count]) }
            if errno == EAGAIN {
                let left = deadline.map { ContinuousClock.now.duration(to: $0) }
                guard await DescriptorWait.wait(for: descriptor, .readable, timeout: left) else {
                    throw Self.late("receive", timeout ?? .zero)
                }
            } else if errno != EINTR {
                throw SystemError.last.during("receive")
            }
        }
    }

    private static func late(_ operation: String, _ timeout: Duration) -> WorldError {
        WorldError(code: "timed-out", operation: operation, underlying: "no answer within \(timeout)")
    }
}
