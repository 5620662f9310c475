package import Planning
package import World

/// Takes an environment from release to release: one at a time, each step journalled before it is taken.
///
/// `docs/release.md` states the order, the rules for going on after a kill, and the verdicts. Cancelling the calling task
/// returns the release that is under way, and the call then ends with its verdict.
package struct ReleaseExecutor: Sendable {
    let engine: any Engine
    let journal: Journal
    let holder: LeaseHolder
    let settings: Settings

    /// What an executor may be told besides.
    package struct Settings: Sendable {
        package var leaseTerm: Duration = .seconds(15)
        /// How long the engine may take to say what runs.
        package var observeLimit: Duration = .seconds(30)
        package var retention = ReleaseRetention()
        package var keeper: Timekeeper = .live
        /// Names one taking of the lease.
        package var token: @Sendable () -> String = { "\(UInt64.random(in: .min ... .max))" }
        /// What is known about another holder of the lease; nil looks at its process.
        package var life: (@Sendable (LeaseHolder) -> LeaseHolder.Life)?
        package var progress: @Sendable (ReleaseEvent) -> Void = { _ in }
        /// Called between two commits; what it throws ends the executor as a kill would, the lease unreturned.
        package var checkpoint: @Sendable (Checkpoint) throws -> Void = { _ in }

        package init() {}
    }

    package init(engine: any Engine, journal: Journal, holder: LeaseHolder, settings: Settings = Settings()) {
        self.engine = engine
        self.journal = journal
        self.holder = holder
        self.settings = settings
    }

    // MARK: Verbs

    /// What a deploy would do now; changes nothing.
    package func plan(_ desired: DesiredState) async throws -> Result<Plan, PlanError> {
        let observed = try await observe()
        do throws(PlanError) {
            return .success(try Plan.towards(desired, from: observed))
        } catch {
            return .failure(error)
        }
    }

    /// Makes the environment as desired, or leaves it as it was.
    ///
    /// A release that was interrupted is ended first: the same one goes on where it stopped, another is returned unless it
    /// serves already, and then finishes its watch.
    package func deploy(_ desired: DesiredState, label: String = "") async throws -> ReleaseReport {
        try await exclusively { lease, cancellation in
            var recovered: [ReleaseReport.Ended] = []
            if let open = try journal.open() {
                let isSame = open.desired == desired
                let report = try await recover(
                    open, isSame || isSwitched(open) ? .finish : .giveUp, lease, cancellation)
                if isSame, !isAfterthought(report.verdict) { return report }
                if let id = report.release { recovered.append(.init(release: id, verdict: report.verdict)) }
            }
            if cancellation.isRequested {
                return ReleaseReport(verdict: .returned(.cancelled), recovered: recovered)
            }
            return try await release(desired, .deploy, label, restores: nil, recovered, lease, cancellation)
        }
    }

    /// Goes back to an earlier kept release: the one before the last, or the given one.
    ///
    /// A release that was interrupted and not kept yet is returned, and that is all.
    ///
    /// - Parameters:
    ///   - current: refused unless this release is the last one that was kept, and none is under way or interrupted.
    ///   - refusal: why `current` may not stay, when its verification says so. It is written down about that release before
    ///     anything is done, and stands in the verdict of the one that goes back.
    package func rollback(
        to target: ReleaseID? = nil, insteadOf current: ReleaseID? = nil, since refusal: String? = nil
    ) async throws -> ReleaseReport {
        try await exclusively { lease, cancellation in
            if let current {
                if let open = try journal.open() {
                    return ReleaseReport(
                        verdict: .refused(.impossible("release \(open.id) is under way or was interrupted")))
                }
                guard let last = try journal.lastKept(), last.id == current else {
                    return ReleaseReport(
                        verdict: .refused(.impossible("\(current) is not the release that serves any more")))
                }
                if let refusal { try journal.refuse(current, since: refusal) }
            }
            var recovered: [ReleaseReport.Ended] = []
            if let open = try journal.open() {
                // An interrupted rollback goes on; an interrupted deploy is what should be gone.
                let report = try await recover(open, open.kind == .rollback ? .finish : .giveUp, lease, cancellation)
                // The same command again after a kill is one rollback, not two.
                if target == nil, open.kind == .rollback || open.state != .settling { return report }
                if let id = report.release { recovered.append(.init(release: id, verdict: report.verdict)) }
            }
            let found: ReleaseRecord?
            if let target {
                found = try journal.release(target).flatMap { isKept($0) ? $0 : nil }
            } else {
                found = try journal.lastKept().flatMap { try journal.kept(before: $0.origin) }
            }
            guard let found else {
                return ReleaseReport(verdict: .refused(.nothingToReturnTo), recovered: recovered)
            }
            let why = refusal.map { "\(current.map { "\($0) " } ?? "")did not pass its verification: \($0)" }
            return try await release(
                found.desired, .rollback, found.label, restores: found.origin, recovered, lease, cancellation,
                notes: why.map { [$0] } ?? [])
        }
    }

    /// Ends an interrupted release as `deploy` of the same would; nil when there is none, or its holder is at work.
    package func recover() async throws -> ReleaseReport? {
        guard try journal.open() != nil else { return nil }
        let report = try await exclusively { lease, cancellation -> ReleaseReport? in
            guard let open = try journal.open() else { return nil }
            return try await recover(open, .finish, lease, cancellation)
        } held: { _ in
            nil
        }
        return report
    }

    // MARK: Parts

    /// What is done about an interrupted release.
    enum Recovery {
        case finish
        case giveUp
    }

    private func recover(
        _ open: ReleaseRecord, _ recovery: Recovery, _ lease: Lease, _ cancellation: Cancellation
    ) async throws -> ReleaseReport {
        var run = ReleaseRun(plan: open.plan, steps: open.steps, state: open.state, notes: open.notes)
        try await engine.takeOver()
        switch (open.state, recovery) {
        case (.forward, .finish): settings.progress(.recovering(open.id, intent: "going on where it stopped"))
        case (.forward, .giveUp):
            settings.progress(.recovering(open.id, intent: "returning it"))
            run.take(.abandoned)
            try journal.record(open.id, run: run, under: lease)
        case (.returning, _): settings.progress(.recovering(open.id, intent: "going on returning it"))
        case (.settling, _), (.ended, _): settings.progress(.recovering(open.id, intent: "it is kept; tidying up"))
        }
        return try await drive(open, run, lease, cancellation)
    }

    private func release(
        _ desired: DesiredState, _ kind: ReleaseKind, _ label: String, restores: ReleaseID?,
        _ recovered: [ReleaseReport.Ended], _ lease: Lease, _ cancellation: Cancellation, notes: [String] = []
    ) async throws -> ReleaseReport {
        let observed = try await observe()
        let plan: Plan
        do throws(PlanError) {
            plan = try Plan.towards(desired, from: observed, inShares: kind == .deploy)
        } catch {
            return ReleaseReport(verdict: .refused(.impossible(error.text)), recovered: recovered)
        }
        settings.progress(.planned(plan))
        if plan.isEmpty { return ReleaseReport(verdict: .unchanged, plan: plan, recovered: recovered) }
        let record = try journal.begin(
            kind: kind, label: label, who: holder.user, plan: plan, desired: desired, baseline: observed,
            restores: restores, under: lease)
        settings.progress(.began(record.id))
        try settings.checkpoint(.releaseBegan)
        var report = try await drive(record, ReleaseRun(plan: plan, notes: notes), lease, cancellation)
        report.recovered = recovered
        return report
    }

    private func observe() async throws -> ObservedState {
        let limit = settings.observeLimit
        var observed = try await Deadline.run(limit, for: "see what runs", settings.keeper) { [engine] in
            try await engine.observe(within: limit)
        }
        observed.lastGood = try journal.lastKept()?.desired
        let unkept = try journal.unkept()
        for index in observed.services.indices {
            observed.services[index].isUnkept = unkept.contains(observed.services[index].release)
        }
        return observed
    }

    private func isSwitched(_ open: ReleaseRecord) -> Bool {
        ReleaseRun(plan: open.plan, steps: open.steps, state: open.state).isSwitched
    }

    private func isKept(_ record: ReleaseRecord) -> Bool {
        switch record.state {
        case .settling, .ended(.kept): true
        case .forward, .returning, .ended: false
        }
    }

    /// Whether the verdict says nothing about the release itself, so that the deploy is still owed.
    private func isAfterthought(_ verdict: Verdict) -> Bool {
        switch verdict {
        case .returned(.cancelled), .returned(.abandoned): true
        case .kept, .unchanged, .returned, .refused, .failed: false
        }
    }
}
