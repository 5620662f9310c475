import Synchronization
import World

/// Clients that keep a connection and the cookie that they are given, as browsers do.
final class Browsers: Sendable {
    /// What one browser saw, in order.
    struct Story: Sendable {
        var cookie: String?
        var answers: [Answer] = []

        var failures: [Answer] { answers.filter { $0.status != 200 } }
        var bodies: [String] { answers.map(\.body) }
    }

    struct Answer: Sendable {
        var status: Int
        var body: String
        /// When it was asked for.
        var asked: ContinuousClock.Instant
    }

    private let stories: Mutex<[Story]>
    private let isOver = Mutex(false)

    private init(_ count: Int) { stories = Mutex([Story](repeating: Story(), count: count)) }

    /// Each asks, and pauses, and asks again while the body runs.
    static func run(
        _ count: Int, port: Int, path: String, pause: Duration = .milliseconds(100),
        while body: (Browsers) async throws -> Void
    ) async throws -> [Story] {
        let browsers = Browsers(count)
        let senders = Task {
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<count { group.addTask { await browsers.surf(index, port, path, pause) } }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(browsers)) } catch { result = .failure(error) }
        browsers.isOver.withLock { $0 = true }
        await senders.value
        try result.get()
        return browsers.stories.withLock { $0 }
    }

    /// Waits until each has had an answer to a request that it began after this call.
    func allAskAgain() async throws {
        let now = ContinuousClock.now
        let end = now + .seconds(60)
        while !stories.withLock({ $0.allSatisfy { story in story.answers.last.map { $0.asked > now } ?? false } }) {
            guard ContinuousClock.now < end else {
                throw PlatformFixture.FixtureError(text: "a browser had no answer for a minute")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func surf(_ index: Int, _ port: Int, _ path: String, _ pause: Duration) async {
        var socket: Socket?
        // Not all at the same moment.
        try? await Task.sleep(for: .milliseconds(index * 97 % 100))
        while !isOver.withLock({ $0 }) {
            let asked = ContinuousClock.now
            let cookie = stories.withLock { $0[index].cookie }
            do {
                let connection: Socket
                if let socket {
                    connection = socket
                } else {
                    connection = try await Socket.connect(port: port, timeout: .seconds(60))
                }
                let field = cookie.map { "Cookie: \($0)\r\n" } ?? ""
                let request = "GET \(path) HTTP/1.1\r\nHost: shop.localhost\r\n\(field)\r\n"
                try await connection.send(Array(request.utf8), timeout: .seconds(60))
                let answer = try await Load.answer(connection)
                stories.withLock {
                    $0[index].answers.append(Answer(status: answer.status, body: answer.body, asked: asked))
                    if let cookie = answer.cookie { $0[index].cookie = cookie }
                }
                socket = answer.closes ? nil : connection
            } catch {
                socket = nil
                stories.withLock { $0[index].answers.append(Answer(status: 0, body: "\(error)", asked: asked)) }
            }
            try? await Task.sleep(for: pause)
        }
    }
}
