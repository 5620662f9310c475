import Glibc

/// An error number of the operating system, with its text.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// The number that the last system call of this thread left.
    package static var last: SystemError { SystemError(errno) }

    package var description: String { String(cString: strerror(number)) }

    /// The error with its operation and hint, as the rest of the program passes it on.
    ///
    /// Of a full or closed disk and of lacking rights the code is a word, and the mend is that of this machine's state, not
    /// the caller's guess.
    package func during(_ operation: String, hint: String = "") -> WorldError {
        let hint = mend ?? (hint.isEmpty ? fallback : hint)
        return WorldError(code: code, operation: operation, underlying: description, hint: hint)
    }

    /// `disk-full`, `disk-read-only`, `no-permission`, else `system-` and the number.
    package var code: String {
        switch number {
        case ENOSPC, EDQUOT: "disk-full"
        case EROFS: "disk-read-only"
        case EACCES, EPERM: "no-permission"
        default: "system-\(number)"
        }
    }

    /// For callers that know nothing better.
    private var fallback: String {
        code == "no-permission" ? "Run it as the user to whom it belongs, or give this user the right to it." : ""
    }

    private var mend: String? {
        switch number {
        case ENOSPC, EDQUOT:
            "Make room on the disk that holds it (`df -h` shows which one is full), then run the command again."
        case EROFS:
            "Make the disk that holds it writable again (`mount -o remount,rw`; `dmesg` says why it is closed), then run "
                + "the command again."
        default: nil
        }
    }
}
