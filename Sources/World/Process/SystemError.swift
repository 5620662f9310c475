import Glibc

/// An error number of the operating system, with its text.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// The number that the last system call of this thread left.
    package static var last: SystemError { SystemError(errno) }

    package var description: String { String(cString: strerror(number)) }

    /// The error with its operation and hint, as the rest of the program passes it on.
    package func during(_ operation: String, hint: String = "") -> WorldError {
        WorldError(code: "system-\(number)", operation: operation, underlying: description, hint: hint)
    }
}
