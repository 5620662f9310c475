import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request to a server, answered whole.
package struct HTTPRequest: Sendable, Hashable {
    package var method: String
    package var url: String
    package var headers: [String: String]
    package var body: String?

    package init(method: String = "GET", url: String, headers: [String: String] = [:], body: String? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// A status and the first mebibyte of the body.
    package struct Answer: Sendable, Hashable {
        package var status: Int
        package var body: String
    }

    /// Sends it; redirects are answers, not orders.
    ///
    /// - Throws: `WorldError` when no whole answer came in time.
    package func send(within deadline: Duration) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))
        let answer = await Result { try await execute(request, client, deadline) }
        try? await client.shutdown()
        return try answer.get()
    }

    private func execute(
        _ request: HTTPClientRequest, _ client: HTTPClient, _ deadline: Duration
    ) async throws -> Answer {
        do {
            let limit = TimeAmount.nanoseconds(Int64(deadline / .nanoseconds(1)))
            let response = try await client.execute(request, timeout: limit)
            let body = try await response.body.collect(upTo: 1 << 20)
            return Answer(status: Int(response.status.code), body: String(buffer: body))
        } catch {
            throw WorldError(
                code: "request-failed", operation: "\(method) \(url)", underlying: "\(error)",
                hint: "Look whether the service answers: `hauban status` and `hauban logs`.")
        }
    }
}

extension Result where Failure == any Error {
    /// What a piece of work came to.
    fileprivate init(_ work: () async throws -> Success) async {
        do {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
