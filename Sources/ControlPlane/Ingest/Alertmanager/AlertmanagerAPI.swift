import FrontDoor
import NIOCore
import Response
import World

/// Alertmanager's API v2, as version 0.25 serves it: Prometheus, `amtool` and Grafana work against it unchanged.
///
/// Paths, forms and texts are those of its `api/v2/openapi.yaml`; where it is stricter than needed, or loses what was sent, ours
/// differs as docs/alertmanager.md lists. Belongs to one event loop.
final class AlertmanagerAPI {
    private let configuration: ControlPlaneConfiguration
    private let loop: any EventLoop
    private let engine: ResponseEngine
    private let intake: AlertIntake
    private let commits: CommitQueue
    private let now: () -> Moment
    private let started: Moment
    private var renderings = 0

    init(
        configuration: ControlPlaneConfiguration, loop: any EventLoop, engine: ResponseEngine, intake: AlertIntake,
        now: @escaping () -> Moment
    ) {
        self.configuration = configuration
        self.loop = loop
        self.engine = engine
        self.intake = intake
        commits = engine.commits
        self.now = now
        started = now()
    }

    // MARK: Routing

    func handle(_ request: RequestReader.Request, _ answer: @escaping (Answer) -> Void) {
        var path = request.path
        if path == "/api/v2/alerts" {
            if request.method == .post { return postAlerts(request, answer) }
        } else if path.hasPrefix("/api/v2/"), path.hasSuffix("/") {
            path.removeLast()
        }
        switch path {
        case "/api/v2/alerts":
            allow([.get, .post], request, answer) { method in
                if method == .post {
                    self.postAlerts(request, answer)
                } else {
                    self.list(request, answer) { $0.alertsText($1) }
                }
            }
        case "/api/v2/alerts/groups":
            allow([.get], request, answer) { _ in self.list(request, answer) { $0.groupsText($1) } }
        case "/api/v2/silences":
            allow([.get, .post], request, answer) { method in
                if method == .post { self.postSilence(request, answer) } else { answer(self.listSilences(request)) }
            }
        case "/api/v2/receivers": allow([.get], request, answer) { _ in answer(self.receivers) }
        case "/api/v2/status": allow([.get], request, answer) { _ in answer(self.status) }
        default:
            let prefix = "/api/v2/silence/"
            if path.hasPrefix(prefix), path.utf8.count > prefix.utf8.count, !path.dropFirst(prefix.count).contains("/")
            {
                let id = String(path.dropFirst(prefix.count))
                allow([.delete, .get], request, answer) { method in
                    self.silence(id, isEnding: method == .delete, answer)
                }
            } else {
                answer(.problem(404, "path \(path) was not found"))
            }
        }
    }

    private func allow(
        _ methods: [Method], _ request: RequestReader.Request, _ answer: (Answer) -> Void, _ body: (Method) -> Void
    ) {
        if methods.contains(request.method) { return body(request.method) }
        let names = methods.map { method in
            switch method {
            case .get: "GET"
            case .post: "POST"
            case .delete: "DELETE"
            default: "\(method)".uppercased()
            }
        }.joined(separator: ",")
        var refusal = Answer.problem(405, "method \(request.methodText) is not allowed, but [\(names)] are")
        refusal.fields.append(("Allow", names))
        answer(refusal)
    }

    /// Refuses what is not said to be JSON, as go-openapi does; so no page in a browser can send alerts without being asked for
    /// leave first (Fetch, "CORS-preflight fetch").
    static func isJSON(_ request: RequestReader.Request) -> Answer? {
        if request.has("application/json") { return nil }
        let type = request.contentType.isEmpty ? "application/octet-stream" : request.contentType
        return .problem(415, "unsupported media type \"\(type)\", only [application/json] are allowed")
    }

    // MARK: Alerts

    private func postAlerts(_ request: RequestReader.Request, _ answer: @escaping (Answer) -> Void) {
        if let refusal = Self.isJSON(request) { return answer(refusal) }
        guard commits.waiting < configuration.limits.waitingAlerts else {
            return answer(.tryLater("too many alerts wait to be written; nothing of this request was taken"))
        }
        if request.body.readableBytes == 0 { return answer(.problem(422, code: 602, "alerts in body is required")) }
        let tally = request.body.withUnsafeReadableBytes { intake.take($0, now: now()) }
        let verdict = Self.verdict(tally, configuration.limits)
        guard tally.needsCommit else { return answer(verdict) }
        commits.afterCommit { result in
            switch result {
            case .success: answer(verdict)
            case .failure(let error): answer(.tryLater("alerts cannot be written: \(error)", status: 503, seconds: 5))
            }
        }
    }

    /// What a `POST /alerts` is answered, once what was good in it is on disk.
    static func verdict(_ tally: AlertIntake.Tally, _ limits: IngestLimits) -> Answer {
        if tally.broken == nil, tally.faults.isEmpty, tally.refused.isEmpty { return .ok }
        var answer: Answer
        if let fault = tally.broken {
            answer = .problem(400, "parsing alerts body from \"\" failed, because \(words(fault))")
        } else if !tally.refused.isEmpty {
            answer = .tryLater(
                "\(limits.knownAlerts) alerts are known, and no more at a time are taken", seconds: 30)
        } else {
            answer = Self.answer(tally.faults.map(\.fault))
        }
        let places = (tally.faults.map(\.index) + tally.refused).sorted()
        if !places.isEmpty {
            answer.fields.append(
                ("X-Hauban-Rejected", places.prefix(100).map(String.init).joined(separator: ",")))
        }
        return answer
    }

    /// The gravest kind first, as Alertmanager would not have come to the others; of its own kind each is named.
    private static func answer(_ faults: [AlertText.Fault]) -> Answer {
        for case .unreadable(let text) in faults {
            return .problem(400, "parsing alerts body from \"\" failed, because \(text)")
        }
        for case .unprocessable(let code, let text) in faults { return .problem(422, code: code, text) }
        let texts = faults.compactMap { fault in
            if case .invalid(let text) = fault { text } else { nil }
        }
        return .refusal(400, texts.joined(separator: "; "))
    }

    private static func words(_ fault: JSONScanner.Fault) -> String {
        switch fault {
        case .unexpectedEnd: "unexpected EOF"
        case .unexpected(let place): "byte \(place) is not where JSON's list of alerts could go on"
        case .tooDeep: "it nests deeper than 64"
        }
    }

    // MARK: Lists

    /// Answers a list of alerts, written on another thread: 10,000 alerts are five megabytes, and reports go on arriving.
    private func list(
        _ request: RequestReader.Request, _ answer: @escaping (Answer) -> Void,
        _ write: @escaping @Sendable (AlertList, AlertList.Filter) -> [UInt8]
    ) {
        let query = QueryText(request.query)
        var filter = AlertList.Filter()
        filter.active = query.flag("active", default: true)
        filter.silenced = query.flag("silenced", default: true)
        filter.inhibited = query.flag("inhibited", default: true)
        do throws(MatcherText.Problem) {
            filter.matchers = try query.all("filter").map { text throws(MatcherText.Problem) in
                try MatcherText.read(text)
            }
        } catch {
            return answer(.refusal(400, error.description))
        }
        if let pattern = query.first("receiver") {
            do throws(Matcher.Problem) {
                filter.receiver = try AlertList.WordTest(pattern)
            } catch {
                return answer(.refusal(400, "failed to parse receiver param: \(error)"))
            }
        }
        guard renderings < configuration.limits.lists else {
            return answer(.tryLater("too many lists of alerts are being written"))
        }
        renderings += 1
        let view = AlertList(
            alerts: engine.responder.book.alerts, silences: Array(engine.responder.mutes.silences.values),
            inhibitions: engine.responder.inhibitions, routes: engine.responder.rules.routes, now: now())
        let promise = loop.makePromise(of: [UInt8].self)
        promise.completeWithTask { [filter] in write(view, filter) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.renderings -= 1
            switch result {
            case .success(let bytes): answer(Answer(status: 200, body: .json(bytes)))
            case .failure(let error): answer(.refusal(500, "\(error)"))
            }
        }
    }

    // MARK: Silences

    private func listSilences(_ request: RequestReader.Request) -> Answer {
        var matchers: [Matcher] = []
        do throws(MatcherText.Problem) {
            for text in QueryText(request.query).all("filter") { matchers.append(try MatcherText.read(text)) }
        } catch {
            return .refusal(400, error.description)
        }
        let moment = now()
        let found = engine.responder.mutes.silences.values
            .filter { silence in matchers.allSatisfy { silence.matchers.contains($0) } }
            .sorted { SilenceText.isListed($0, before: $1, now: moment) }
        return .json { writer in
            writer.array { writer in
                for silence in found { SilenceText.write(silence, now: moment, to: &writer) }
            }
        }
    }

    private func postSilence(_ request: RequestReader.Request, _ answer: @escaping (Answer) -> Void) {
        if let refusal = Self.isJSON(request) { return answer(refusal) }
        let wish: SilenceWish
        switch SilenceText.read(request.body) {
        case .success(let found): wish = found
        case .failure(.unreadable(let text)):
            return answer(.problem(400, "parsing silence body from \"\" failed, because \(text)"))
        case .failure(.unprocessable(let code, let text)): return answer(.problem(422, code: code, text))
        case .failure(.invalid(let text)): return answer(.refusal(400, text))
        }
        let moment = now()
        if wish.start >= wish.end {
            return answer(.refusal(400, "Failed to create silence: start time must be before end time"))
        }
        if wish.end < moment {
            return answer(.refusal(400, "Failed to create silence: end time can't be in the past"))
        }
        do throws(SilenceWish.Refusal) {
            let outcome = try wish.changes(
                of: engine.responder.mutes.silences, newID: configuration.newID(), now: moment)
            store(
                outcome.changes, answer,
                .json { writer in
                    writer.object { writer in
                        writer.key("silenceID")
                        writer.write(outcome.id)
                    }
                })
        } catch {
            switch error {
            case .unknown: answer(.refusal(404, "silence not found"))
            case .invalid(let text): answer(.refusal(400, text))
            }
        }
    }

    private func silence(_ id: String, isEnding: Bool, _ answer: @escaping (Answer) -> Void) {
        guard Self.isUUID(id) else {
            return answer(.problem(422, code: 601, "silenceID in path must be of type uuid: \(AlertRules.quoted(id))"))
        }
        let moment = now()
        let id = id.lowercased()
        if isEnding {
            guard var silence = engine.responder.mutes.silences[id] else {
                return answer(.refusal(500, "silence not found"))
            }
            if silence.state(at: moment) != .expired { silence.expire(at: moment) }
            return store([silence], answer, .ok)
        }
        guard let silence = engine.responder.mutes.silences[id] else { return answer(Answer(status: 404)) }
        answer(.json { SilenceText.write(silence, now: moment, to: &$0) })
    }

    private func store(_ changes: [Silence], _ answer: @escaping (Answer) -> Void, _ success: Answer) {
        // Alerts are told again when their writing failed; what people want is refused before it is decided.
        if let trouble = commits.trouble {
            commits.retry()
            return answer(.tryLater("the silence cannot be written: \(trouble)", status: 503, seconds: 5))
        }
        for silence in changes { engine.submit(.silence(silence), nil) }
        commits.afterCommit { result in
            switch result {
            case .success: answer(success)
            case .failure(let error):
                answer(.tryLater("the silence cannot be written: \(error)", status: 503, seconds: 5))
            }
        }
    }

    private static func isUUID(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12]
            && parts.joined().allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
    }

    // MARK: About itself

    private var receivers: Answer {
        .json { writer in
            writer.array { writer in
                for name in engine.responder.rules.receivers {
                    writer.object { writer in
                        writer.key("name")
                        writer.write(name)
                    }
                }
            }
        }
    }

    private var status: Answer {
        .json { writer in
            writer.object { writer in
                writer.key("cluster")
                writer.object { writer in
                    writer.key("peers")
                    writer.array { _ in }
                    writer.key("status")
                    writer.write("disabled")
                }
                writer.key("config")
                writer.object { writer in
                    writer.key("original")
                    writer.write(engine.responder.rules.alertmanagerText)
                }
                writer.key("uptime")
                writer.write(started)
                writer.key("versionInfo")
                writer.object { writer in
                    writer.key("branch")
                    writer.write("hauban")
                    writer.key("buildDate")
                    writer.write("")
                    writer.key("buildUser")
                    writer.write("")
                    writer.key("goVersion")
                    writer.write("")
                    writer.key("revision")
                    writer.write("hauban \(configuration.version)")
                    // The version whose API this is: clients compare it.
                    writer.key("version")
                    writer.write("0.25.0")
                }
            }
        }
    }
}
