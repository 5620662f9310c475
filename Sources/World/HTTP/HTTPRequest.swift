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

    /// A status, the first mebibyte of the body, and the header's fields.
    package struct Answer: Sendable, Hashable {
        package var status: Int
        package var body: String
        /// By names in lower case; of a field that came several times, the values with `, ` between.
        package var fields: [String: String] = [:]
    }

    /// Sends it over a connection of its own; redirects are answers, not orders. Who sends more than now and then has an
    /// ``HTTPCaller``.
    ///
    /// - Throws: `WorldError` when no whole answer came in time.
    package func send(within deadline: Duration) async throws -> Answer {
        let caller = HTTPCaller(.init(connecting: .seconds(10), connectsAgain: true))
        let answer: Result<Answer, any Error>
        do {
            answer = .success(try await caller.send(self, within: deadline))
        } catch let error as WorldError {
            answer = .failure(
                WorldError(
                    code: "request-failed", operation: "\(method) \(url)", underlying: error.underlying,
                    hint: "Look whether the service answers: `hauban status` and `hauban logs`."))
        } catch {
            answer = .failure(error)
        }
        await caller.close()
        return try answer.get()
    }
}
