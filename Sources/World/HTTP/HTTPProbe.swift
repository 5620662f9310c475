/// One GET to a port of this machine, for probes: no redirect is followed, the body is cut.
///
/// Written on the socket itself: a probe needs a status and a deadline, not a client's pools, threads and event loops in every
/// supervisor.
package enum HTTPProbe {
    /// What answered.
    package struct Answer: Sendable, Hashable {
        package var status: Int
        /// The first bytes of the body as they came, chunk marks included.
        package var excerpt: String

        package init(status: Int, excerpt: String) {
            self.status = status
            self.excerpt = excerpt
        }
    }

    /// Asks `GET path`.
    ///
    /// - Throws: `WorldError`: refused, late, or not HTTP.
    package static func get(port: Int, path: String, timeout: Duration, excerptLimit: Int = 2048) async throws -> Answer
    {
        let deadline = ContinuousClock.now + timeout
        let socket = try await Socket.connect(port: port, timeout: timeout)
        let request =
            "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUser-Agent: hauban-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        try await socket.send(Array(request.utf8), timeout: ContinuousClock.now.duration(to: deadline))
        var received: [UInt8] = []
        while received.count < 16 << 10 {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw late(port, path, timeout) }
            let bytes: [UInt8]
            do {
                bytes = try await socket.receive(limit: 4096, timeout: left)
            } catch let error as WorldError where answer(in: received, excerptLimit) != nil && error.code != "timed-out"
            {
                break
            }
            if bytes.isEmpty { break }
            received.append(contentsOf: bytes)
            // A passing answer's body is of no interest.
            if let answer = answer(in: received, excerptLimit), (200..<400).contains(answer.status) { return answer }
        }
        guard let answer = answer(in: received, excerptLimit) else {
            throw WorldError(
                code: "not-http", operation: "GET 127.0.0.1:\(port)\(path)",
                underlying: received.isEmpty
                    ? "the connection was closed without an answer" : "the answer is not HTTP/1")
        }
        return answer
    }

    /// Reads a status line and what follows the headers; `nil` while the headers are not complete.
    static func answer(in bytes: [UInt8], _ excerptLimit: Int) -> Answer? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("HTTP/1."), let end = text.utf8.firstRange(of: "\r\n\r\n".utf8) else { return nil }
        let words = text.prefix { $0 != "\r\n" }.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, let status = Int(words[1]), (100...599).contains(status) else { return nil }
        return Answer(status: status, excerpt: String(text[end.upperBound...].prefix(excerptLimit)))
    }

    private static func late(_ port: Int, _ path: String, _ timeout: Duration) -> WorldError {
        WorldError(
            code: "timed-out", operation: "GET 127.0.0.1:\(port)\(path)",
            underlying: "no whole answer within \(timeout)")
    }
}
