import Glibc
import Synchronization
import World

/// Clients that open a connection for each request, one after another and several at a time, while front doors die.
final class Newcomers: Sendable {
    struct Report: Sendable {
        var answered = 0
        /// Connections that the kernel refused.
        var refused = 0
        /// Broken with a front door that may have accepted them before it died.
        var cut = 0
        /// Broken otherwise, or answered wrongly.
        var failed: [String] = []
        var slowest = Duration.zero
    }

    fileprivate struct State {
        var report = Report()
        var isOver = false
        /// Of each death when the signal was sent, and when the process was gone.
        var deaths: [(from: ContinuousClock.Instant, to: ContinuousClock.Instant)] = []
        /// Connections that broke: when they were begun, when they broke, and how.
        var broken: [(began: ContinuousClock.Instant, ended: ContinuousClock.Instant, reason: String)] = []
    }

    private let state = Mutex(State())

    /// Connects while the body runs.
    static func come(
        port: Int, paths: [String], while body: (Newcomers) async throws -> Void
    ) async throws -> Report {
        let newcomers = Newcomers()
        let clients = Task {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask { await newcomers.come(port, paths[number % paths.count]) }
                }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(newcomers)) } catch { result = .failure(error) }
        newcomers.state.withLock { $0.isOver = true }
        await clients.value
        try result.get()
        return newcomers.state.withLock { $0.judged() }
    }

    /// A front door died; what it had accepted by then is cut.
    func died(from: ContinuousClock.Instant, to: ContinuousClock.Instant) {
        state.withLock { $0.deaths.append((from, to)) }
    }

    /// Whether nobody listens on a port.
    static func isRefused(_ port: Int) async -> Bool {
        do {
            _ = try await Socket.connect(port: port, timeout: .seconds(5))
            return false
        } catch {
            return isRefusal(error)
        }
    }

    private static func isRefusal(_ error: any Error) -> Bool {
        (error as? WorldError)?.code == "system-\(ECONNREFUSED)"
    }

    private func come(_ port: Int, _ path: String) async {
        while !state.withLock({ $0.isOver }) {
            let began = ContinuousClock.now
            do {
                let socket = try await Socket.connect(port: port, timeout: .seconds(60))
                let request = "GET \(path) HTTP/1.1\r\nHost: tiny.localhost\r\nConnection: close\r\n\r\n"
                try await socket.send(Array(request.utf8), timeout: .seconds(60))
                let answer = try await Load.answer(socket)
                let took = began.duration(to: .now)
                state.withLock { state in
                    state.report.slowest = max(state.report.slowest, took)
                    if answer.status == 200, answer.body == "1" {
                        state.report.answered += 1
                    } else {
                        state.report.failed.append("\(path): \(answer.status) \(answer.body)")
                    }
                }
            } catch {
                state.withLock { state in
                    if Self.isRefusal(error) {
                        state.report.refused += 1
                    } else {
                        state.broken.append((began, .now, "\(path): \(error)"))
                    }
                }
            }
            try? await Task.sleep(for: .milliseconds(3))
        }
    }
}

extension Newcomers.State {
    /// A connection that was begun before a process was gone may have been accepted by it.
    fileprivate func judged() -> Newcomers.Report {
        var report = report
        for (began, ended, reason) in broken {
            if deaths.contains(where: { began <= $0.to && ended >= $0.from }) {
                report.cut += 1
            } else {
                report.failed.append(reason)
            }
        }
        return report
    }
}
