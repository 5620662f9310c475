import Glibc
import World

/// Files as a tar archive (POSIX.1-2017 `pax`, ustar with extended headers where a name or link is too long), made while it is read:
/// no archive lies in memory or on disk.
///
/// Times and owners are fixed, so that equal files are equal archives.
package struct TarStream: AsyncSequence, Sendable {
    package struct Entry: Sendable, Hashable {
        package enum Content: Sendable, Hashable {
            case bytes([UInt8])
            /// An absolute path, with the size that it had.
            case file(path: String, size: Int)
            case link(to: String)
            case folder
        }
        package var name: String
        package var content: Content
        package var mode: Int
        package var user: Int
        package var group: Int

        package init(_ name: String, _ content: Content, mode: Int = 0o644, user: Int = 0, group: Int = 0) {
            self.name = name
            self.content = content
            self.mode = mode
            self.user = user
            self.group = group
        }
    }

    package let entries: [Entry]
    private static let pieceBytes = 256 << 10

    package init(_ entries: [Entry]) { self.entries = entries }

    package func makeAsyncIterator() -> Iterator { Iterator(entries: entries) }

    package struct Iterator: AsyncIteratorProtocol {
        private let entries: [Entry]
        private var index = 0
        private var file: (descriptor: Descriptor, path: String, left: Int, padding: Int)?
        private var isDone = false

        fileprivate init(entries: [Entry]) { self.entries = entries }

        /// - Throws: `WorldError` for a file that is gone or became shorter.
        package mutating func next() async throws -> [UInt8]? {
            if isDone { return nil }
            var piece: [UInt8] = []
            while piece.count < TarStream.pieceBytes {
                if let file {
                    piece += try read(file)
                    continue
                }
                guard index < entries.count else {
                    // The end is two blocks of zeros.
                    piece += [UInt8](repeating: 0, count: 1024)
                    isDone = true
                    return piece
                }
                piece += try begin(entries[index])
                index += 1
            }
            return piece
        }

        private mutating func begin(_ entry: Entry) throws -> [UInt8] {
            switch entry.content {
            case .bytes(let bytes):
                return TarHeader.blocks(of: entry, size: bytes.count) + bytes + TarHeader.padding(bytes.count)
            case .link, .folder: return TarHeader.blocks(of: entry, size: 0)
            case .file(let path, let size):
                let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                guard number >= 0 else { throw SystemError.last.during("read \(path)") }
                if size > 0 {
                    file = (Descriptor(adopting: number), path, size, TarHeader.padding(size).count)
                } else {
                    close(number)
                }
                return TarHeader.blocks(of: entry, size: size)
            }
        }

        private mutating func read(_ current: (descriptor: Descriptor, path: String, left: Int, padding: Int)) throws
            -> [UInt8]
        {
            var buffer = [UInt8](repeating: 0, count: Swift.min(current.left, TarStream.pieceBytes))
            let count = Glibc.read(current.descriptor.number, &buffer, buffer.count)
            if count < 0, errno == EINTR { return [] }
            guard count > 0 else {
                throw WorldError(
                    code: "source-changed", operation: "read \(current.path)",
                    underlying: count < 0 ? "\(SystemError.last)" : "it became shorter while it was read",
                    hint: "Let nothing write into the source while it is built.")
            }
            let left = current.left - count
            file = left == 0 ? nil : (current.descriptor, current.path, left, current.padding)
            return Array(buffer[0..<count]) + (left == 0 ? [UInt8](repeating: 0, count: current.padding) : [])
        }
    }
}

/// Headers of the archive's entries.
enum TarHeader {
    /// One header, with an extended one before it when the name or the link has no room in it.
    static func blocks(of entry: TarStream.Entry, size: Int) -> [UInt8] {
        var name = entry.name
        if case .folder = entry.content, !name.hasSuffix("/") { name += "/" }
        var link = ""
        if case .link(let target) = entry.content { link = target }
        var records: [UInt8] = []
        if name.utf8.count > 100 { records += record("path", name) }
        if link.utf8.count > 100 { records += record("linkpath", link) }
        if size >= 1 << 33 { records += record("size", "\(size)") }
        var blocks: [UInt8] = []
        if !records.isEmpty {
            blocks += header(name: "pax", link: "", kind: "x", mode: 0o644, user: 0, group: 0, size: records.count)
            blocks += records + padding(records.count)
        }
        let kind: Character =
            switch entry.content {
            case .bytes, .file: "0"
            case .link: "2"
            case .folder: "5"
            }
        return blocks
            + header(
                name: name, link: link, kind: kind, mode: entry.mode, user: entry.user, group: entry.group,
                size: size >= 1 << 33 ? 0 : size)
    }

    static func padding(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: (512 - count % 512) % 512) }

    /// `LENGTH key=value\n`, where the length counts its own digits.
    private static func record(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n".utf8.count
        var length = rest
        while "\(length)".utf8.count + rest != length { length = "\(length)".utf8.count + rest }
        return Array("\(length) \(key)=\(value)\n".utf8)
    }

    private static func header(
        name: String, link: String, kind: Character, mode: Int, user: Int, group: Int, size: Int
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: some Collection<UInt8>, _ offset: Int, _ limit: Int) {
            block.replaceSubrange(offset..<offset + min(limit, text.count), with: text.prefix(limit))
        }
        func octal(_ value: Int, _ digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
        }
        put(Array(name.utf8), 0, 100)
        put(octal(mode, 7), 100, 7)
        put(octal(user, 7), 108, 7)
        put(octal(group, 7), 116, 7)
        put(octal(size, 11), 124, 11)
        put(octal(0, 11), 136, 11)
        put([UInt8](repeating: 0x20, count: 8), 148, 8)
        put(Array("\(kind)".utf8), 156, 1)
        put(Array(link.utf8), 157, 100)
        put(Array("ustar\0".utf8) + Array("00".utf8), 257, 8)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6) + [0, 0x20], 148, 8)
        return block
    }
}
