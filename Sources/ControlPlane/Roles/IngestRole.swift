import FoundationEssentials
import FrontDoor
import NIOCore
import Response
import World

/// The role `ingest`: what senders say is on disk here before they are answered, whether or not anybody can decide now.
///
/// Belongs to one event loop.
final class IngestRole {
    private let front: RoleFront
    private let service: IngestService
    private let alerts: SpooledAlerts
    private let spool: Spool
    private let handOver: HandOver
    private let path: String
    private let now: () -> Moment
    private var settings: IngestSettings?
    private var uses: [IntegrationKey] = []
    private var isAsking = false

    private static let patience = Duration.seconds(10)

    init(
        _ configuration: RoleConfiguration, front: RoleFront, spool: Spool, handOver: HandOver, caller: HTTPCaller,
        now: @escaping () -> Moment
    ) {
        self.front = front
        self.spool = spool
        self.handOver = handOver
        self.now = now
        path = configuration.data + "/settings.json"
        alerts = SpooledAlerts(spool, limits: configuration.limits, now: now)
        service = IngestService(
            keys: IntegrationKeys(), limits: configuration.limits, sink: spool, caller: caller, loop: front.loop,
            now: now, newID: configuration.newID)
        if let bytes = try? SmallFile.read(path, limit: 64 << 20),
            let kept = try? JSONDecoder().decode(IngestSettings.self, from: Data(bytes))
        {
            put(kept)
        }
    }

    // MARK: Requests

    func handle(_ request: RequestReader.Request, _ peer: String, _ answer: @escaping (Answer) -> Void) {
        if request.method == .post, request.path == "/api/v2/alerts" || request.path == "/api/v2/alerts/" {
            if !front.isOpen, !service.admits(APIRequest(request, peer: peer)) { return answer(unadmitted) }
            return alerts.post(request, answer)
        }
        let request = APIRequest(request, peer: peer)
        if RoleFront.ownPaths.contains(request.path) {
            return answer(front.own(request, health: health, metrics: metrics))
        }
        if request.path.hasPrefix("/api/v2") {
            return front.forward(request, answer) { error in
                .tryLater("the role incidents does not answer: \(error.underlying)", status: 503, seconds: 2)
            }
        }
        if let route = IngestRouter.route(request) {
            // Nobody knows a key yet: a sender with a right one would be turned away for good.
            guard settings != nil || route.key == nil else {
                return answer(.tryLater("no integration is known yet: the role incidents did not answer", status: 503))
            }
            _ = service.handle(request, answer)
            return
        }
        if let other = PlaneRole.other(than: .ingest, request) { return answer(other.problem(request.path).answer) }
        answer(Answer(status: 404, body: .text("404 page not found\n")))
    }

    private var unadmitted: Answer {
        guard settings != nil else {
            return .tryLater("no integration is known yet: the role incidents did not answer", status: 503)
        }
        var refusal = Answer.refusal(401, "an integration key is needed")
        refusal.fields.append(("WWW-Authenticate", "Basic realm=\"hauban\""))
        return refusal
    }

    // MARK: What it needs to know

    private func put(_ settings: IngestSettings) {
        self.settings = settings
        uses += used()
        service.change { $0 = settings.keys }
        alerts.resolveTimeout = .milliseconds(settings.resolveTimeout)
        spool.heartbeats = Set(settings.heartbeats)
    }

    private func used() -> [IntegrationKey] {
        service.takeUsed().compactMap { try? JSONDecoder().decode(IntegrationKey.self, from: Data($0.body.utf8)) }
    }

    /// Once a second: asks what changed.
    func tick() {
        guard !isAsking else { return }
        isAsking = true
        front.pending += 1
        uses += used()
        let ask = IngestSettings.Ask(tag: settings?.tag, uses: uses)
        let (link, path) = (front.link, path)
        let promise = front.loop.makePromise(of: IngestSettings?.self)
        promise.completeWithTask {
            let body = try JSONEncoder().encode(ask)
            let reply = try await link.ask("POST", "settings", body: Array(body), within: Self.patience)
            guard reply.status == 200 else {
                guard reply.status == 204 else {
                    throw WorldError(
                        code: "plane-refused", operation: "ask for settings",
                        underlying: reply.status == 401 ? "it refuses the token" : "it answered \(reply.status)")
                }
                return nil
            }
            let settings = try JSONDecoder().decode(IngestSettings.self, from: Data(reply.body))
            // For a start while nobody answers.
            try AtomicFile.write(reply.body, to: path, mode: 0o600)
            return settings
        }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.isAsking = false
            self.front.pending -= 1
            switch result {
            case .success(let found):
                self.uses.removeAll()
                if let found { self.put(found) }
                self.front.note(nil)
                self.handOver.heard()
            case .failure(let error):
                let words = (error as? WorldError)?.underlying ?? "\(error)"
                self.front.note(words)
                self.handOver.failed(words)
            }
        }
    }

    // MARK: About itself

    private func health() -> (isWell: Bool, write: (inout JSONWriter) -> Void) {
        let standing = handOver.standing
        let isWell = spool.trouble == nil && !spool.isFull && settings != nil
        return (
            isWell,
            { [self] writer in
                front.writePlane(&writer, heard: standing.heard, trouble: standing.trouble)
                writer.key("spool")
                writer.object { writer in
                    writer.key("entries")
                    writer.write(spool.depth)
                    writer.key("bytes")
                    writer.write(spool.bytes)
                    writer.key("oldestSeconds")
                    writer.write(age(standing))
                    writer.key("isFull")
                    writer.write(spool.isFull)
                    if let trouble = spool.trouble {
                        writer.key("trouble")
                        writer.write("\(trouble)")
                    }
                }
                if let settings {
                    writer.key("settingsAt")
                    writer.write(settings.at)
                }
            }
        )
    }

    private func age(_ standing: HandOver.Standing) -> Int {
        guard spool.depth > 0, let oldest = standing.oldest else { return 0 }
        return max(0, (now() - oldest).milliseconds / 1000)
    }

    private func metrics() -> MetricText {
        let standing = handOver.standing
        let counts = alerts.counts
        var text = front.metrics(isReached: standing.trouble == nil && standing.heard != nil)
        text.write("hauban_spool_entries", "gauge", "Entries that wait to be handed over.", spool.depth)
        text.write("hauban_spool_bytes", "gauge", "Their bytes.", spool.bytes)
        text.write("hauban_spool_age_seconds", "gauge", "How long the oldest of them has waited.", age(standing))
        text.write("hauban_spool_commits_total", "counter", "Commits of the spool.", spool.commits)
        text.write("hauban_spool_failures_total", "counter", "Commits of the spool that failed.", spool.failures)
        text.write("hauban_handed_over_total", "counter", "Entries that were handed over.", standing.entries)
        text.write("hauban_hand_over_failures_total", "counter", "Attempts that failed.", standing.failures)
        text.write("hauban_alert_requests_total", "counter", "Requests that brought alerts.", counts.requests)
        text.write("hauban_alerts_received_total", "counter", "Alerts that were sent.", counts.received)
        text.write("hauban_alerts_invalid_total", "counter", "Of these, refused.", counts.invalid)
        return text
    }
}
