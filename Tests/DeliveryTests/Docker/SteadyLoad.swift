import Delivery
import Foundation
import Synchronization
import World

/// Asks again and again, one request after another, and keeps what failed.
final class SteadyLoad: Sendable {
    private struct Counts {
        var answered = 0
        var failed: [String] = []
    }

    private let url: String
    private let counts = Mutex(Counts())
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ url: String) { self.url = url }

    func begin() {
        let task = Task {
            let caller = HTTPCaller()
            while !Task.isCancelled {
                do {
                    let answer = try await caller.send(HTTPRequest(url: url), within: .seconds(30))
                    counts.withLock {
                        if answer.status == 200 { $0.answered += 1 } else { $0.failed.append("\(answer.status)") }
                    }
                } catch {
                    if !Task.isCancelled { counts.withLock { $0.failed.append("\(error)") } }
                }
                try? await Task.sleep(for: .milliseconds(5))
            }
            await caller.close()
        }
        self.task.withLock { $0 = task }
    }

    func end() async -> (answered: Int, failed: [String]) {
        let task = task.withLock(\.self)
        task?.cancel()
        await task?.value
        return counts.withLock { ($0.answered, $0.failed) }
    }
}
