import Glibc

/// The address of a Unix-domain socket (unix(7)).
struct UnixAddress {
    private var address = sockaddr_un()

    /// - Throws: `WorldError` when the path is longer than the kernel's 107 bytes.
    init(path: String) throws {
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw WorldError(
                code: "socket-path-too-long", operation: "use the socket \(path)",
                underlying: "\(bytes.count) bytes, at most 107", hint: "Use a shorter runtime folder.")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    }

    func withPointer<Answer>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer) -> Answer {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
