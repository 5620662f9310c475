import Foundation
import Synchronization
import TestKit

/// What stands between two roles and loses, repeats, cuts and invents answers.
enum FaultyMiddle {
    enum Fault: CaseIterable, Sendable {
        case none, lostBefore, lostAfter, twice, late, cut, refused, garbled, otherName
    }

    /// Passes each request on to a port as a fault says.
    static func with(
        _ port: Int, _ fault: @escaping @Sendable (Int) -> Fault, _ body: (StubProvider) async throws -> Void
    ) async throws {
        let late = Mutex<StubProvider.Request?>(nil)
        try await StubProvider.with(
            { request, number in
                guard request.target.hasPrefix("/inner/v1/spools/") else { return pass(request, port) }
                switch fault(number) {
                case .none: return pass(request, port)
                case .lostBefore: return .hangUp
                case .lostAfter:
                    _ = pass(request, port)
                    return .hangUp
                case .twice:
                    _ = pass(request, port)
                    return pass(request, port)
                case .late:
                    // A copy of an earlier request arrives behind a later one.
                    let earlier = late.withLock { late in
                        defer { late = request }
                        return late
                    }
                    let reply = pass(request, port)
                    if let earlier { _ = pass(earlier, port) }
                    return reply
                case .cut:
                    var half = request
                    half.body = String(half.body.prefix(half.body.count / 2))
                    return pass(half, port)
                case .refused: return .http(502, "<html>bad gateway</html>")
                case .garbled: return .raw("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"spool\"")
                case .otherName: return .http(200, #"{"spool":"another","taken":999999}"#)
                }
            }, body)
    }

    private static func pass(_ request: StubProvider.Request, _ port: Int) -> StubProvider.Reply {
        var text = "\(request.method) \(request.target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for (name, value) in request.fields where !["host", "connection", "content-length"].contains(name) {
            text += "\(name): \(value)\r\n"
        }
        text += "Content-Length: \(request.body.utf8.count)\r\n\r\n\(request.body)"
        guard let bytes = try? PlainClient.exchange(Array(text.utf8), port),
            let answer = try? PlainClient.parse(bytes)
        else { return .http(502) }
        return .http(answer.status, answer.body)
    }
}
