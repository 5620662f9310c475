import NIOCore
import Response
import Spec
import Synchronization
import World

/// Drives the ``Response/Responder``: has what it decides written, and only then done.
///
/// Belongs to one event loop. Memory may be ahead of the store while a commit is under way; whoever is answered waits for it,
/// and messages do.
final class ResponseEngine {
    /// What came of something that was asked.
    enum Outcome {
        case done
        case refused(Refusal)
        /// It may have been decided, and could not be written: nothing of it was done.
        case unwritten(WorldError)
    }

    private(set) var responder: Responder
    let commits: CommitQueue
    private let outbox: Outbox
    private let remedies: any RemedyPerformer
    private let loop: any EventLoop
    private let now: () -> Moment
    private let random: () -> Double
    /// Whether the loop still takes what remedies say.
    private let ears = Ears()
    private var timer: (due: Moment, task: Scheduled<Void>)?
    /// By how much something that fell due by itself was late, and when that was: the worst within a minute.
    private(set) var lateness: (by: Duration, at: Moment)?
    /// Told of each event that was taken, before anybody is answered.
    var changed: (Set<Part.Key.Kind>) -> Void = { _ in }
    /// Told of each incident that is history from now on.
    var archived: (String) -> Void = { _ in }
    /// Told of each alert that is known no more.
    var forgotten: (Fingerprint) -> Void = { _ in }

    init(
        rules: Rulebook, stored: [Part], commits: CommitQueue, courier: any Courier, remedies: any RemedyPerformer,
        loop: any EventLoop, now: @escaping () -> Moment, random: @escaping () -> Double
    ) {
        responder = Responder(rules: rules, parts: stored, now: now())
        self.commits = commits
        self.remedies = remedies
        self.loop = loop
        self.now = now
        self.random = random
        outbox = Outbox(courier: courier, loop: loop)
        commits.stored = { [unowned self] in responder.book.alerts[$0] }
        commits.written = { [unowned self] in changed($0) }
        outbox.answered = { [unowned self] dispatch, answer in
            submit(
                .delivery(page: dispatch.page, attempt: dispatch.attempt, answer, random: self.random()), nil)
        }
    }

    /// Takes up what a stop left open.
    func resume() {
        let open = responder.remedies.values.filter(\.isOpen).sorted { $0.key < $1.key }
        for run in open { recall(run) }
        _ = take(responder.resume(now: now()))
        rearm()
    }

    /// Begins nothing more by itself; completes when what providers answered is on disk, or by ``giveUp()``.
    func stop() -> EventLoopFuture<Void> {
        timer?.task.cancel()
        return outbox.stop().assumeIsolated().flatMap { [commits] in commits.whenIdle() }.nonisolated()
    }

    func giveUp() {
        outbox.giveUp()
        commits.giveUp()
    }

    /// Hears of no remedy any more; before its loop ends.
    func close() { ears.withLock { $0 = false } }

    /// Messages that are under way or wait for their turn, by their way.
    var outgoing: [Spec.Channel.Kind: Int] { outbox.counts }

    /// Takes an event, and answers when everything about it is on disk.
    func submit(_ event: Event, _ answer: ((Outcome) -> Void)?) {
        let moment = now()
        noteLateness(moment)
        let refusal = take(responder.event(event, now: moment))
        rearm()
        guard let answer else { return }
        if let refusal { return answer(.refused(refusal)) }
        commits.afterCommit { result in
            switch result {
            case .success: answer(.done)
            case .failure(let error): answer(.unwritten(error))
            }
        }
    }

    /// Takes what alerts' senders say.
    ///
    /// - Returns: the alerts that are to be written.
    func take(_ reports: [AlertBook.Report], now: Moment) -> Int {
        noteLateness(now)
        let actions = responder.event(.alerts(reports), now: now)
        _ = take(actions)
        rearm()
        return actions.reduce(into: 0) { count, action in
            if case .save(.alert) = action { count += 1 }
        }
    }

    /// Takes a report that tells again what is known; see ``Response/Responder/retell(_:startsAt:endsAt:now:)``.
    func retell(_ place: AlertTable.Place, startsAt: Moment?, endsAt: Moment?, now: Moment) -> Bool {
        responder.retell(place, startsAt: startsAt, endsAt: endsAt, now: now)
    }

    /// Has an alert known by what told of it.
    func mark(_ fingerprint: Fingerprint, _ mark: UInt64) { responder.mark(fingerprint, mark) }

    /// Lets time pass: once a second, for clocks that are set, and when something is due.
    func tick() {
        let moment = now()
        if let known = lateness, known.at + .seconds(60) <= moment { lateness = nil }
        noteLateness(moment)
        _ = take(responder.event(.tick, now: moment))
        rearm()
        commits.retry()
    }

    /// Whatever comes next does what is due by now: that is when it was late.
    private func noteLateness(_ moment: Moment) {
        let late = responder.lateness(now: moment)
        if late > lateness?.by ?? .zero { lateness = (late, moment) }
    }

    /// Has actions written and done.
    private func take(_ actions: [Action]) -> Refusal? {
        for action in actions {
            switch action {
            case .save(.alert(let alert)): commits.save(alert: alert.labels.fingerprint)
            case .save(let part): commits.save(part)
            case .drop(let key):
                if key.kind == .alert {
                    guard let fingerprint = Fingerprint(key.id) else { break }
                    commits.forget(fingerprint)
                    if responder.book.alerts[fingerprint] == nil { forgotten(fingerprint) }
                } else {
                    commits.drop(key)
                }
            case .archive(let incident):
                commits.archive(incident)
                archived(incident)
            case .send(let dispatch): commits.afterwards { [outbox] in outbox.send(dispatch) }
            case .perform(let run): commits.afterwards { [unowned self] in perform(run) }
            case .refuse: break
            }
        }
        return actions.refusal
    }

    private func perform(_ run: RemedyRun) {
        hear(of: run) { await $0.perform(run) }
    }

    /// Asks what became of a remedy that was under way when the process before ended.
    private func recall(_ run: RemedyRun) {
        hear(of: run) { await $0.recall(run) }
    }

    /// Takes what came of a remedy. It may take longer than the loop lives: then the next process asks for it.
    private func hear(
        of run: RemedyRun, _ outcome: @escaping @Sendable (any RemedyPerformer) async -> RemedyOutcome?
    ) {
        let (remedies, ears, loop) = (remedies, ears, loop)
        let own = NIOLoopBound({ [weak self] in self }, eventLoop: loop)
        Task {
            guard let outcome = await outcome(remedies) else { return }
            ears.withLock { areOpen in
                guard areOpen else { return }
                loop.execute {
                    own.value()?
                        .submit(.remedied(key: run.key, succeeded: outcome.succeeded, output: outcome.output), nil)
                }
            }
        }
    }

    /// Has the loop come back when something is due.
    private func rearm() {
        guard let due = responder.nextDue else { return }
        if let timer, timer.due <= due { return }
        timer?.task.cancel()
        // A clock that is set is noticed by the tick of each second.
        let wait = max(0, min(due.milliseconds - now().milliseconds, 3_600_000))
        let task = loop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(wait))) { [weak self] in
            self?.timer = nil
            self?.tick()
        }
        timer = (due, task)
    }
}

extension RemedyRun {
    /// Whether nobody said what came of it.
    fileprivate var isOpen: Bool {
        switch state {
        case .running, .silent: true
        case .awaitsApproval, .succeeded, .failed, .declined: false
        }
    }
}

/// Shared with tasks that outlive the loop.
private final class Ears: Sendable {
    private let areOpen = Mutex(true)

    func withLock(_ body: (inout Bool) -> Void) { areOpen.withLock { body(&$0) } }
}
