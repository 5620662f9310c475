import CLinux
import Glibc

/// A message of a packet socket, and the descriptor that came with it (SCM_RIGHTS of unix(7)).
package struct Packet: Sendable {
    package var text: String
    package var descriptor: Descriptor?
}

extension Socket {
    /// The process that connected, as it was then.
    package var peerProcess: Int32? {
        let pid = clinux_peer_process(descriptor)
        return pid > 0 ? pid : nil
    }

    /// The next message of at most 1 KiB; `nil` at the end.
    ///
    /// - Parameter timeout: `nil` = until the task is cancelled.
    /// - Throws: `WorldError`
    package func receivePacket(timeout: Duration?) async throws -> Packet? {
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            var number: Int32 = -1
            let count = clinux_receive_descriptor(descriptor, &buffer, buffer.count, &number)
            let reason = errno
            let came = number >= 0 ? Descriptor(adopting: number) : nil
            if count > 0 { return Packet(text: String(decoding: buffer[0..<count], as: UTF8.self), descriptor: came) }
            if count == 0 { return nil }
            if reason == EAGAIN {
                guard await DescriptorWait.wait(for: descriptor, .readable, timeout: timeout) else {
                    throw WorldError(code: "timed-out", operation: "receive", underlying: "no message in time")
                }
            } else if reason != EINTR {
                throw SystemError(reason).during("receive")
            }
        }
    }
}
