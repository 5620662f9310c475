import CLinux
import Glibc
import SystemPackage

/// What a command reads, as a file without a name: whole before the command starts, so that nobody has to feed it.
enum StandardInput {
    /// A descriptor at the first byte; the caller closes it.
    static func descriptor(holding bytes: [UInt8]) throws -> FileDescriptor {
        guard !bytes.isEmpty else {
            return try FileDescriptor.open("/dev/null", .readOnly, options: .closeOnExec)
        }
        let number = clinux_memory_file("hauban-input")
        guard number >= 0 else { throw SystemError.last.during("hold what a command reads") }
        let descriptor = FileDescriptor(rawValue: number)
        do {
            try descriptor.writeAll(bytes)
            try descriptor.seek(offset: 0, from: FileDescriptor.SeekOrigin.start)
        } catch {
            try? descriptor.close()
            throw error
        }
        return descriptor
    }
}
