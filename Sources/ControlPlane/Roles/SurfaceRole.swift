import FoundationEssentials
import FrontDoor
import NIOCore
import Response
import Spec
import World

/// The roles `console` and `oncall`: pass on what is of their surface, and nothing else.
///
/// They keep nothing, so as many of each can serve as are wanted. Belongs to one event loop.
final class SurfaceRole {
    private let front: RoleFront
    private let version: String
    private let now: () -> Moment
    private let standIn: OnCallStandIn?
    private var isAsking = false
    private var fromCopy = 0
    private static let patience = Duration.seconds(5)

    init(_ configuration: RoleConfiguration, front: RoleFront, now: @escaping () -> Moment) {
        self.front = front
        version = configuration.version
        self.now = now
        standIn =
            configuration.role == .oncall
            ? configuration.rules.map { OnCallStandIn(rules: $0, isBesidePlane: configuration.plane.isHere) } : nil
    }

    func handle(_ request: RequestReader.Request, _ peer: String, _ answer: @escaping (Answer) -> Void) {
        let request = APIRequest(request, peer: peer)
        if RoleFront.ownPaths.contains(request.path) {
            return answer(front.own(request, health: health, metrics: metrics))
        }
        guard front.role.serves(request) else {
            guard let other = PlaneRole.other(than: front.role, request) else {
                return answer(Answer(status: 404, body: .text("404 page not found\n")))
            }
            return answer(other.problem(request.path).answer)
        }
        // Once it is known that nobody answers there, nobody waits for it.
        if front.trouble != nil, let found = stoodIn(request) { return answer(found) }
        front.forward(request, answer) { [self] error in
            if let found = stoodIn(request) { return found }
            guard front.role == .console, request.path != "/events" else {
                return RoleFront.away(request, error).answer
            }
            var page = PageContext(
                language: .english, viewer: nil, csrf: "", now: now(), zone: .utc, platform: "", version: version)
            page.read(request)
            var found = ConsoleRoutes.failure(.unavailable, page, detail: RoleFront.away(request, error).detail)
            found.fields.append(("Retry-After", "2"))
            return found
        }
    }

    private func stoodIn(_ request: APIRequest) -> Answer? {
        guard let found = standIn?.answer(request, front.listener.client(of: request), now: now()) else { return nil }
        fromCopy += 1
        return found
    }

    /// Every few seconds: whether the other side is there.
    func tick() {
        guard !isAsking else { return }
        isAsking = true
        front.pending += 1
        let link = front.link
        let what = standIn == nil ? "health" : "oncall"
        let promise = front.loop.makePromise(of: PlaneLink.Reply.self)
        promise.completeWithTask { try await link.ask("GET", what, within: Self.patience) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.isAsking = false
            self.front.pending -= 1
            switch result {
            case .success(let reply) where reply.status == 200:
                self.front.note(nil)
                guard let standIn = self.standIn else { return }
                if let copy = try? JSONDecoder().decode(OnCallCopy.self, from: Data(reply.body)) { standIn.keep(copy) }
            case .success(let reply):
                self.front.note(reply.status == 401 ? "it refuses the token" : "it answered \(reply.status)")
            case .failure(let error): self.front.note((error as? WorldError)?.underlying ?? "\(error)")
            }
        }
    }

    private var isReached: Bool { front.trouble == nil && front.heard != nil }

    private func health() -> (isWell: Bool, write: (inout JSONWriter) -> Void) {
        // Who stands in says so with each answer, and whoever balances should go on sending.
        let copy = standIn?.copy.flatMap { now() - $0.at <= OnCallStandIn.oldest ? $0 : nil }
        return (
            isReached || copy != nil,
            { [front] writer in
                front.writePlane(&writer, heard: front.heard, trouble: front.trouble)
                if let copy {
                    writer.key("copyAt")
                    writer.write(copy.at)
                }
            }
        )
    }

    private func metrics() -> MetricText {
        var text = front.metrics(isReached: isReached)
        guard let standIn else { return text }
        text.write("hauban_stood_in_total", "counter", "Requests that were answered from a copy.", fromCopy)
        text.write(
            "hauban_copy_age_seconds", "gauge", "How old the copy of what people arranged is.",
            standIn.copy.map { Double((now() - $0.at).milliseconds) / 1000 } ?? .nan)
        return text
    }
}
