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
        var asked: [(String, String)] = []
        for method in ["get", "post", "put", "patch", "delete", "head"] {
            if let path = f.optional(method, .urlPath, "Sends \(method.uppercased()) to this path.") {
                asked.append((method, path))
            }
        }
        let headers = f.value(
            "headers", .map(of: .anyText, key: .text("a header's name")), default: [:], because: "none",
            "Headers of the request.")
        let json = f.optional("json", .json, "Body of the request, sent as application/json.", example: "{sku: demo}")
        let expect = f.value("expect", Expectation.shape, default: .ok, because: "200", "The answer that passes.")
        if f.book == nil && asked.count != 1 {
            f.report(
                asked.isEmpty ? .missingKey : .conflictingKeys,
                asked.isEmpty ? "a smoke request has no method and path" : "a smoke request has several methods",
                help: "Write one of `get: /path`, `post: /path`, `put`, `patch`, `delete` and `head`.")
        }
        guard let (method, path) = asked.first else { return nil }
        return SmokeRequest(
            method: method.uppercased(), path: path, headers: headers, json: json, status: expect.status,
            contains: expect.contains, within: expect.within)
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

extension Shape where Value == String {
    /// Any YAML value, kept as compact JSON text with its keys in the order of the file.
    static var json: Shape {
        Shape(
            describe: { _ in .anything },
            read: { node, _, _ in node.jsonText },
            show: { $0 })
    }
}

extension Node {
    /// The tree as JSON (RFC 8259); plain scalars by YAML 1.2's core schema.
    package var jsonText: String {
        switch value {
        case .list(let items): "[" + items.map(\.jsonText).joined(separator: ",") + "]"
        case .map(let entries):
            "{" + entries.map { JSONText.quoted($0.key) + ":" + $0.value.jsonText }.joined(separator: ",") + "}"
        case .scalar(let text, let plain):
            if !plain { JSONText.quoted(text) } else if isNull { "null" } else { JSONText.plain(text) }
        }
    }
}

/// JSON written without an encoder: keys keep their order.
package enum JSONText {
    package static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    static func plain(_ text: String) -> String {
        switch text {
        case "true", "True", "TRUE": return "true"
        case "false", "False", "FALSE": return "false"
        default: return isNumber(text) ? text : quoted(text)
        }
    }

    /// A number as RFC 8259, section 6 writes it.
    private static func isNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits() -> Int {
            let run = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(run)
            return run
        }
        if rest.first == 0x2d { rest = rest.dropFirst() }
        let zero = rest.first == 0x30
        let whole = digits()
        guard whole > 0, !(zero && whole > 1) else { return false }
        if rest.first == 0x2e {
            rest = rest.dropFirst()
            guard digits() > 0 else { return false }
        }
        if rest.first == 0x65 || rest.first == 0x45 {
            rest = rest.dropFirst()
            if rest.first == 0x2b || rest.first == 0x2d { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
