import FoundationEssentials
import NIOCore
import Response
import World

/// What the other roles ask of the one that decides.
///
/// Belongs to one event loop.
final class InnerDesk {
    private let engine: ResponseEngine
    private let ingest: IngestService
    private let deeds: DecidedDeeds
    private let accounts: AccountDesk
    private var spools: SpoolBook
    private let report: SelfReport
    private let limits: IngestLimits
    /// New with each start: settings with its name in their tag are of this process.
    private let life: String
    private let loop: any EventLoop
    private let now: () -> Moment

    init(
        engine: ResponseEngine, ingest: IngestService, deeds: DecidedDeeds, accounts: AccountDesk,
        spools: SpoolBook, report: SelfReport, limits: IngestLimits, life: String, loop: any EventLoop,
        now: @escaping () -> Moment
    ) {
        self.engine = engine
        self.ingest = ingest
        self.deeds = deeds
        self.accounts = accounts
        self.spools = spools
        self.report = report
        self.limits = limits
        self.life = life
        self.loop = loop
        self.now = now
    }

    func handle(_ request: APIRequest, _ route: [String], _ answer: @escaping (Answer) -> Void) {
        switch (request.method, route.count, route.first ?? "") {
        case ("GET", 1, "health"):
            answer(
                .json { writer in
                    writer.object { writer in
                        writer.key("well")
                        writer.write(self.report.isWell)
                    }
                })
        case ("GET", 1, "oncall"): answer(onCall)
        case ("POST", 1, "settings"): answer(settings(request))
        case ("POST", 2, "spools"): take(request, spool: route[1], answer)
        default: answer(Problem.notFound("nothing is at \(request.path)").answer)
        }
    }

    // MARK: What oncall keeps

    private var onCall: Answer {
        let copy = OnCallCopy(
            arrangements: engine.responder.arrangements, readers: accounts.readers(.readOnCall), at: now())
        guard let data = try? JSONEncoder().encode(copy) else {
            return Problem.tryLater("it cannot be written", status: 503, seconds: 5).answer
        }
        return Answer(status: 200, body: .bytes(Array(data), type: "application/json"))
    }

    // MARK: What ingest needs to know

    private var tag: String { "\(life)-\(ingest.changes)" }

    private func settings(_ request: APIRequest) -> Answer {
        guard let ask = try? JSONDecoder().decode(IngestSettings.Ask.self, from: Data(request.body)) else {
            return Problem.invalid("body", "it is no question about settings").answer
        }
        ingest.noteUses(ask.uses)
        if ask.tag == tag { return Answer(status: 204) }
        let rules = engine.responder.rules
        let settings = IngestSettings(
            tag: tag, records: ingest.keys.records.map(IngestSettings.Kept.init),
            heartbeats: rules.heartbeats.map(\.name), resolveTimeout: rules.resolveTimeout.milliseconds, at: now())
        guard let data = try? JSONEncoder().encode(settings) else {
            return Problem.tryLater("settings cannot be written", status: 503, seconds: 5).answer
        }
        return Answer(status: 200, body: .bytes(Array(data), type: "application/json"))
    }

    // MARK: What ingest hands over

    private func take(_ request: APIRequest, spool: String, _ answer: @escaping (Answer) -> Void) {
        // Read on another thread: what is decided here need not wait for it.
        let promise = loop.makePromise(of: SpoolBatch.self)
        let body = request.body
        promise.completeWithTask { try await SpoolBatch.reading(body) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let batch): self.take(batch, spool: spool, answer)
            case .failure:
                answer(Problem.invalid("body", "it is no whole batch of a spool; send it again").answer)
            }
        }
    }

    private func take(_ batch: SpoolBatch, spool: String, _ answer: @escaping (Answer) -> Void) {
        guard !deeds.isFull else {
            return answer(Problem.tryLater("too many alerts wait to be written", seconds: 1).answer)
        }
        let moment = now()
        // All of it is one commit: what the entries change, and how far they were taken.
        for entry in batch.entries where entry.number > spools.taken(spool) {
            switch entry.content {
            case .deeds(let found):
                let told = found.map { $0.revived(since: entry.received, now: moment, for: resolveTimeout) }
                _ = deeds.decide(told, at: moment)
            case .unreadable(let text):
                _ = deeds.decide([.report(Self.unreadable(entry.number, spool, text, moment))], at: moment)
            }
            spools.take(entry.number, of: spool, at: moment)
        }
        if let record = spools.takeChange(of: spool) { engine.commits.save(record) }
        let taken = spools.taken(spool)
        engine.commits.afterCommit { result in
            switch result {
            case .success:
                answer(
                    .json { writer in
                        writer.object { writer in
                            writer.key("spool")
                            writer.write(spool)
                            writer.key("taken")
                            writer.write(taken)
                        }
                    })
            case .failure(let error):
                answer(Problem.tryLater("it cannot be written: \(error)", status: 503, seconds: 1).answer)
            }
        }
    }

    private var resolveTimeout: Duration { engine.responder.book.resolveTimeout }

    /// What was answered 2xx and cannot be read is nothing that may be passed over in silence.
    private static func unreadable(_ number: Int, _ spool: String, _ text: String, _ now: Moment) -> AlertBook.Report {
        AlertBook.Report(
            labels: LabelSet(["alertname": "SpoolEntryUnreadable", "severity": "critical", "spool": spool]),
            annotations: [
                "summary": "Entry \(number) of the spool \(spool) cannot be read: what a sender said is not known.",
                "entry": text.clipped(2000),
            ], startsAt: now, endsAt: now + .seconds(86_400), source: "hauban")
    }
}
