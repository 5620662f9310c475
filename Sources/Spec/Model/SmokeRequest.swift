/// A request sent after a release, and the answer that is expected.
package struct SmokeRequest: Sendable, Hashable {
    package var method: String
    package var path: String
    package var headers: [String: String]
    /// The body as JSON text.
    package var json: String?
    package var status: Int
    /// Text that the answer must hold.
    package var contains: String?
    package var within: Duration

    static let shape: Shape<SmokeRequest> = .record(
        "smoke request", "A request sent after a release, and the answer that is expected."
    ) { f in
        let outline = SmokeRequest.outline(&f, "smoke request")
        let expect = f.value("expect", Expectation.shape, default: .ok, because: "200", "The answer that passes.")
        return outline.request(status: expect.status, contains: expect.contains, within: expect.within)
    }

    /// What is sent.
    struct Outline {
        var method: String
        var path: String
        var headers: [String: String]
        var json: String?

        func request(status: Int, contains: String?, within: Duration) -> SmokeRequest {
            SmokeRequest(
                method: method, path: path, headers: headers, json: json, status: status, contains: contains,
                within: within)
        }
    }

    /// Reads what is sent; `name` is that of the record, for messages.
    static func outline(_ f: inout Fields, _ name: String) -> Outline {
        let methods = ["get", "post", "put", "patch", "delete", "head"]
        var asked: [(String, String)] = []
        for method in methods {
            if let path = f.optional(method, .urlPath, "Sends \(method.uppercased()) to this path.") {
                asked.append((method, path))
            }
        }
        let headers = f.value(
            "headers", .map(of: .anyText, key: .text("a header's name")), default: [:], because: "none",
            "Headers of the request.")
        let json = f.optional("json", .json, "Body of the request, sent as application/json.", example: "{sku: demo}")
        let written = methods.filter(f.has)
        if f.book == nil && (written.count > 1 || written.isEmpty && methods.allSatisfy { f.isSound($0) }) {
            f.report(
                written.isEmpty ? .missingKey : .conflictingKeys,
                written.isEmpty ? "a \(name) has no method and path" : "a \(name) has several methods",
                help: "Write one of `get: /path`, `post: /path`, `put`, `patch`, `delete` and `head`.")
        }
        let (method, path) = asked.first ?? ("get", "/")
        return Outline(method: method.uppercased(), path: path, headers: headers, json: json)
    }

    private struct Expectation: Sendable {
        var status: Int
        var contains: String?
        var within: Duration

        static let ok = Expectation(status: 200, contains: nil, within: .seconds(10))

        static let shape: Shape<Expectation> = .record(
            "expectation", "The answer that passes.", show: { "{status: \($0.status)}" }
        ) { f in
            let status = f.value("status", .integer(100...599), default: 200, "HTTP status.")
            let contains = f.optional("contains", .text(), "Text that the body must hold.")
            let within = f.value("within", .duration, default: .seconds(10), "Longest time to the whole answer.")
            return Expectation(status: status, contains: contains, within: within)
        }
    }
}
