import FrontDoor
import NIOCore
import Response
import World

/// The roles `console` and `oncall`: pass on what is of their surface, and nothing else.
///
/// They keep nothing, so as many of each can serve as are wanted. Belongs to one event loop.
final class SurfaceRole {
    private let front: RoleFront
    private let version: String
    private let now: () -> Moment
    private var isAsking = false
    private static let patience = Duration.seconds(5)

    init(_ configuration: RoleConfiguration, front: RoleFront, now: @escaping () -> Moment) {
        self.front = front
        version = configuration.version
        self.now = now
    }

    func handle(_ request: RequestReader.Request, _ peer: String, _ answer: @escaping (Answer) -> Void) {
        let request = APIRequest(request, peer: peer)
        if RoleFront.ownPaths.contains(request.path) {
            return answer(front.own(request, health: health) { front.metrics(isReached: isReached) })
        }
        guard front.role.serves(request) else {
            guard let other = PlaneRole.other(than: front.role, request) else {
                return answer(Answer(status: 404, body: .text("404 page not found\n")))
            }
            return answer(other.problem(request.path).answer)
        }
        front.forward(request, answer) { [self] error in
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

    /// Every few seconds: whether the other side is there.
    func tick() {
        guard !isAsking else { return }
        isAsking = true
        let link = front.link
        let promise = front.loop.makePromise(of: PlaneLink.Reply.self)
        promise.completeWithTask { try await link.ask("GET", "health", within: Self.patience) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.isAsking = false
            switch result {
            case .success(let reply) where reply.status == 200: self.front.note(nil)
            case .success(let reply):
                self.front.note(reply.status == 401 ? "it refuses the token" : "it answered \(reply.status)")
            case .failure(let error): self.front.note((error as? WorldError)?.underlying ?? "\(error)")
            }
        }
    }

    private var isReached: Bool { front.trouble == nil && front.heard != nil }

    private func health() -> (isWell: Bool, write: (inout JSONWriter) -> Void) {
        (isReached, { [front] writer in front.writePlane(&writer, heard: front.heard, trouble: front.trouble) })
    }
}
