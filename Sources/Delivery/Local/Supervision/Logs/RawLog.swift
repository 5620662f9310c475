import CLinux
import Glibc
import World

/// One raw output file of a replica, read as it grows; its consumed part is given back to the disk.
///
/// The process appends and never learns of us. How far it was read stands in a file beside it, written after the lines were stored:
/// a supervisor killed between the two reads the last batch again, so that no line is lost and few are doubled.
final class RawLog {
    private let descriptor: Int32
    private let mark: Int32
    private let path: String
    private var readOffset: Int
    private var givenBack: Int
    private var splitter: LineSplitter
    private var pendingSince: Duration?
    private var reservedTo: Int

    /// - Throws: `WorldError`
    init(path: String, lineLimit: Int) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            mark = -1
            readOffset = 0
            givenBack = 0
            splitter = LineSplitter(limit: lineLimit)
            reservedTo = 0
            throw SystemError.last.during("open \(path)")
        }
        mark = open(path + ".at", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        let written = SmallFile.text(path + ".at").flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
        let size = Int(lseek(descriptor, 0, SEEK_END))
        readOffset = min(written, size)
        givenBack = readOffset / Self.block * Self.block
        splitter = LineSplitter(limit: lineLimit)
        reservedTo = size
        reserve(from: size)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if mark >= 0 { close(mark) }
    }

    private static let block = 4096
    /// Disk space that a replica's output has to itself ahead of what it wrote: on a full disk a service that logs goes on for
    /// as long, and longer since what was read is given back.
    static let reserve = 128 << 10

    /// Bytes that the replica wrote and nobody read yet.
    var backlog: Int { max(0, Int(lseek(descriptor, 0, SEEK_END)) - readOffset) }

    private func reserve(from end: Int) {
        guard reservedTo - end < Self.reserve / 2 else { return }
        if clinux_reserve(descriptor, off_t(end), off_t(Self.reserve)) == 0 { reservedTo = end + Self.reserve }
    }

    /// The lines that are complete, and a last one without an end once it has waited for a second.
    func read(now: Duration, flush: Bool = false, limit: Int = 1 << 20) -> [LineSplitter.Line] {
        var lines: [LineSplitter.Line] = []
        let isGrown = lseek(descriptor, 0, SEEK_END) > readOffset
        // Most looks find nothing: they cost one system call and no buffer.
        guard isGrown || pendingSince != nil || flush else { return [] }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var taken = 0
        while taken < limit {
            let count = pread(descriptor, &buffer, buffer.count, readOffset)
            guard count > 0 else { break }
            readOffset += count
            taken += count
            lines.append(contentsOf: splitter.feed(buffer[0..<count]))
        }
        if taken > 0 { pendingSince = splitter.pendingCount > 0 ? now : nil }
        let isOld = pendingSince.map { now - $0 >= .seconds(1) } ?? false
        if flush || isOld, let line = splitter.flush() {
            lines.append(line)
            pendingSince = nil
        }
        return lines
    }

    /// Remembers that everything given so far is stored, and frees its blocks by the mebibyte.
    ///
    /// - Parameter atOnce: frees them now, for what the replica writes next: the disk is full.
    func commit(atOnce: Bool = false) {
        let stored = readOffset - splitter.pendingCount
        let text = Array((String(stored) + "\n").utf8)
        if pwrite(mark, text, text.count, 0) == text.count { ftruncate(mark, text.count) }
        let end = stored / Self.block * Self.block
        let freed = end - givenBack
        if freed >= (atOnce ? Self.block : 1 << 20), clinux_punch_hole(descriptor, off_t(givenBack), off_t(freed)) == 0
        {
            givenBack = end
            // As much as was given back, and not a block more: on a full disk there is no more.
            if atOnce, clinux_reserve(descriptor, off_t(reservedTo), off_t(freed)) == 0 { reservedTo += freed }
        }
        reserve(from: readOffset)
    }

    /// Removes the files of a replica that is gone.
    static func remove(_ path: String) {
        unlink(path)
        unlink(path + ".at")
    }
}
