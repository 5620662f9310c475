import Response
import World

/// One thing that can be asked of the API: where, by whom, with what, and what comes of it.
struct Endpoint: Sendable {
    struct Parameter: Sendable {
        var name: String
        var shape: Shape
        var about: String
    }

    struct Body: Sendable {
        var members: [APISchema.Member]
    }

    enum Returns: Sendable {
        case object(String)
        /// A page of a list: `items`, and `next` where there are more.
        case page(of: String)
        case text(type: String)
        /// 204.
        case nothing
        /// Events as they happen (WHATWG HTML, "Server-sent events").
        case live
    }

    var method: String
    /// `/incidents/{id}`, below `/api/v1`.
    var path: String
    var summary: String
    var permission: Permission?
    var parameters: [Parameter] = []
    var body: Body?
    var returns: Returns
    /// Of what was done: 201 where something was made.
    var status = 200
    var run: @Sendable (APICall) throws(Problem) -> APIReply

    /// The values of the path's braces, where the path is one of this endpoint's.
    func match(_ segments: [String]) -> [String: String]? {
        let own = path.split(separator: "/")
        guard own.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (mine, theirs) in zip(own, segments) {
            if mine.hasPrefix("{") {
                values[String(mine.dropFirst().dropLast())] = theirs
            } else if mine != theirs {
                return nil
            }
        }
        return values
    }
}

/// What an endpoint is called with, on the event loop.
struct APICall {
    var responder: Responder
    var keys: IntegrationKeys
    var store: any Store
    /// The platform's services in the order of its file.
    var services: [String]
    var signals: SignalBoard
    /// Reads all incidents that were opened since a moment, archived ones too.
    var past: (Moment) -> @Sendable () async throws -> [Incident]
    var who: Principal?
    var path: [String: String]
    var query: QueryText
    var body: JSONValue
    var now: Moment
    var newID: @Sendable () -> String

    /// Who acts, for timelines.
    var actor: String { who?.name ?? "nobody" }

    func segment(_ name: String) -> String { path[name] ?? "" }

    func text(_ name: String) -> String? { body[name]?.string }

    func moment(_ name: String) -> Moment? { body[name]?.string.flatMap(InstantText.moment) }

    /// How many items a page has.
    func limit() throws(Problem) -> Int {
        guard let text = query.first("limit") else { return 50 }
        guard let limit = Int(text), (1...500).contains(limit) else {
            throw .invalid("limit", "limit is a whole number from 1 to 500")
        }
        return limit
    }

    func momentParameter(_ name: String) throws(Problem) -> Moment? {
        guard let text = query.first(name), !text.isEmpty else { return nil }
        guard let moment = InstantText.moment(text) else { throw .invalid(name, "\(name) is no date-time (RFC 3339)") }
        return moment
    }
}

/// What an endpoint comes to.
enum APIReply: Sendable {
    case json(JSONValue, status: Int = 200)
    case text(String, type: String)
    /// Something is to happen, and then to be shown as it is then.
    case event(Event, then: @Sendable (Responder) -> APIReply)
    /// Something has to be read first, on another thread.
    case later(@Sendable () async throws -> APIReply)
    /// Integrations or their keys change.
    case keys(@Sendable (inout IntegrationKeys) throws(Problem) -> KeysChange)
    case nothing
    case live
}
