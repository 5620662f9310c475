import Glibc
import NIOCore

/// A folder of static files and the rules by which paths lead into it.
final class SiteFolder: Sendable {
    let site: FrontDoorConfiguration.Site
    /// Bytes; a larger file is as good as missing.
    private let sizeLimit: Int

    init(_ site: FrontDoorConfiguration.Site, sizeLimit: Int = .max) {
        self.site = site
        self.sizeLimit = sizeLimit
    }

    /// The file below the root that a request path names, or `nil` for a path that names none.
    ///
    /// The path is refused, not repaired: no dot segments however encoded, no hidden names except `.well-known`, no empty
    /// segments, no NUL, no encoded slash.
    static func segments(ofPath path: String) -> (segments: [String], isFolder: Bool)? {
        guard path.isEmpty || path.utf8.first == UInt8(ascii: "/") else { return nil }
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let isFolder = parts.last?.isEmpty ?? true
        if isFolder { parts = parts.dropLast() }
        var segments: [String] = []
        for part in parts {
            guard let name = decoded(part), !name.isEmpty, name.utf8.count <= 255,
                !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }),
                name.utf8.first != UInt8(ascii: ".") || name == ".well-known"
            else { return nil }
            segments.append(name)
        }
        return (segments, isFolder)
    }

    private static func decoded(_ part: Substring) -> String? {
        var bytes: [UInt8] = []
        var iterator = part.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(Hex.value), let low = iterator.next().flatMap(Hex.value) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Opens the file that the request names, after every symbolic link is followed and found to stay inside the root.
    func open(_ request: FileRequest) -> FileAnswer {
        guard let (segments, isFolder) = Self.segments(ofPath: request.path), let root = Self.real(site.root) else {
            return .missing
        }
        let names = isFolder ? segments + [site.index] : segments
        switch find(names, root: root, request) {
        case .found(let answer): return answer
        case .unreadable: return .unreadable
        case .folder where !isFolder: return .redirect
        case .folder, .missing: break
        }
        let last = segments.last ?? ""
        guard let fallback = site.fallback, isFolder || !last.contains("."),
            case .found(let answer) = find(fallback.split(separator: "/").map(String.init), root: root, request)
        else { return .missing }
        return answer
    }

    private enum Found {
        case found(FileAnswer)
        case folder
        case missing
        case unreadable
    }

    private func find(_ names: [String], root: String, _ request: FileRequest) -> Found {
        let plain = root + "/" + names.joined(separator: "/")
        let type = ContentType.of(names.last ?? "")
        var hasVariants = false
        if site.precompressed {
            for (suffix, coding) in [(".br", "br"), (".gz", "gzip")] {
                guard let file = OpenFile(plain + suffix, under: root), file.isRegular else { continue }
                // A variant counts only beside its original.
                guard let original = OpenFile(plain, under: root), original.isRegular else { break }
                hasVariants = true
                if request.accepts(coding: coding) {
                    return .found(
                        .file(
                            FileBody(
                                file: file, name: names.last ?? "", type: type, coding: coding, hasVariants: true)))
                }
            }
        }
        guard let file = OpenFile(plain, under: root) else {
            return errno == EACCES || errno == EMFILE ? .unreadable : .missing
        }
        if file.isFolder { return .folder }
        guard file.isRegular, file.size <= sizeLimit else { return .missing }
        return .found(
            .file(
                FileBody(file: file, name: names.last ?? "", type: type, coding: nil, hasVariants: hasVariants)))
    }

    /// The path with all links followed, or `nil` when it names nothing.
    static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// What a client asks of a file.
struct FileRequest: Sendable {
    var path: String
    var acceptEncoding: String
    var ifNoneMatch: String?
    var ifModifiedSince: String?
    var range: String?
    var ifRange: String?

    /// Whether the coding is listed without `q=0` (RFC 9110 §12.5.3).
    func accepts(coding: String) -> Bool {
        acceptEncoding.lowercased().split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " } }
            guard parts.first == coding else { return false }
            return !parts.dropFirst().contains {
                $0 == "q=0" || $0.hasPrefix("q=0.") && $0.dropFirst(4).allSatisfy { $0 == "0" }
            }
        }
    }
}

enum FileAnswer: Sendable {
    case file(FileBody)
    /// The path names a folder and lacks the slash at its end.
    case redirect
    case missing
    case unreadable
}

/// An open file; closed when nobody holds it any more.
final class OpenFile: Sendable {
    let descriptor: CInt
    let size: Int
    let modifiedSecond: Int
    let modifiedNanosecond: Int
    private let mode: mode_t

    var isRegular: Bool { mode & S_IFMT == S_IFREG }
    var isFolder: Bool { mode & S_IFMT == S_IFDIR }

    /// - Parameter root: a real path that the file's real path must lie below.
    init?(_ path: String, under root: String) {
        guard let real = SiteFolder.real(path), real.hasPrefix(root + "/") || real == root || root == "/" else {
            return nil
        }
        let descriptor = Glibc.open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            Glibc.close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        size = Int(status.st_size)
        modifiedSecond = status.st_mtim.tv_sec
        modifiedNanosecond = status.st_mtim.tv_nsec
        mode = status.st_mode
    }

    deinit { Glibc.close(descriptor) }

    /// Blocks on the disk: only for the file threads. `nil` when the file is shorter than it was, or unreadable.
    func read(from offset: Int, count: Int) -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        while buffer.readableBytes < count {
            let done = buffer.readableBytes
            let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count - done) { space in
                max(0, pread(descriptor, space.baseAddress, count - done, off_t(offset + done)))
            }
            if got == 0 { return nil }
        }
        return buffer
    }
}
