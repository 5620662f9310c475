import FoundationEssentials
import Glibc
import World

/// The structured log files: `<folder>/<service>/<day>.<number>.jsonl`, a new one each day and when one is full.
final class LogFiles {
    private struct OpenFile {
        var descriptor: Int32
        var day: String
        var number: Int
        var size: Int
    }

    private let folder: String
    private let limits: LogLimits
    private var files: [String: OpenFile] = [:]

    init(folder: String, limits: LogLimits) {
        self.folder = folder
        self.limits = limits
    }

    deinit { for file in files.values { close(file.descriptor) } }

    /// Appends whole lines.
    ///
    /// - Throws: `WorldError`; then nothing of them counts as stored.
    func append(_ bytes: [UInt8], service: String, at date: Date) throws {
        var file = try current(service, Timestamp.day(date))
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(file.descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                let refusal = SystemError.last
                // The part that was written would be doubled by the next try.
                ftruncate(file.descriptor, file.size)
                throw refusal.during("append to the log of \(service)", hint: "Free some disk space.")
            }
            written += count
        }
        file.size += bytes.count
        files[service] = file
    }

    private func current(_ service: String, _ day: String) throws -> OpenFile {
        if let file = files[service], file.day == day, file.size < limits.fileBytes { return file }
        if let old = files.removeValue(forKey: service) { close(old.descriptor) }
        let place = folder + "/" + service
        try Folder.make(place)
        var number = LogFileName.all(in: place).last { $0.day == day }?.number ?? 1
        while true {
            let path = place + "/" + LogFileName(day: day, number: number).text
            let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw SystemError.last.during("open \(path)") }
            var size = Int(lseek(descriptor, 0, SEEK_END))
            if size >= limits.fileBytes {
                close(descriptor)
                number += 1
                continue
            }
            var last: UInt8 = 0x0a
            // A crash in the middle of a line: the torn one ends here, and readers skip it.
            if size > 0, pread(descriptor, &last, 1, size - 1) == 1, last != 0x0a, write(descriptor, "\n", 1) == 1 {
                size += 1
            }
            let file = OpenFile(descriptor: descriptor, day: day, number: number, size: size)
            files[service] = file
            removeOldest()
            return file
        }
    }

    /// Removes the files whose last entry may be older than ``LogRetention`` says: those of days that ended so long ago.
    func removeExpired(at date: Date) {
        guard let keep = LogRetention.read(folder) else { return }
        let last = Timestamp.day(date.addingTimeInterval(-(keep / .seconds(1)) - 86_400))
        for service in Folder.names(in: folder) {
            for name in LogFileName.all(in: folder + "/" + service) where name.day <= last {
                if let file = files[service], file.day == name.day, file.number == name.number {
                    close(file.descriptor)
                    files[service] = nil
                }
                unlink(folder + "/" + service + "/" + name.text)
            }
        }
    }

    /// Brings the total under its limit; files that are being written stay.
    private func removeOldest() {
        var found: [(name: LogFileName, path: String, size: Int)] = []
        for service in Folder.names(in: folder) {
            for name in LogFileName.all(in: folder + "/" + service) {
                let path = folder + "/" + service + "/" + name.text
                var information = stat()
                guard stat(path, &information) == 0 else { continue }
                let isOpen = files[service].map { $0.day == name.day && $0.number == name.number } ?? false
                found.append((name, isOpen ? "" : path, Int(information.st_size)))
            }
        }
        var total = found.reduce(0) { $0 + $1.size }
        for file in found.sorted(by: { $0.name < $1.name }) where total > limits.totalBytes && !file.path.isEmpty {
            unlink(file.path)
            total -= file.size
        }
    }
}

/// The name of a structured log file; its order is the order of time.
struct LogFileName: Hashable, Comparable {
    var day: String
    var number: Int

    var text: String {
        let digits = String(number)
        return day + "." + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits + ".jsonl"
    }

    init(day: String, number: Int) {
        self.day = day
        self.number = number
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2] == "jsonl", parts[0].utf8.count == 10, let number = Int(parts[1]) else {
            return nil
        }
        self.init(day: String(parts[0]), number: number)
    }

    static func all(in folder: String) -> [LogFileName] {
        Folder.names(in: folder).compactMap { LogFileName($0) }.sorted()
    }

    static func < (left: Self, right: Self) -> Bool { (left.day, left.number) < (right.day, right.number) }
}
