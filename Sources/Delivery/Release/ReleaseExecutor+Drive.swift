import Planning
import Spec
import World

extension ReleaseExecutor {
    /// Performs a release's actions one after another until its verdict.
    ///
    /// - Throws: when the journal cannot be written or the lease is lost: the release then stays as it is and is ended by the
    ///   next command.
    func drive(
        _ record: ReleaseRecord, _ start: ReleaseRun, _ lease: Lease, _ cancellation: Cancellation
    ) async throws -> ReleaseReport {
        var run = start
        var record = record
        var tails: [ReleaseReport.LogTail] = []
        while true {
            if cancellation.isRequested, run.state == .forward {
                run.take(.cancelled)
                try journal.record(record.id, run: run, under: lease)
                settings.progress(.returning(.cancelled))
            }
            switch run.next() {
            case .perform(let step):
                try await measure(before: step, &record, lease)
                try await perform(step, &run, record, lease, cancellation, &tails)
            case .undo(let step, let inverse):
                try await undo(step, by: inverse, &run, record, lease)
            case .keep:
                try settings.checkpoint(.beforeKeep)
                run.take(.keepRecorded)
                try journal.record(record.id, run: run, under: lease)
                try settings.checkpoint(.keepRecorded)
            case .end(let verdict):
                try settings.checkpoint(.beforeEnd)
                try journal.record(record.id, run: run, under: lease)
                try journal.prune(settings.retention)
                try settings.checkpoint(.ended)
                settings.progress(.ended(record.id, verdict))
                return ReleaseReport(release: record.id, verdict: verdict, plan: record.plan, logTails: tails)
            }
        }
    }

    // MARK: Steps

    private func perform(
        _ step: Step, _ run: inout ReleaseRun, _ record: ReleaseRecord, _ lease: Lease, _ cancellation: Cancellation,
        _ tails: inout [ReleaseReport.LogTail]
    ) async throws {
        try settings.checkpoint(.beforeStep(step.id))
        try journal.record(record.id, step: step.id, run: run, under: lease)
        try settings.checkpoint(.stepWritten(step.id))
        settings.progress(.stepBegan(step))
        let began = settings.keeper.uptime()
        let context = context(record, run)
        let result = await outcome(of: step, context, record, isStoppable: run.state == .forward, cancellation)
        try settings.checkpoint(.stepTaken(step.id))
        let took = settings.keeper.uptime() - began
        switch result {
        case .done(let note, let remarks):
            run.take(.succeeded(step.id))
            if !remarks.isEmpty { run.take(.noted(remarks)) }
            try journal.record(record.id, step: step.id, note: note, run: run, under: lease)
            try settings.checkpoint(.stepRecorded(step.id))
            settings.progress(.stepEnded(step, took: took, note: note))
        case .failed(let failure):
            let wasForward = run.state == .forward
            run.take(.failed(step.id, failure))
            try journal.record(record.id, step: step.id, note: failure.text, run: run, under: lease)
            try settings.checkpoint(.stepRecorded(step.id))
            settings.progress(.stepFailed(step, took: took, failure))
            if let service = failure.service, wasForward {
                let lines = await engine.logTail(of: service, release: record.id, lines: 20)
                if !lines.isEmpty {
                    tails.append(.init(service: service, lines: lines))
                    settings.progress(.logTail(service, lines))
                    try journal.note(record.id, kind: "log", lines.map { "\(service): \($0)" }.joined(separator: "\n"))
                }
            }
            if wasForward { settings.progress(.returning(failure)) }
        }
    }

    private func undo(
        _ step: Step, by inverse: Step, _ run: inout ReleaseRun, _ record: ReleaseRecord, _ lease: Lease
    ) async throws {
        try journal.record(record.id, step: step.id, run: run, under: lease)
        try settings.checkpoint(.undoWritten(step.id))
        settings.progress(.undoBegan(inverse))
        let began = settings.keeper.uptime()
        let context = context(record, run, without: step)
        var problem: String?
        var didChange = true
        var note: String?
        // Once more at once: a returned release matters more than the time that a second try takes.
        for _ in 1...2 {
            do {
                let outcome = try await bounded(limit(of: inverse, record), inverse, nil) { [engine] limit in
                    try await engine.perform(inverse, in: context, within: limit)
                }
                problem = nil
                didChange = outcome.didChange
                let notes = [outcome.note].compactMap(\.self) + outcome.remarks
                note = notes.isEmpty ? nil : notes.joined(separator: "; ")
                break
            } catch {
                problem = "\(inverse.line) failed: \(Self.message(error))"
            }
        }
        try settings.checkpoint(.undoTaken(step.id))
        if let problem { run.take(.undoFailed(step.id, message: problem)) } else { run.take(.undone(step.id)) }
        try journal.record(record.id, step: step.id, note: problem ?? note, run: run, under: lease)
        try settings.checkpoint(.undoRecorded(step.id))
        if let problem {
            settings.progress(.undoFailed(inverse, message: problem))
        } else if inverse.action != .shiftBack || didChange {
            // The first way back from a share leads to none; those from the smaller ones have nothing left to do.
            settings.progress(.undoEnded(inverse, took: settings.keeper.uptime() - began, note: note))
        }
    }

    // MARK: One step's outcome

    enum Outcome {
        case done(note: String?, remarks: [String])
        case failed(ReleaseFailure)
    }

    private func outcome(
        of step: Step, _ context: ReleaseContext, _ record: ReleaseRecord, isStoppable: Bool,
        _ cancellation: Cancellation
    ) async -> Outcome {
        let limit = limit(of: step, record)
        do {
            return try await bounded(limit, step, isStoppable ? cancellation : nil) { limit in
                switch step.action {
                case .watch: return try await watch(context, record)
                case .hold: return try await hold(step, context, record)
                case .smoke: return try await smoke(context, context.desired.smoke)
                default:
                    let outcome = try await engine.perform(step, in: context, within: limit)
                    return .done(note: outcome.note, remarks: outcome.remarks)
                }
            }
        } catch {
            if isStoppable, cancellation.isRequested { return .failed(.cancelled) }
            let trouble = Trouble(error)
            return .failed(.step(step, message: trouble.message, hint: trouble.hint, code: trouble.code))
        }
    }

    /// - Parameter place: where they are asked, for the verdict.
    func smoke(
        _ context: ReleaseContext, _ requests: [Planning.SmokeRequest], at place: String = ""
    ) async throws -> Outcome {
        for request in requests {
            func failed(_ problem: String) -> Outcome {
                .failed(.smoke(service: request.service, request: request.text, problem: problem + place))
            }
            let answer: SmokeAnswer
            do {
                answer = try await Deadline.run(request.timeout, for: request.text, settings.keeper) { [engine] in
                    try await engine.send(request, in: context)
                }
            } catch {
                if Task.isCancelled { throw error }
                return failed("got no answer: \(Self.message(error))")
            }
            if answer.status != request.expectStatus {
                return failed("was answered \(answer.status), expected \(request.expectStatus)")
            }
            if let text = request.expectBody, !answer.body.contains(text) {
                return failed("was answered without '\(text)'")
            }
        }
        return .done(note: nil, remarks: [])
    }

    /// Runs engine work with its deadline; a wish to cancel ends it where one is given.
    private func bounded<Value: Sendable>(
        _ limit: Duration, _ step: Step, _ cancellation: Cancellation?,
        _ work: @escaping @Sendable (Duration) async throws -> Value
    ) async throws -> Value {
        let keeper = settings.keeper
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work(limit) }
            group.addTask {
                // The engine minds the limit itself and says better what was late; this is for one that does not.
                try await keeper.sleep(limit + .seconds(5))
                throw WorldError(
                    code: "timed-out", operation: step.line, underlying: "not done within \(limit.inWords)")
            }
            if let cancellation {
                group.addTask {
                    await cancellation.wait()
                    throw CancellationError()
                }
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw CancellationError() }
            return value
        }
    }

    private func limit(of step: Step, _ record: ReleaseRecord) -> Duration {
        record.desired.limit(of: step, before: record.baseline.lastGood)
    }

    /// - Parameter without: the step that is being taken back.
    private func context(_ record: ReleaseRecord, _ run: ReleaseRun, without undone: Step? = nil) -> ReleaseContext {
        var inForce = run.inForce
        if let undone {
            inForce.remove(undone.id)
            // The way back does not lead through the smaller shares.
            inForce.subtract(record.plan.steps.filter { $0.action == .shift }.map(\.id))
        }
        return ReleaseContext(
            release: record.id, desired: record.desired, baseline: record.baseline, changed: record.plan.changed,
            routing: record.plan.routing(
                with: inForce, release: record.id, desired: record.desired, baseline: record.baseline))
    }

    static func message(_ error: any Error) -> String { Trouble(error).message }
}
