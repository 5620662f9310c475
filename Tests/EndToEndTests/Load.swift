import Glibc
import Synchronization
import World

/// A steady, bounded load on one path, half of it on connections that are kept.
final class Load: Sendable {
    struct Report: Sendable {
        var sent = 0
        var failures: [String] = []
        var versions: Set<String> = []
    }

    private let report = Mutex(Report())
    private let isOver = Mutex(false)

    /// Sends a number of requests, as fast as they are answered, at most for a minute.
    static func run(port: Int, path: String, requests: Int) async throws -> Report {
        try await run(port: port, path: path) { try await $0.reach(requests) }
    }

    /// Waits until so many requests were sent, at most for a minute.
    private func reach(_ requests: Int) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while report.withLock({ $0.sent }) < requests, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Sends requests while the body runs and until there were `atLeast` of them, at most for a minute and twenty thousand of
    /// them.
    static func run(
        port: Int, path: String, clients: Int = 6, atLeast requests: Int = 0, while body: () async throws -> Void
    ) async throws -> Report {
        try await run(port: port, path: path, clients: clients) { load in
            try await body()
            try await load.reach(requests)
        }
    }

    private static func run(
        port: Int, path: String, clients: Int = 6, while body: (Load) async throws -> Void
    ) async throws -> Report {
        let load = Load()
        let senders = Task {
            await withTaskGroup(of: Void.self) { group in
                for client in 0..<clients { group.addTask { await load.send(port, path, keeps: client % 3 != 2) } }
            }
        }
        do {
            try await body(load)
        } catch {
            load.isOver.withLock { $0 = true }
            await senders.value
            throw error
        }
        load.isOver.withLock { $0 = true }
        await senders.value
        return load.report.withLock { $0 }
    }

    private func send(_ port: Int, _ path: String, keeps: Bool) async {
        let end = ContinuousClock.now + .seconds(60)
        var socket: Socket?
        while ContinuousClock.now < end, !isOver.withLock({ $0 }), report.withLock({ $0.sent }) < 20_000 {
            do {
                let connection: Socket
                if let socket {
                    connection = socket
                } else {
                    connection = try await Socket.connect(port: port, timeout: .seconds(60))
                }
                let close = keeps ? "" : "Connection: close\r\n"
                let request = "GET \(path) HTTP/1.1\r\nHost: shop.localhost\r\n\(close)\r\n"
                try await connection.send(Array(request.utf8), timeout: .seconds(60))
                let answer = try await Self.answer(connection)
                report.withLock { report in
                    report.sent += 1
                    if answer.status != 200 { report.failures.append("status \(answer.status)") }
                    report.versions.insert(answer.body)
                }
                socket = keeps && !answer.closes ? connection : nil
            } catch {
                socket = nil
                report.withLock { report in
                    report.sent += 1
                    report.failures.append("\(error)")
                }
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Reads one answer with a Content-Length.
    static func answer(_ socket: Socket) async throws -> (status: Int, body: String, closes: Bool, cookie: String?) {
        var bytes: [UInt8] = []
        while true {
            let part = try await socket.receive(limit: 4096, timeout: .seconds(60))
            guard !part.isEmpty else {
                throw PlatformFixture.FixtureError(text: "the connection was closed after \(bytes.count) bytes")
            }
            bytes += part
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = text[..<end.lowerBound].lowercased()
            let length =
                head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
            let body = text[end.upperBound...]
            guard body.utf8.count >= length else { continue }
            let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
            let cookie = text[..<end.lowerBound].split(separator: "\r\n").first {
                $0.lowercased().hasPrefix("set-cookie:")
            }
            .map { String($0.dropFirst(11).drop { $0 == " " }.prefix { $0 != ";" }) }
            return (status, String(body), head.contains("connection: close"), cookie)
        }
    }
}

extension String {
    fileprivate func range(of part: String) -> Range<String.Index>? {
        utf8.firstRange(of: part.utf8)
    }
}
