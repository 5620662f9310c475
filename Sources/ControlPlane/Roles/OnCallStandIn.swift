import Response
import World

/// What a role `oncall` keeps in memory to go on answering who is on call while nobody decides: what people arranged, and who may
/// read it.
struct OnCallCopy: Codable, Sendable {
    /// Somebody who may read, by the hash of what they show.
    struct Reader: Codable, Sendable {
        var hash: ContentHash
        var name: String
        var expires: Moment?
        /// Good on the deciding role's machine only: the token of programs there.
        var isLocal: Bool
    }

    /// Overrides, absences and swaps.
    var arrangements: [Part]
    var readers: [Reader]
    var at: Moment
}

/// Answers who is on call from a copy, and says how old it is.
///
/// Belongs to one event loop.
final class OnCallStandIn {
    private let rules: Rulebook
    private let isBesidePlane: Bool
    private(set) var copy: OnCallCopy?
    /// An older one is worth nothing: nobody is told what was so yesterday.
    static let oldest = Duration.seconds(12 * 3600)

    /// - Parameters:
    ///   - rules: as the platform's file has them; the deciding role goes by the same file.
    ///   - isBesidePlane: whether the deciding role is on this machine.
    init(rules: Rulebook, isBesidePlane: Bool) {
        self.rules = rules
        self.isBesidePlane = isBesidePlane
    }

    func keep(_ copy: OnCallCopy) { self.copy = copy }

    /// - Returns: `nil` for what it cannot answer.
    func answer(_ request: APIRequest, _ client: Client, now: Moment) -> Answer? {
        guard let copy, now - copy.at <= Self.oldest, request.method == "GET",
            request.segments.prefix(3) == ["api", "v1", "oncall"]
        else { return nil }
        let segments = Array(request.segments.dropFirst(2))
        let found = Endpoint.onCall.lazy.filter { $0.method == "GET" }
            .compactMap { endpoint in endpoint.match(segments).map { (endpoint, $0) } }.first
        guard let (endpoint, path) = found else { return nil }
        guard client.isPrivate else { return Problem.inClear.answer }
        // A browser's session is known to the deciding role only.
        guard let reader = reader(request, client, copy, now) else { return nil }
        let call = APICall(
            responder: Responder(rules: rules, parts: copy.arrangements, now: now), keys: IntegrationKeys(),
            store: EmptyStore(), services: [], signals: SignalBoard(isMeasured: false), past: { _ in { [] } },
            who: Principal(
                account: reader.name, name: reader.name, role: .viewer, scopes: [.readOnCall], session: nil, token: nil,
                address: client.address),
            path: path, query: request.parameters, body: .object([]), now: now, newID: { "" })
        do throws(Problem) {
            return Self.dated(try endpoint.run(call), copy.at, now)
        } catch {
            return error.answer
        }
    }

    private func reader(
        _ request: APIRequest, _ client: Client, _ copy: OnCallCopy, _ now: Moment
    ) -> OnCallCopy.Reader? {
        guard let field = request.field("authorization"), field.lowercased().hasPrefix("bearer ") else { return nil }
        let hash = ContentHash(of: Secret(String(field.dropFirst(7).filter { $0 != " " })))
        return copy.readers.first { reader in
            reader.hash == hash && reader.expires.map { now < $0 } ?? true
                && (!reader.isLocal || client.isLocal && isBesidePlane)
        }
    }

    private static func dated(_ reply: APIReply, _ at: Moment, _ now: Moment) -> Answer? {
        let age = max(0, (now - at).milliseconds / 1000)
        var answer: Answer
        switch reply {
        case .json(.object(let members), let status):
            let copy = JSONValue.object([
                .init("asOf", .string(at.description)), .init("ageSeconds", .number("\(age)")),
            ])
            let text = JSONValue.object(members + [.init("copy", copy)]).text
            answer = Answer(status: status, body: .bytes(Array(text.utf8) + [0x0a], type: "application/json"))
        case .text(let text, let type): answer = Answer(status: 200, body: .bytes(Array(text.utf8), type: type))
        default: return nil
        }
        // RFC 9111 §5.1, and the words of RFC 7234 §5.5.1 for readers that know them.
        answer.fields = [
            ("Cache-Control", "no-store"), ("Age", "\(age)"), ("Warning", "110 hauban \"Response is Stale\""),
        ]
        return answer
    }
}

/// A store with nothing in it.
private struct EmptyStore: Store {
    func load() async throws -> StoredState { StoredState() }
    func commit(_ batch: StoreBatch) async throws {}
    func history(before: String?, limit: Int) async throws -> [Incident] { [] }
    func parts(ofIncident id: String) async throws -> [Part] { [] }
    func audit(before: Int?, limit: Int) async throws -> [AuditEntry] { [] }
    func close() async {}
}

extension Responder {
    /// What people arranged about who is on call.
    var arrangements: [Part] {
        overrides.flatMap { name, all in all.map { Part.override(schedule: name, $0) } }
            + absences.flatMap { name, all in all.map { Part.absence(schedule: name, id: $0.key, $0.value) } }
            + swaps.values.map { .swap($0) }
    }
}
