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
        var at: ContinuousClock.Instant
    }

    private let stories: Mutex<[Story]>
    private let isOver = Mutex(false)

    private init(_ count: Int) { stories = Mutex([Story](repeating: Story(), count: count)) }

    /// Each asks ten times a second while the body runs, at most for a minute and a half.
    static func run(_ count: Int, port: Int, path: String, while body: () async throws -> Void) async throws -> [Story]
    {
        let browsers = Browsers(count)
        let senders = Task {
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<count { group.addTask { await browsers.surf(index, port, path) } }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        browsers.isOver.withLock { $0 = true }
        await senders.value
        try result.get()
        return browsers.stories.withLock { $0 }
    }

    private func surf(_ index: Int, _ port: Int, _ path: String) async {
        let end = ContinuousClock.now + .seconds(90)
        var socket: Socket?
        // Not all at the same moment.
        try? await Task.sleep(for: .milliseconds(index * 97 % 100))
        while ContinuousClock.now < end, !isOver.withLock({ $0 }) {
            let cookie = stories.withLock { $0[index].cookie }
            do {
                let connection: Socket
                if let socket {
                    connection = socket
                } else {
                    connection = try await Socket.connect(port: port, timeout: .seconds(5))
                }
                let field = cookie.map { "Cookie: \($0)\r\n" } ?? ""
                let request = "GET \(path) HTTP/1.1\r\nHost: shop.localhost\r\n\(field)\r\n"
                try await connection.send(Array(request.utf8), timeout: .seconds(5))
                let answer = try await Load.answer(connection)
                stories.withLock {
                    $0[index].answers.append(Answer(status: answer.status, body: answer.body, at: .now))
                    if let cookie = answer.cookie { $0[index].cookie = cookie }
                }
                socket = answer.closes ? nil : connection
            } catch {
                socket = nil
                stories.withLock { $0[index].answers.append(Answer(status: 0, body: "\(error)", at: .now)) }
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
