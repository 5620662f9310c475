import FrontDoor
import NIOCore
import Response
import World

/// What every role before the deciding one needs: who the client is, and the way on.
///
/// Belongs to one event loop.
final class RoleFront {
    let role: PlaneRole
    let listener: GuardedListener
    let link: PlaneLink
    let loop: any EventLoop
    /// Whether senders need no key here.
    let isOpen: Bool
    private(set) var forwarded = 0
    private(set) var failures = 0
    /// When the other side last answered; `nil`: never.
    private(set) var heard: Moment?
    /// Questions that were asked and not yet answered.
    var pending = 0
    /// Why it did not, since.
    private(set) var trouble: String?
    private let now: () -> Moment

    init(
        _ configuration: RoleConfiguration, _ listener: GuardedListener, _ link: PlaneLink, loop: any EventLoop,
        now: @escaping () -> Moment
    ) {
        role = configuration.role
        self.listener = listener
        self.link = link
        self.loop = loop
        self.now = now
        isOpen = GuardedListener.isLoopback(configuration.host)
    }

    func hop(_ request: APIRequest) -> Hop { Hop(client: listener.client(of: request), isOpen: isOpen) }

    /// Passes a request on.
    ///
    /// - Parameter refusal: what is answered where nobody answers there.
    func forward(
        _ request: APIRequest, _ answer: @escaping (Answer) -> Void, refusal: @escaping (WorldError) -> Answer
    ) {
        forwarded += 1
        pending += 1
        let promise = loop.makePromise(of: Answer.self)
        let link = link
        let hop = hop(request)
        promise.completeWithTask { try await link.forward(request, hop) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.pending -= 1
            switch result {
            case .success(let found):
                self.note(nil)
                answer(found)
            case .failure(let error):
                self.failures += 1
                let error =
                    error as? WorldError
                    ?? WorldError(code: "request-failed", operation: "pass on", underlying: "\(error)")
                self.note(error.underlying)
                answer(refusal(error))
            }
        }
    }

    /// Notes whether the other side answered.
    func note(_ trouble: String?) {
        self.trouble = trouble
        if trouble == nil { heard = now() }
    }

    /// Why a request cannot be answered now.
    static func away(_ request: APIRequest, _ error: WorldError) -> Problem {
        let doubt =
            Authority.isSafe(request.method) || error.underlying.contains("refused")
            ? "" : " What was asked may have been done all the same."
        return Problem(
            "plane-away", status: 503, title: "The process that decides does not answer",
            detail: "The role incidents does not answer: \(error.underlying).\(doubt)", fields: ["Retry-After": "2"])
    }

    static let ownPaths: Set<String> = ["/live", "/-/healthy", "/health", "/-/ready", "/metrics"]

    /// The answer about this process itself.
    func own(
        _ request: APIRequest, health: () -> (isWell: Bool, write: (inout JSONWriter) -> Void),
        metrics: () -> MetricText
    ) -> Answer {
        guard request.method == "GET" || request.method == "HEAD" else {
            return Answer(status: 405, body: .text("Method Not Allowed\n"), fields: [("Allow", "GET, HEAD")])
        }
        switch request.path {
        case "/live", "/-/healthy": return Answer(status: 200, body: .text("OK"))
        case "/metrics":
            return Answer(
                status: 200, body: .bytes(Array(metrics().text.utf8), type: "text/plain; version=0.0.4; charset=utf-8"))
        default:
            let state = health()
            return .json(state.isWell ? 200 : 503) { writer in
                writer.object { writer in
                    writer.key("role")
                    writer.write(self.role.rawValue)
                    writer.key("well")
                    writer.write(state.isWell)
                    state.write(&writer)
                }
            }
        }
    }

    func writePlane(_ writer: inout JSONWriter, heard: Moment?, trouble: String?) {
        writer.key("plane")
        writer.object { writer in
            writer.key("isReached")
            writer.write(trouble == nil && heard != nil)
            if let heard {
                writer.key("heardAt")
                writer.write(heard)
            }
            if let trouble {
                writer.key("trouble")
                writer.write(trouble)
            }
        }
    }

    func metrics(isReached: Bool) -> MetricText {
        var text = MetricText()
        text.write(role)
        text.write("hauban_plane_up", "gauge", "Whether the role that decides answers.", isReached ? 1 : 0)
        text.write("hauban_forwarded_total", "counter", "Requests that were passed on.", forwarded)
        text.write("hauban_forward_failures_total", "counter", "Of these, without an answer.", failures)
        return text
    }
}
