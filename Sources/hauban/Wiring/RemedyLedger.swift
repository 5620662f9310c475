import FoundationEssentials
import Glibc
import Synchronization
import World

/// Which remedies were begun, on disk: none is done twice, whatever ends the process in between.
package final class RemedyLedger: Sendable {
    private struct Line: Codable {
        var key: String
        /// Seconds since 1970.
        var at: Double
        /// Absent where it begins.
        var succeeded: Bool?
        var output: String?
    }

    package enum Standing: Equatable {
        case new
        /// It began and nothing is known of its end.
        case open
        case over(succeeded: Bool, output: String)
    }

    private struct State {
        var known: [String: Standing]
        /// Begun by this process.
        var underWay: Set<String> = []
        var hasGap: Bool
    }

    private let path: String
    private let state: Mutex<State>

    /// - Parameter path: a file to which lines are added; made with the first.
    /// - Throws: `WorldError` when it is there and cannot be read.
    package init(path: String) throws {
        self.path = path
        var known: [String: Standing] = [:]
        var bytes: [UInt8] = []
        do {
            bytes = try SmallFile.read(path, limit: 256 << 20)
        } catch let error as SystemError where [ENOENT, ENOTDIR].contains(error.number) {
        } catch let error as SystemError {
            throw error.during("read \(path)")
        }
        for text in bytes.split(separator: 0x0a) {
            // The last line of a killed process may be cut: what it began with was never begun.
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(text)) else { continue }
            known[line.key] = line.succeeded.map { .over(succeeded: $0, output: line.output ?? "") } ?? .open
        }
        state = Mutex(State(known: known, hasGap: bytes.last.map { $0 != 0x0a } ?? false))
    }

    /// Writes down that a remedy begins, unless it did before.
    ///
    /// - Returns: how it stood until now: only what is ``Standing/new`` may be done.
    /// - Throws: `WorldError`: then it must not be done.
    package func begin(_ key: String, at now: Double) throws -> Standing {
        try state.withLock { state in
            if let standing = state.known[key] { return standing }
            try append(Line(key: key, at: now), &state)
            state.known[key] = .open
            state.underWay.insert(key)
            return .new
        }
    }

    /// How a remedy stands.
    package func standing(of key: String) -> Standing { state.withLock { $0.known[key] ?? .new } }

    /// Writes down what came of it.
    package func end(_ key: String, succeeded: Bool, output: String, at now: Double) throws {
        try state.withLock { state in
            state.known[key] = .over(succeeded: succeeded, output: output)
            state.underWay.remove(key)
            try append(Line(key: key, at: now, succeeded: succeeded, output: output), &state)
        }
    }

    /// Waits until what this process began is over.
    package func settle(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end, state.withLock({ !$0.underWay.isEmpty }) {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func append(_ line: Line, _ state: inout State) throws {
        let operation = "write to \(path)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError.last.during(operation) }
        defer { close(descriptor) }
        var bytes = Array(try JSONEncoder().encode(line)) + [0x0a]
        if state.hasGap { bytes.insert(0x0a, at: 0) }
        let count = write(descriptor, bytes, bytes.count)
        guard count == bytes.count, fsync(descriptor) == 0 else {
            let error = SystemError.last
            state.hasGap = true
            throw error.during(operation)
        }
        state.hasGap = false
    }
}
