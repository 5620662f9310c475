import World

/// Asks the JSON API of a control plane.
struct PlaneClient: Sendable {
    /// An answer as it came, and read.
    struct Reply: Sendable {
        var text: String
        var json: JSONValue?
    }

    /// Items of a list, and the cursor of the next page where it was cut.
    struct Listing: Sendable {
        var items: [JSONValue]
        var next: String?

        /// As the API writes a page.
        var json: JSONValue {
            .object(
                [.init("items", .array(items))] + (next.map { [.init("next", .string($0))] } ?? []))
        }
    }

    private let access: PlaneAccess
    private let caller: HTTPCaller
    /// How it is found now; another token than before is tried once.
    private let renewed: @Sendable () -> PlaneAccess?

    /// How long one request may take.
    static let deadline = Duration.seconds(60)
    /// The most items of one page.
    static let pageSize = 500

    /// Runs the work with connections that are closed afterwards.
    static func with<Value>(
        _ access: PlaneAccess, renewed: @escaping @Sendable () -> PlaneAccess? = { nil },
        _ work: (PlaneClient) async throws -> Value
    ) async throws -> Value {
        let client = PlaneClient(
            access: access, caller: HTTPCaller(.init(answerBytes: 256 << 20), trusting: access.certificate),
            renewed: renewed)
        do {
            let value = try await work(client)
            await client.caller.close()
            return value
        } catch {
            await client.caller.close()
            throw error
        }
    }

    /// Asks for one thing.
    ///
    /// - Parameters:
    ///   - path: its segments below the host; each is escaped.
    ///   - doing: what it comes to, for errors: `acknowledge i12`.
    /// - Throws: `WorldError`, with the problem's word as its code where the control plane refused (RFC 9457).
    func ask(
        _ method: String, _ path: [String], query: [(name: String, value: String)] = [],
        body: JSONValue? = nil, doing: String
    ) async throws -> Reply {
        var answer = try await send(access, method, path, query, body, doing)
        // One that was started again has another token; nothing was done with the old one.
        if answer.status == 401, access.token != nil, let now = renewed(), now.token != access.token,
            now.certificate == access.certificate
        {
            answer = try await send(now, method, path, query, body, doing)
        }
        guard (200..<300).contains(answer.status) else { throw refusal(answer, doing) }
        return Reply(text: answer.body, json: JSONValue(parsing: Array(answer.body.utf8)))
    }

    private func send(
        _ access: PlaneAccess, _ method: String, _ path: [String], _ query: [(name: String, value: String)],
        _ body: JSONValue?, _ doing: String
    ) async throws -> HTTPRequest.Answer {
        var url = access.url + path.map { "/" + Self.escaped($0) }.joined()
        if !query.isEmpty {
            url += "?" + query.map { "\($0.name)=\(Self.escaped($0.value))" }.joined(separator: "&")
        }
        var headers = ["Accept": "application/json, application/problem+json, text/*"]
        if let token = access.token { headers["Authorization"] = "Bearer \(token.exposed)" }
        if let user = access.user { headers["X-Hauban-User"] = Self.fieldText(user) }
        if body != nil { headers["Content-Type"] = "application/json" }
        do {
            return try await caller.send(
                HTTPRequest(method: method, url: url, headers: headers, body: body?.text), within: Self.deadline)
        } catch var error as WorldError where error.code == "certificate-mismatch" {
            error.operation = doing
            error.underlying =
                "what listens at \(access.url) shows another certificate than the control plane wrote down"
            error.hint =
                "Another program may listen there. If the certificate was replaced, start `hauban serve` again."
            throw error
        } catch var error as WorldError where error.underlying.contains("certificate") {
            error.operation = doing
            error.hint = "Name it with --url by the name in its certificate, which this machine has to trust."
            throw error
        } catch let error as WorldError where error.code == "request-failed" {
            throw Self.nobody("\(access.url): \(error.underlying)", doing)
        }
    }

    /// Asks below `/api/v1` for something that is JSON.
    func json(
        _ method: String, _ path: [String], query: [(name: String, value: String)] = [],
        body: JSONValue? = nil, doing: String
    ) async throws -> (value: JSONValue, text: String) {
        let reply = try await ask(method, ["api", "v1"] + path, query: query, body: body, doing: doing)
        guard let value = reply.json else {
            throw WorldError(
                code: "not-json", operation: doing, underlying: "the answer of \(access.url) is no JSON",
                hint: "Look whether a control plane of Hauban is there.")
        }
        return (value, reply.text)
    }

    /// Reads a list page by page, to its end or to a limit.
    ///
    /// - Parameter progress: told how many items were read before each further page.
    func list(
        _ path: [String], query: [(name: String, value: String)] = [], limit: Int? = nil, doing: String,
        progress: (Int) -> Void = { _ in }
    ) async throws -> Listing {
        var all = Listing(items: [])
        repeat {
            let rest = limit.map { $0 - all.items.count } ?? Self.pageSize
            var asked = query + [("limit", "\(min(rest, Self.pageSize))")]
            if let next = all.next {
                asked.append(("cursor", next))
                progress(all.items.count)
            }
            let page = try await json("GET", path, query: asked, doing: doing).value
            all.items += page.items("items")
            all.next = page["next"]?.string
        } while all.next != nil && (limit.map { all.items.count < $0 } ?? true)
        return all
    }

    // MARK: Refusals

    static func nobody(_ what: String, _ doing: String = "ask the control plane") -> WorldError {
        WorldError(
            code: "no-control-plane", operation: doing, underlying: "no control plane answers: \(what)",
            hint: "Start one with `hauban serve`, or name another with --url or HAUBAN_URL.")
    }

    private func refusal(_ answer: HTTPRequest.Answer, _ doing: String) -> WorldError {
        let problem = JSONValue(parsing: Array(answer.body.utf8))
        // Alertmanager's own refusals are a text, or a code with a message.
        let detail = problem?["detail"] ?? problem?["message"] ?? problem
        let text = JSONValue.printable(detail?.display ?? String(answer.body.prefix(500)))
        let prefix = "urn:hauban:problem:"
        let type = problem?["type"]?.string ?? ""
        let word = type.hasPrefix(prefix) ? String(type.dropFirst(prefix.count)) : "status-\(answer.status)"
        return WorldError(
            code: word, operation: doing, underlying: text.isEmpty ? "answered \(answer.status)" : text,
            hint: hint(answer))
    }

    private func hint(_ answer: HTTPRequest.Answer) -> String {
        switch answer.status {
        case 401 where access.token == nil:
            "Give a token that the console made: HAUBAN_TOKEN, or a file with --token-file."
        case 401: "Make another token in the console, or wait for the control plane's start to end."
        case 403: "Ask an administrator for a role or a token that may do it."
        case 429, 503: answer.fields["retry-after"].map { "Try again in \($0) s." } ?? "Try again later."
        case 300..<400: "Name the address that it leads to: \(JSONValue.printable(answer.fields["location"] ?? ""))"
        case 404 where !answer.body.hasPrefix("{"):
            "Look whether a control plane of this version is at \(access.url)."
        default: ""
        }
    }

    /// Percent-encoded but for what RFC 3986 §2.3 leaves unreserved.
    static func escaped(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF")
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
        return out
    }

    /// What a field may hold of a name.
    private static func fieldText(_ text: String) -> String {
        String(text.unicodeScalars.filter { (0x20...0x7e).contains($0.value) }.map(Character.init).prefix(100))
    }
}
