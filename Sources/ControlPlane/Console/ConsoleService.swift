import NIOCore
import Response
import Spec
import World

/// Serves the console: fills its pages with what is known, and does what its forms ask for.
///
/// Belongs to one event loop. Pages are written on other threads, from the state as it was when they were asked for.
final class ConsoleService {
    struct Parts {
        var engine: ResponseEngine
        var accounts: AccountDesk
        var audit: AuditDesk
        var ingest: IngestService
        var report: SelfReport
        var signOfLife: SignOfLife?
        var store: any Store
        var signals: SignalDesk
        var figures: FigureDesk
    }

    private let parts: Parts
    private let configuration: ControlPlaneConfiguration
    private let loop: any EventLoop
    private let now: () -> Moment
    private var writing = 0

    /// Pages that are written at a time.
    static let atOnce = 8
    /// Lines of the audit log that are checked when it is shown.
    static let checkedLines = 20_000

    init(
        _ parts: Parts, configuration: ControlPlaneConfiguration, loop: any EventLoop, now: @escaping () -> Moment
    ) {
        self.parts = parts
        self.configuration = configuration
        self.loop = loop
        self.now = now
    }

    /// - Returns: whether the path is the console's; only then it is answered.
    func handle(_ request: APIRequest, _ answer: @escaping (Answer) -> Void) -> Bool {
        let segments = request.segments
        guard ConsoleRoutes.claims(request.method, segments) else { return false }
        let principal = parts.accounts.principal(request)
        let page = context(request, principal)
        if request.method == "POST" {
            // The forms of a visitor are judged by what they lead to; this one is judged here.
            guard segments.first != "preferences" || !parts.accounts.isForged(request) else {
                answer(ConsoleRoutes.failure(.forbidden, page))
                return true
            }
            take(request, page, principal, answer)
        } else {
            show(request, segments, page, principal, answer)
        }
        return true
    }

    // MARK: Pages

    private func context(_ request: APIRequest, _ principal: Principal?) -> PageContext {
        let rules = parts.engine.responder.rules
        // The zone that most people know: that of the first schedule.
        let zone = rules.schedules.min { $0.key < $1.key }?.value.layers.first?.zone
        var page = PageContext(
            language: .english,
            viewer: principal.map {
                .init(
                    name: $0.name, role: .init($0.role),
                    hasSecondFactor: parts.accounts.hasSecondFactor($0.account))
            }, csrf: principal?.session?.csrf ?? "", now: now(), zone: zone ?? .utc, platform: rules.platform,
            version: configuration.version)
        page.read(request)
        return page
    }

    private func show(
        _ request: APIRequest, _ segments: [String], _ page: PageContext, _ principal: Principal?,
        _ answer: @escaping (Answer) -> Void
    ) {
        guard writing < Self.atOnce else {
            return answer(ConsoleRoutes.failure(.tooMany, page))
        }
        var data = data()
        let isFree = principal != nil || ConsoleRoute(segments)?.isPublic == true
        let wants = isFree ? ConsoleRoute(segments)?.wants(request.parameters) ?? .nothing : .nothing
        switch wants {
        case .nothing, .incidents, .incident, .audit, .figures: break
        case .integrations: data.integrations = integrations(principal)
        case .accounts: data.accounts = parts.accounts.rows.map { .init($0) }
        case .own: data.own = own(request, principal)
        }
        let past: (@Sendable () async throws -> [Incident])? =
            if case .figures(let filter) = wants {
                parts.figures.incidents(since: filter.start(page.now, page.zone))
            } else {
                nil
            }
        writing += 1
        let promise = loop.makePromise(of: Answer.self)
        let (store, head, responder) = (parts.store, parts.audit.head, data.responder)
        promise.completeWithTask { [data] in
            var data = data
            if let past { data.archive = try await past() }
            switch wants {
            case .incidents(let filter, let before, let limit):
                data.archive = try await Self.archived(store, filter, before, limit)
            case .incident(let id) where responder.incidents[id] == nil:
                let past = Responder(
                    rules: responder.rules, parts: try await store.parts(ofIncident: id), now: page.now)
                data.archive = past.incidents[id].map { [$0] } ?? []
                data.archivedPages = past.pages(of: id)
                data.archivedRemedies = past.remedies(of: id)
            case .audit(let before, let limit) where page.mayAdminister:
                data.audit = try await Self.audit(store, head, before, limit)
            default: break
            }
            return await Self.write(request, page, data)
        }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.writing -= 1
            switch result {
            case .success(let found): answer(found)
            case .failure(let error):
                answer(ConsoleRoutes.failure(.unavailable, page, detail: "\(error)"))
            }
        }
    }

    @concurrent
    private static func write(_ request: APIRequest, _ page: PageContext, _ data: ConsoleData) async -> Answer {
        guard case .answer(let answer) = ConsoleRoutes.handle(request, page, data) else {
            return ConsoleRoutes.failure(.notFound, page)
        }
        return answer
    }

    private func data() -> ConsoleData {
        var data = ConsoleData(responder: parts.engine.responder, newID: configuration.newID)
        data.services = configuration.services
        data.signals = parts.signals.board
        data.address = parts.engine.responder.rules.console ?? ""
        data.health.lateness = parts.report.isLate ? parts.engine.lateness?.by ?? .zero : .zero
        for page in data.responder.pages.values {
            switch page.state {
            case .waiting, .sending: data.health.waitingPages += 1
            case .dead: data.health.deadPages += 1
            case .accepted, .acknowledged, .withdrawn, .summarised: break
            }
        }
        data.health.signOfLife = parts.signOfLife.map { $0.isHeard ?? true }
        return data
    }

    private func integrations(_ principal: Principal?) -> [ConsoleData.Integration] {
        guard principal != nil else { return [] }
        let keys = parts.ingest.keys
        return keys.integrations.values.sorted { $0.name < $1.name }.map { integration in
            let known = keys.keys(of: integration.name).filter { $0.isValid(at: now()) }
            return ConsoleData.Integration(
                name: integration.name, sender: .init(integration.sender), created: integration.created,
                lastUsed: known.compactMap(\.lastUsed).max(), key: known.last?.id ?? "")
        }
    }

    private static func archived(
        _ store: any Store, _ filter: IncidentFilter, _ before: Moment?, _ limit: Int
    ) async throws -> [Incident] {
        var found: [Incident] = []
        var last: String?
        while found.count < limit {
            let page = try await store.history(before: last, limit: 500)
            found += page.filter { incident in
                filter.admits(incident) && (before.map { incident.opened <= $0 } ?? true)
            }
            guard page.count == 500 else { break }
            last = page.last?.id
        }
        return Array(found.prefix(limit))
    }

    private static func audit(
        _ store: any Store, _ head: AuditChain, _ before: Int?, _ limit: Int
    ) async throws -> ConsoleData.AuditPage {
        let lines = try await store.audit(before: before, limit: limit + 1)
        var page = ConsoleData.AuditPage(
            lines: lines.prefix(limit).compactMap { entry in
                AuditLine.read(entry.body).map { found in
                    let event = found.line.event
                    return .init(
                        number: found.line.number, at: found.line.at, who: event.who,
                        what: event.what + (event.on.isEmpty ? "" : ": \(event.on)"), from: event.from)
                }
            }, next: lines.count > limit ? lines[limit - 1].number : nil)
        if before == nil, head.count <= checkedLines {
            let all = try await store.audit(before: nil, limit: checkedLines)
            page.broken = AuditCheck.verify(all.reversed().map(\.body), end: head)?.line
        }
        return page
    }

    // MARK: Forms

    private func take(
        _ request: APIRequest, _ page: PageContext, _ principal: Principal?, _ answer: @escaping (Answer) -> Void
    ) {
        // What these would mute is looked for among all alerts: not here, where everybody waits.
        guard ["silences", "maintenance"].contains(request.segments.first) else {
            return follow(ConsoleRoutes.handle(request, page, data()), request, page, principal, answer)
        }
        guard writing < Self.atOnce else { return answer(ConsoleRoutes.failure(.tooMany, page)) }
        writing += 1
        let promise = loop.makePromise(of: ConsoleOutcome.self)
        let data = data()
        promise.completeWithTask { await Self.read(request, page, data) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.writing -= 1
            switch result {
            case .success(let outcome): self.follow(outcome, request, page, principal, answer)
            case .failure(let error): answer(ConsoleRoutes.failure(.unavailable, page, detail: "\(error)"))
            }
        }
    }

    @concurrent
    private static func read(_ request: APIRequest, _ page: PageContext, _ data: ConsoleData) async -> ConsoleOutcome {
        ConsoleRoutes.handle(request, page, data)
    }

    /// Does what a form asks for.
    private func follow(
        _ outcome: ConsoleOutcome, _ request: APIRequest, _ page: PageContext, _ principal: Principal?,
        _ answer: @escaping (Answer) -> Void
    ) {
        let command: ConsoleCommand
        switch outcome {
        case .answer(let found): return answer(found)
        case .command(let found): command = found
        }
        if let trouble = parts.engine.commits.trouble {
            parts.engine.commits.retry()
            return answer(ConsoleRoutes.failure(.unavailable, page, detail: "\(trouble)"))
        }
        switch command {
        case .event(let event, let path): submit(event, request, page, principal, path, answer)
        case .account(let route, let path): account(route, request, page, principal, path, answer)
        case .makeIntegration(let name, let sender):
            key(name, request, page, principal, answer) { keys, random, moment throws(IntegrationKeys.Refusal) in
                try keys.create(
                    Integration(
                        name: name, sender: .init(sender), created: moment, createdBy: principal?.name ?? ""),
                    random: random)
            }
        case .rotateKey(let name):
            key(name, request, page, principal, answer) { keys, random, moment throws(IntegrationKeys.Refusal) in
                try keys.rotate(
                    name, oldUntil: moment + .seconds(86_400), by: principal?.name ?? "", random: random, now: moment)
            }
        case .removeIntegration(let name):
            do throws(Problem) {
                let drops = try parts.ingest.change { keys throws(Problem) in
                    do throws(IntegrationKeys.Refusal) { return try keys.remove(name) } catch { throw Problem(error) }
                }
                for drop in drops { parts.engine.commits.drop(drop) }
                note(request, principal)
                written(page, answer) { ConsoleRoutes.redirect("/integrations", page) }
            } catch {
                answer(ConsoleRoutes.failure(.notFound, page, detail: error.detail))
            }
        case .testIntegration(let name):
            let moment = now()
            let report = AlertBook.Report(
                labels: LabelSet(["alertname": "Test", "integration": name, "severity": "low"]),
                annotations: [
                    "summary": Phrase.integrationTest(name, by: principal?.name ?? "")
                        .text(parts.engine.responder.rules.language)
                ],
                startsAt: moment, endsAt: moment + .seconds(300), source: name)
            _ = parts.engine.take([report], now: moment)
            note(request, principal)
            written(page, answer) { ConsoleRoutes.redirect("/alerts", page) }
        }
    }

    /// The audit log's line of a form.
    private func note(_ request: APIRequest, _ principal: Principal?, before: String = "", after: String = "") {
        guard let principal else { return }
        parts.audit.note(
            AuditEvent(
                who: principal.name, from: principal.address, what: "form", on: request.path, before: before,
                after: after))
    }

    /// How the person that an event is about is reached, for the audit log.
    private func entry(_ event: Event) -> String {
        guard case .entry(let person, _, _) = event else { return "" }
        return parts.engine.responder.entries[person]?.text ?? "as in hauban.yaml"
    }

    private func written(
        _ page: PageContext, _ answer: @escaping (Answer) -> Void, _ done: @escaping () -> Answer
    ) {
        parts.engine.commits.afterCommit { result in
            switch result {
            case .success: answer(done())
            case .failure(let error):
                answer(ConsoleRoutes.failure(.unavailable, page, detail: "\(error)"))
            }
        }
    }

    private func submit(
        _ event: Event, _ request: APIRequest, _ page: PageContext, _ principal: Principal?, _ path: String,
        _ answer: @escaping (Answer) -> Void
    ) {
        var isRefused = false
        let before = entry(event)
        parts.engine.submit(event) { outcome in
            switch outcome {
            case .done: answer(ConsoleRoutes.redirect(path, page))
            case .refused(let refusal):
                isRefused = true
                answer(ConsoleRoutes.refused(refusal, request, page))
            case .unwritten(let error):
                answer(ConsoleRoutes.failure(.unavailable, page, detail: "\(error)"))
            }
        }
        // In the same commit.
        if !isRefused { note(request, principal, before: before, after: entry(event)) }
    }

    /// Shows a new key, this once.
    private func key(
        _ name: String, _ request: APIRequest, _ page: PageContext, _ principal: Principal?,
        _ answer: @escaping (Answer) -> Void,
        _ make: (inout IntegrationKeys, [UInt8], Moment) throws(IntegrationKeys.Refusal) -> (
            key: String, saves: [Record]
        )
    ) {
        let (random, moment) = (RandomBytes.live.take(IntegrationKey.randomBytes), now())
        do throws(Problem) {
            let made = try parts.ingest.change { keys throws(Problem) in
                do throws(IntegrationKeys.Refusal) { return try make(&keys, random, moment) } catch {
                    throw Problem(error)
                }
            }
            for record in made.saves { parts.engine.commits.save(record) }
            note(request, principal)
            written(page, answer) { [self] in
                var data = data()
                data.integrations = integrations(principal)
                for index in data.integrations.indices where data.integrations[index].name == name {
                    data.integrations[index].secret = made.key
                }
                return ConsoleRoutes.answer(page.integrations(data), page)
            }
        } catch {
            answer(ConsoleRoutes.failure(.conflict, page, detail: error.detail, back: "/integrations"))
        }
    }

    // MARK: Accounts

    private func account(
        _ route: [String], _ request: APIRequest, _ page: PageContext, _ principal: Principal?, _ path: String,
        _ answer: @escaping (Answer) -> Void
    ) {
        let isKnown = parts.accounts.handle(request, route) { [self] reply in
            var own = OwnAccount()
            switch reply.view {
            case .signedIn, .done, .account, .accounts:
                return answer(ConsoleRoutes.redirect(path, page, cookies: reply.cookie.map { [$0] } ?? []))
            case .refused(let problem):
                own = principal == nil ? own : self.own(request, principal)
                own.problem = .init(code: problem.word, status: problem.status, detail: problem.detail)
            case .needsCode(let challenge): own.challenge = challenge.exposed
            case .enrolment(let view):
                own = self.own(request, principal)
                own.secret = view.secret.exposed
                own.otpauth = view.uri.exposed
            case .recoveryCodes(let codes):
                own = self.own(request, principal)
                own.recoveryCodes = codes.map(\.exposed)
            case .newToken(let secret, _):
                own = self.own(request, principal)
                own.newToken = secret.exposed
            case .link(let view):
                own = self.own(request, principal)
                let root = view.purpose == .setUp ? "/set-up" : "/invitation"
                let base = parts.engine.responder.rules.console ?? ""
                own.link = (view.account, "\(base)\(root)?token=\(view.token.exposed)", view.expiresAt)
            case .tokens, .sessions: own = self.own(request, principal)
            }
            if case .refused(let problem) = reply.view, problem.word == "sign-in-again" { own.challenge = "" }
            if own.challenge.isEmpty, route == ["session", "second-factor"], own.problem != nil {
                own.challenge = request.form.first("challenge") ?? ""
            }
            var data = data()
            data.own = own
            data.accounts = parts.accounts.rows.map { .init($0) }
            var found = ConsoleRoutes.account(route, request, page, data)
            if let cookie = reply.cookie { found.fields.append(("Set-Cookie", cookie)) }
            answer(found)
        }
        if !isKnown { answer(ConsoleRoutes.failure(.notFound, page)) }
    }

    private func own(_ request: APIRequest, _ principal: Principal?) -> OwnAccount {
        var own = OwnAccount()
        guard let principal, let session = principal.session else { return own }
        own.sessions = parts.accounts.sessions(of: principal.account, this: session).map {
            .init(
                id: $0.id, began: $0.createdAt, seen: $0.seenAt, address: $0.address, agent: $0.agent,
                isThis: $0.isThis)
        }
        own.tokens = parts.accounts.tokens(of: principal).map {
            .init(
                id: $0.id, name: $0.name, owner: $0.owner, scopes: $0.scopes.map(\.rawValue), ends: $0.expiresAt,
                lastUsed: $0.lastUsedAt)
        }
        own.scopes = Permission.allCases.filter { principal.may($0) }.map(\.rawValue)
        return own
    }
}

extension PageContext.Role {
    fileprivate init(_ role: Role) {
        self =
            switch role {
            case .viewer: .viewer
            case .responder: .responder
            case .administrator: .administrator
            }
    }
}

extension ConsoleData.Account {
    fileprivate init(_ row: AccountRow) {
        let state: State =
            switch row.state {
            case .invited: .invited
            case .active: .active
            case .disabled: .disabled
            }
        self.init(
            name: row.name, role: .init(row.role), hasSecondFactor: row.hasSecondFactor, state: state,
            lastSeen: row.lastSignInAt)
    }
}

extension ConsoleData.Integration.Sender {
    fileprivate init(_ sender: Integration.Sender) {
        self =
            switch sender {
            case .alertmanager: .alertmanager
            case .grafana: .grafana
            case .pagerDuty: .pagerduty
            case .opsgenie: .opsgenie
            case .googleCloud: .googleCloud
            case .sns: .sns
            case .heartbeat: .heartbeat
            case .json: .json
            }
    }
}

extension Integration.Sender {
    fileprivate init(_ sender: ConsoleData.Integration.Sender) {
        self =
            switch sender {
            case .alertmanager: .alertmanager
            case .grafana: .grafana
            case .pagerduty: .pagerDuty
            case .opsgenie: .opsgenie
            case .googleCloud: .googleCloud
            case .sns: .sns
            case .heartbeat: .heartbeat
            case .json: .json
            }
    }
}

extension AuditCheck.Finding {
    fileprivate var line: Int {
        switch self {
        case .unreadable(let line), .tampered(let line), .outOfPlace(let line, _), .severed(let line),
            .cutShort(let line, _), .otherEnd(let line), .continued(let line):
            line
        }
    }
}
