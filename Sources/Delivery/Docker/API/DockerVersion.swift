/// A version of the Engine API: `1.41`.
package struct DockerVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let major: Int
    package let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// - Returns: `nil` for anything but two numbers with a dot between.
    package init?(_ text: String) {
        let words = text.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 2, let major = Int(words[0]), let minor = Int(words[1]), major > 0, minor >= 0 else {
            return nil
        }
        self.init(major, minor)
    }

    /// The oldest that is spoken: Docker 20.10, of Debian 12.
    package static let oldest = DockerVersion(1, 41)
    /// The newest that is spoken: what is used of it has not changed since the oldest. Docker 29 refuses older ones than it.
    package static let newest = DockerVersion(1, 44)
    static var range: String { "\(oldest) to \(newest)" }

    package var description: String { "\(major).\(minor)" }
    package static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
}
