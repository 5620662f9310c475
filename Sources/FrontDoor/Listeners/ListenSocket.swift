import CLinux
import Glibc
import NIOCore
import Synchronization

/// A TCP socket that listens, apart from the channel that accepts on it: it can be handed to another process.
final class ListenSocket: Sendable {
    /// Connections that may wait to be accepted, for as long as it takes to start a front door again; the kernel lowers it to
    /// `net.core.somaxconn`. What finds no room is not refused: the client tries again by itself after a second.
    private static let backlog: Int32 = 4096

    /// With the port that it really has.
    let address: SocketAddress
    /// `nil` once it is closed.
    private let descriptor: Mutex<Int32?>

    private init(_ descriptor: Int32, _ address: SocketAddress) {
        self.descriptor = Mutex(descriptor)
        self.address = address
    }

    deinit { close() }

    /// Binds and listens.
    ///
    /// - Throws: `IOError`, as NIO would.
    static func open(host: String, port: Int) throws -> ListenSocket {
        let wanted = try SocketAddress(ipAddress: host, port: port)
        let family = wanted.protocol == .inet6 ? AF_INET6 : AF_INET
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = wanted.withSockAddr { Glibc.bind(descriptor, $0, socklen_t($1)) } == 0
        guard isBound, listen(descriptor, backlog) == 0, let address = boundAddress(of: descriptor) else {
            let reason = errno
            Glibc.close(descriptor)
            throw IOError(errnoCode: reason, reason: "bind")
        }
        return ListenSocket(descriptor, address)
    }

    /// Takes over a descriptor that this process was started with.
    ///
    /// - Returns: `nil` when it is no TCP socket that listens; it is left as it is then.
    init?(inherited number: Int32) {
        guard Self.listens(number), let address = Self.boundAddress(of: number) else { return nil }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
        self.address = address
        descriptor = Mutex(number)
    }

    /// Whether it stands for that address.
    func serves(host: String, port: Int) -> Bool {
        guard let wanted = try? SocketAddress(ipAddress: host, port: port) else { return false }
        return wanted == address
    }

    /// Whether clients can connect: nobody who has it too has shut it down.
    var isListening: Bool { descriptor.withLock { $0.map(Self.listens) ?? false } }

    /// A second descriptor of it, for a channel that closes it.
    ///
    /// - Throws: `IOError`
    func duplicate() throws -> Int32 {
        try descriptor.withLock { number in
            let copy = number.map { fcntl($0, F_DUPFD_CLOEXEC, 3) } ?? -1
            guard copy >= 0 else { throw IOError(errnoCode: number == nil ? EBADF : errno, reason: "duplicate") }
            return copy
        }
    }

    /// Sends it with its address over a Unix-domain socket of packets.
    ///
    /// - Returns: whether it was sent; one that is closed needs not be.
    func send(over link: Int32) -> Bool {
        descriptor.withLock { number in
            guard let number else { return true }
            let text = Array("\(ListenerCustody.Word.keep) \(Self.text(address))".utf8)
            return clinux_send_descriptor(link, text, text.count, number) == text.count
        }
    }

    /// Lets it go: whoever else has it goes on.
    func close() {
        descriptor.withLock { number in
            if let number { Glibc.close(number) }
            number = nil
        }
    }

    /// Ends it for everybody: clients are refused from now on, although a keeper still has a descriptor of it. On Linux
    /// shutdown(2) ends a listening socket itself, not one descriptor.
    func end() {
        descriptor.withLock { number in
            if let number {
                shutdown(number, Int32(SHUT_RDWR))
                Glibc.close(number)
            }
            number = nil
        }
    }

    private static func text(_ address: SocketAddress) -> String {
        let host = address.ipAddress ?? "?"
        return (host.contains(":") ? "[\(host)]" : host) + ":\(address.port ?? 0)"
    }

    private static func listens(_ number: Int32) -> Bool {
        var answer: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer == 1
    }

    private static func boundAddress(of number: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer -> SocketAddress? in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> SocketAddress? in
                guard getsockname(number, generic, &size) == 0 else { return nil }
                let bytes = UnsafeRawPointer(generic)
                switch Int32(generic.pointee.sa_family) {
                case AF_INET: return SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
                case AF_INET6: return SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
                default: return nil
                }
            }
        }
    }
}
