import Synchronization
import World

/// A load that never pauses, and knows at each moment which versions may answer.
///
/// Each of its clients asks another way: on a kept connection, on a new one each time, slowly, across two services, and for a file.
final class Witness: Sendable {
    /// What was not as promised.
    struct Finding: Sendable, CustomStringConvertible {
        var description: String
    }

    private struct Phase {
        var began: ContinuousClock.Instant
        var allowed: Set<String>
    }

    /// When the first answer of a version ended, and the last request that it answered began.
    private struct Turns {
        var firstEnd: [String: ContinuousClock.Instant] = [:]
        var lastBegin: [String: ContinuousClock.Instant] = [:]
    }

    private struct State {
        var phases: [Phase]
        var sent = 0
        var findings: [Finding] = []
        /// Of this phase, and of the one before.
        var turns = Turns()
        var before = Turns()
        var isOver = false
    }

    private let state: Mutex<State>

    private init(_ version: String) {
        state = Mutex(State(phases: [Phase(began: .now, allowed: [version])]))
    }

    /// Asks while the body runs.
    /// - Returns: how many requests were sent.
    static func watch(
        port: Int, version: String, pause: Duration = .milliseconds(20), while body: (Witness) async throws -> Void
    ) async throws -> Int {
        let witness = Witness(version)
        let clients: [(path: String, keeps: Bool)] = [
            ("/api/version", true), ("/api/version", false), ("/api/slow", true), ("/api/chain", true),
            ("/version.txt", true),
        ]
        let senders = Task {
            await withTaskGroup(of: Void.self) { group in
                for client in clients { group.addTask { await witness.ask(port, client.path, client.keeps, pause) } }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(witness)) } catch { result = .failure(error) }
        witness.state.withLock { $0.isOver = true }
        await senders.value
        try result.get()
        return witness.state.withLock { $0.sent }
    }

    /// From now on answers may come from these versions.
    func expect(_ versions: Int...) {
        state.withLock { state in
            let now = ContinuousClock.now
            // A request may have begun in the phase before; none lasts longer than the last few phases.
            state.phases = state.phases.suffix(5) + [Phase(began: now, allowed: Set(versions.map { "\($0)" }))]
            state.before = state.turns
            state.turns = Turns()
        }
    }

    /// Whether, in the phase before this one, nobody was sent to the old version after the new one had answered.
    func switchedOnce(from old: Int, to new: Int) -> Bool {
        state.withLock { state in
            guard let first = state.before.firstEnd["\(new)"], let last = state.before.lastBegin["\(old)"] else {
                return true
            }
            return last <= first
        }
    }

    /// What was found since the last time.
    func take() -> [Finding] {
        state.withLock { state in
            defer { state.findings = [] }
            return state.findings
        }
    }

    private func ask(_ port: Int, _ path: String, _ keeps: Bool, _ pause: Duration) async {
        var socket: Socket?
        while !state.withLock({ $0.isOver }) {
            let began = ContinuousClock.now
            do {
                let connection: Socket
                if let socket {
                    connection = socket
                } else {
                    connection = try await Socket.connect(port: port, timeout: .seconds(60))
                }
                let close = keeps ? "" : "Connection: close\r\n"
                let request = "GET \(path) HTTP/1.1\r\nHost: tiny.localhost\r\n\(close)\r\n"
                try await connection.send(Array(request.utf8), timeout: .seconds(60))
                let answer = try await Load.answer(connection)
                socket = keeps && !answer.closes ? connection : nil
                judge(path, began, answer.status, answer.body)
            } catch {
                socket = nil
                state.withLock { state in
                    state.sent += 1
                    state.findings.append(Finding(description: "\(path): \(error)"))
                }
            }
            try? await Task.sleep(for: pause)
        }
    }

    private func judge(_ path: String, _ began: ContinuousClock.Instant, _ status: Int, _ body: String) {
        let ended = ContinuousClock.now
        state.withLock { state in
            state.sent += 1
            guard status == 200 else {
                state.findings.append(Finding(description: "\(path): status \(status): \(body)"))
                return
            }
            var allowed: Set<String> = []
            for (index, phase) in state.phases.enumerated() {
                let end = index + 1 < state.phases.count ? state.phases[index + 1].began : ended
                if end >= began { allowed.formUnion(phase.allowed) }
            }
            if !allowed.contains(body) {
                state.findings.append(
                    Finding(description: "\(path): answered by \(body), only \(allowed.sorted()) may"))
            }
            guard path.hasPrefix("/api"), let phase = state.phases.last, began >= phase.began else { return }
            state.turns.firstEnd[body] = min(state.turns.firstEnd[body] ?? ended, ended)
            state.turns.lastBegin[body] = max(state.turns.lastBegin[body] ?? began, began)
        }
    }
}
