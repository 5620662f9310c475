import FrontDoor
import NIOCore

/// A request as everything but the Alertmanager's own paths sees it: values, no buffers.
package struct APIRequest: Sendable {
    /// As it was written: `GET`.
    package var method: String
    /// Without the query, as it was written.
    package var path: String
    /// What follows the question mark; empty where there is none.
    package var query: String
    package var body: [UInt8]
    /// The address of who connected; empty where it is not known.
    package var peer: String
    /// What the role saw that passed it on; `nil`: it came from the client itself.
    package var via: Hop?
    /// By names in lower case; of a field that came several times, the values with `, ` between.
    package private(set) var fields: [String: String]

    package init(
        _ method: String, _ path: String, query: String = "", fields: [String: String] = [:], body: [UInt8] = [],
        peer: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.peer = peer
        self.fields = Dictionary(fields.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { "\($0), \($1)" })
    }

    init(_ request: RequestReader.Request, peer: String) {
        method = request.methodText
        path = request.path
        query = request.query
        body = Array(request.body.readableBytesView)
        self.peer = peer
        fields = request.fields.reduce(into: [:]) { fields, field in
            // Cookies are a list of their own kind (RFC 6265 §4.2.1).
            let between = field.name == "cookie" ? "; " : ", "
            fields[field.name] = fields[field.name].map { $0 + between + field.value } ?? field.value
        }
    }

    /// The value of a field, by its name in any case.
    package func field(_ name: String) -> String? { fields[name.lowercased()] }

    /// The path's segments, decoded.
    package var segments: [String] {
        path.split(separator: "/", omittingEmptySubsequences: true).map { QueryText.decoded($0.utf8, plus: false) }
    }

    /// The parameters of the query.
    package var parameters: QueryText { QueryText(query) }

    /// The parameters of a body of type `application/x-www-form-urlencoded`.
    package var form: QueryText { QueryText(String(decoding: body, as: UTF8.self)) }

    /// The value of a cookie (RFC 6265 §4.2.1).
    package func cookie(_ name: String) -> String? {
        guard let text = field("cookie") else { return nil }
        for pair in text.split(separator: ";") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, sides[0].drop(while: { $0 == " " }) == name else { continue }
            return String(sides[1])
        }
        return nil
    }
}
