import Glibc
import Response
import Synchronization
import World

/// The time zones of this machine (Debian's package tzdata).
final class ZoneFiles: Sendable {
    private let folder: String
    private let read = Mutex<[String: ZoneRules?]>([:])

    init(folder: String = "/usr/share/zoneinfo") { self.folder = folder }

    /// Whether the machine has any.
    var exist: Bool { access(folder + "/Etc/UTC", R_OK) == 0 || access(folder + "/UTC", R_OK) == 0 }

    /// The rules of a zone by its IANA name; `nil` when there are none that can be read. Each is read once.
    func rules(_ name: String) -> ZoneRules? {
        // A name is no way out of the folder.
        guard !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else { return nil }
        return read.withLock { read in
            if let known = read[name] { return known }
            var rules: ZoneRules?
            if let bytes = try? SmallFile.read("\(folder)/\(name)", limit: 1 << 20) {
                rules = try? ZoneRules(name: name, tzif: bytes)
            }
            read[name] = .some(rules)
            return rules
        }
    }
}
