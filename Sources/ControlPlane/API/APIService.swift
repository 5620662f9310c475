import NIOCore
import Response
import World

/// The JSON API below `/api/v1`: finds the endpoint, checks who asks and what they send, and answers.
///
/// Belongs to one event loop.
final class APIService {
    private let engine: ResponseEngine
    private let accounts: AccountDesk
    private let audit: AuditDesk
    private let ingest: IngestService
    private let store: any Store
    private let figures: FigureDesk
    private let signals: (declared: [String], desk: SignalDesk)
    private let loop: any EventLoop
    private let now: () -> Moment
    private let newID: @Sendable () -> String
    private var reading = 0

    /// Reads of the store that are under way at a time.
    static let readsAtOnce = 8

    init(
        engine: ResponseEngine, accounts: AccountDesk, audit: AuditDesk, ingest: IngestService, store: any Store,
        figures: FigureDesk, signals: (declared: [String], desk: SignalDesk), loop: any EventLoop,
        now: @escaping () -> Moment,
        newID: @escaping @Sendable () -> String
    ) {
        self.engine = engine
        self.accounts = accounts
        self.audit = audit
        self.ingest = ingest
        self.store = store
        self.signals = signals
        self.figures = figures
        self.loop = loop
        self.now = now
        self.newID = newID
    }

    func handle(_ request: APIRequest, _ answer: @escaping (Answer) -> Void) {
        do throws(Problem) {
            try run(request, answer)
        } catch {
            answer(error.answer)
        }
    }

    private func run(_ request: APIRequest, _ answer: @escaping (Answer) -> Void) throws(Problem) {
        let segments = Array(request.segments.dropFirst(2))
        if request.method == "GET", segments == ["openapi.json"] {
            return answer(Answer(status: 200, body: .bytes(Self.description, type: "application/json")))
        }
        let found = Endpoint.all.compactMap { endpoint in endpoint.match(segments).map { (endpoint, $0) } }
        let method = request.method == "HEAD" ? "GET" : request.method
        guard let (endpoint, path) = found.first(where: { $0.0.method == method }) else {
            guard !found.isEmpty else { throw .notFound("nothing is at \(request.path)") }
            let methods = found.map(\.0.method).sorted().joined(separator: ", ")
            throw Problem(
                "method", status: 405, title: "This cannot be done here",
                detail: "\(request.path) takes \(methods)", fields: ["Allow": methods])
        }
        var who: Principal?
        if let permission = endpoint.permission { who = try accounts.judge(request, needs: permission) }
        if method != "GET", let trouble = engine.commits.trouble {
            engine.commits.retry()
            throw .tryLater("nothing can be written: \(trouble)", status: 503, seconds: 5)
        }
        for parameter in endpoint.parameters {
            for value in request.parameters.all(parameter.name) {
                guard let fault = parameter.shape.fault(parameter: value) else { continue }
                throw .invalid(parameter.name, "\(parameter.name) \(fault)")
            }
        }
        let call = APICall(
            responder: engine.responder, keys: ingest.keys, store: store, services: signals.declared,
            signals: signals.desk.board, past: { [figures] in figures.incidents(since: $0) }, who: who, path: path,
            query: request.parameters,
            body: try Self.body(request, endpoint), now: now(), newID: newID)
        let note = method == "GET" ? nil : who.map { Self.note($0, endpoint, request) }
        try finish(try endpoint.run(call), note, answer)
    }

    /// The audit log's line of something that was asked for and done.
    private static func note(_ who: Principal, _ endpoint: Endpoint, _ request: APIRequest) -> AuditEvent {
        let what = "\(endpoint.method) \(endpoint.path)"
        return AuditEvent(
            who: who.name, from: who.address, what: what, on: request.path,
            after: String(decoding: request.body.prefix(500), as: UTF8.self))
    }

    private func finish(
        _ reply: APIReply, _ note: AuditEvent?, _ answer: @escaping (Answer) -> Void
    ) throws(Problem) {
        switch reply {
        case .json(let value, let status):
            answer(
                Answer(
                    status: status, body: .bytes(Array(value.text.utf8) + [0x0a], type: "application/json"),
                    fields: [("Cache-Control", "no-store")]))
        case .text(let text, let type): answer(Answer(status: 200, body: .bytes(Array(text.utf8), type: type)))
        case .nothing: answer(Answer(status: 204))
        case .live: answer(Answer(status: 200, body: .live))
        case .event(let event, let then):
            var isRefused = false
            engine.submit(event) { [engine] outcome in
                switch outcome {
                case .done: self.settle(then(engine.responder), answer)
                case .refused(let refusal):
                    isRefused = true
                    answer(Problem(refusal).answer)
                case .unwritten(let error):
                    answer(Problem.tryLater("it cannot be written: \(error)", status: 503, seconds: 5).answer)
                }
            }
            // In the same commit.
            if !isRefused, let note { audit.note(note) }
        case .keys(let change):
            let made = try ingest.change { keys throws(Problem) in try change(&keys) }
            for record in made.saves { engine.commits.save(record) }
            for key in made.drops { engine.commits.drop(key) }
            if let note { audit.note(note) }
            engine.commits.afterCommit { result in
                switch result {
                case .success: self.settle(made.reply, answer)
                case .failure(let error):
                    answer(Problem.tryLater("it cannot be written: \(error)", status: 503, seconds: 5).answer)
                }
            }
        case .later(let read):
            guard reading < Self.readsAtOnce else {
                return answer(Problem.tryLater("too much is being read", seconds: 1).answer)
            }
            reading += 1
            let promise = loop.makePromise(of: APIReply.self)
            promise.completeWithTask { try await read() }
            promise.futureResult.assumeIsolated().whenComplete { result in
                self.reading -= 1
                switch result {
                case .success(let reply): self.settle(reply, answer)
                case .failure(let problem as Problem): answer(problem.answer)
                case .failure(let error):
                    answer(Problem.tryLater("it cannot be read: \(error)", status: 503, seconds: 5).answer)
                }
            }
        }
    }

    /// Answers with what can no longer be refused.
    private func settle(_ reply: APIReply, _ answer: @escaping (Answer) -> Void) {
        do throws(Problem) { try finish(reply, nil, answer) } catch { answer(error.answer) }
    }

    /// Reads and checks a body, so that endpoints need not.
    private static func body(_ request: APIRequest, _ endpoint: Endpoint) throws(Problem) -> JSONValue {
        guard let body = endpoint.body else { return .object([]) }
        if request.body.isEmpty, !body.members.contains(where: \.isRequired) { return .object([]) }
        let type = request.field("content-type")?.lowercased() ?? ""
        guard type.hasPrefix("application/json"), let value = JSONValue(parsing: request.body),
            case .object(let members) = value
        else {
            throw Problem(
                "unreadable", status: 400, title: "The body cannot be read",
                detail: "It is a JSON object, with the Content-Type application/json.")
        }
        for member in members {
            guard let known = body.members.first(where: { $0.name == member.key }) else {
                let names = body.members.map(\.name).joined(separator: ", ")
                throw .invalid(member.key, "\(member.key) is not known here; known are \(names)")
            }
            if let fault = known.shape.fault(member.value) {
                throw .invalid(member.key, "\(member.key) \(fault)")
            }
        }
        for member in body.members where member.isRequired && value[member.name] == nil {
            throw .invalid(member.name, "\(member.name) is missing: \(member.about)")
        }
        return value
    }

    private static let description = Array((OpenAPI.document.text + "\n").utf8)
}
