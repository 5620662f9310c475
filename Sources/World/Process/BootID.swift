/// Which start of the machine this is.
package struct BootID: Sendable, Hashable, Codable {
    package let text: String

    package init(text: String) { self.text = text }

    /// The running kernel's own (proc(5), `/proc/sys/kernel/random/boot_id`).
    package static var current: BootID {
        let text = SmallFile.text("/proc/sys/kernel/random/boot_id") ?? ""
        return BootID(text: String(text.prefix { $0 != "\n" }))
    }
}
