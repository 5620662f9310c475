import FrontDoor
import Response
import World

/// Which part of the control plane answers a request.
///
/// Belongs to one event loop. Alertmanager's own paths are decided on the buffers of the request; everything else takes it as
/// values.
final class PlaneRouter {
    struct Parts {
        var alertmanager: AlertmanagerAPI
        var report: SelfReport
        var ingest: IngestService
        var inbound: InboundService
        var accounts: AccountDesk
        var api: APIService
        var console: ConsoleService
    }

    private let parts: Parts
    /// Whether senders of Alertmanager's paths show a key: always, but on this machine's own address.
    private let asksForKeys: Bool
    /// Where other roles come in; `nil`: this process has them all.
    private let inner: InnerDoor?

    init(_ parts: Parts, asksForKeys: Bool, inner: InnerDoor? = nil) {
        self.parts = parts
        self.asksForKeys = asksForKeys
        self.inner = inner
    }

    func handle(_ request: RequestReader.Request, _ peer: String, _ answer: @escaping (Answer) -> Void) {
        guard let inner else { return handle(request, peer, nil, answer) }
        let asked = APIRequest(request, peer: peer)
        switch inner.admit(asked) {
        case .asks: inner.handle(asked, answer)
        case .refused(let problem): answer(problem.answer)
        case .passedOn(let hop): handle(request, peer, hop, answer)
        case .stranger:
            // Programs of this machine, and those with a token of the JSON API, need no role before this one.
            if asked.path.hasPrefix("/api/v2"), mayUseAlertmanager(asked, keys: false) {
                return parts.alertmanager.handle(request, answer)
            }
            if let role = PlaneRole.other(than: .incidents, asked) { return answer(role.problem(asked.path).answer) }
            handle(request, peer, nil, answer)
        }
    }

    private func handle(
        _ request: RequestReader.Request, _ peer: String, _ hop: Hop?, _ answer: @escaping (Answer) -> Void
    ) {
        let path = request.path
        if path.hasPrefix("/api/v2") {
            guard !(hop.map { !$0.isOpen } ?? asksForKeys) || mayUseAlertmanager(value(request, peer, hop), keys: true)
            else {
                var refusal = Answer.refusal(401, "an integration key or a token is needed")
                refusal.fields.append(("WWW-Authenticate", "Basic realm=\"hauban\""))
                return answer(refusal)
            }
            return parts.alertmanager.handle(request, answer)
        }
        if let found = parts.report.answer(path) {
            guard request.method == .get || request.method == .head else {
                return answer(
                    Answer(status: 405, body: .text("Method Not Allowed\n"), fields: [("Allow", "GET, HEAD")]))
            }
            return answer(found)
        }
        handle(value(request, peer, hop), answer)
    }

    private func value(_ request: RequestReader.Request, _ peer: String, _ hop: Hop?) -> APIRequest {
        var value = APIRequest(request, peer: peer)
        value.via = hop
        return value
    }

    private func handle(_ request: APIRequest, _ answer: @escaping (Answer) -> Void) {
        if request.path == "/api/v1" || request.path.hasPrefix("/api/v1/") {
            let route = Array(request.segments.dropFirst(2))
            if parts.accounts.handle(request, route, { answer($0.answer) }) { return }
            return parts.api.handle(request, answer)
        }
        if parts.ingest.handle(request, answer) || parts.inbound.handle(request, answer) { return }
        if request.path == "/events", request.method == "GET" {
            guard parts.accounts.principal(request) != nil else { return answer(Problem.notSignedIn.answer) }
            return answer(Answer(status: 200, body: .live))
        }
        if parts.console.handle(request, answer) { return }
        answer(Answer(status: 404, body: .text("404 page not found\n")))
    }

    /// - Parameter keys: whether the key of an integration is enough.
    private func mayUseAlertmanager(_ request: APIRequest, keys: Bool) -> Bool {
        if keys, parts.ingest.admits(request) { return true }
        let permission: Permission =
            switch request.method {
            case "GET", "HEAD": .readAlerts
            default: request.path.contains("silence") ? .writeSilences : .writeAlerts
            }
        return parts.accounts.principal(request)?.may(permission) ?? false
    }
}
