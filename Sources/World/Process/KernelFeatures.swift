import CLinux
import Glibc

/// What the running kernel can do.
package enum KernelFeatures {
    /// pidfd_open(2), Linux 5.3, tried on this process.
    package static var hasPidfd: Bool {
        let descriptor = clinux_pidfd_open(getpid())
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    /// `[6, 1]` of `6.1.0-18-amd64`; empty when /proc does not tell.
    package static var version: [Int] {
        let text = SmallFile.text("/proc/sys/kernel/osrelease") ?? ""
        return text.split(separator: ".").prefix(2).compactMap { Int($0.prefix { $0.isNumber }) }
    }
}
