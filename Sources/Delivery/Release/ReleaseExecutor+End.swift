import FoundationEssentials
package import Planning
import World

extension ReleaseExecutor {
    /// What became of ending an environment.
    package enum Ending: Sendable {
        /// How many processes were stopped, and the interrupted release that is over with that.
        case stopped(Int, ReleaseReport.Ended?)
        /// Another command is at work.
        case refused(Refusal)
    }

    /// Does something to what runs that is no release, under the lease.
    ///
    /// - Returns: why not, when a release is under way or was interrupted, or another command is at work.
    package func aside(_ work: @escaping @Sendable () async throws -> Void) async throws -> Refusal? {
        try await exclusively { _, _ in
            if let open = try journal.open() {
                return .impossible("release \(open.id) is under way or was interrupted; it settles what runs")
            }
            try await work()
            return nil
        } held: { other in
            .held(
                holder: other.holder.text, since: Timestamp.text(Date(timeIntervalSince1970: other.since)),
                release: try journal.open()?.id)
        }
    }

    /// Stops everything with the body, under the lease; a release that was interrupted is over then, since it has nothing to go
    /// on with. On a disk that takes no records everything is stopped all the same.
    package func end(_ stop: @escaping @Sendable () async throws -> Int) async throws -> Ending {
        do {
            return try await exclusively { lease, _ in
                guard let open = try journal.open() else { return .stopped(try await stop(), nil) }
                try await engine.takeOver()
                var run = ReleaseRun(plan: open.plan, steps: open.steps, state: open.state, notes: open.notes)
                // First that it is not to go on: who takes over from here finds nothing that it could finish.
                run.take(.abandoned)
                try? journal.record(open.id, run: run, under: lease)
                try settings.checkpoint(.beforeEnd)
                let count = try await stop()
                run.take(.stopped)
                guard case .ended(let verdict) = run.state else { return .stopped(count, nil) }
                try? journal.record(open.id, run: run, under: lease)
                return .stopped(count, ReleaseReport.Ended(release: open.id, verdict: verdict))
            } held: { other in
                .refused(
                    .held(
                        holder: other.holder.text, since: Timestamp.text(Date(timeIntervalSince1970: other.since)),
                        release: try journal.open()?.id))
            }
        } catch let error as WorldError where JournalFailure.isOfStorage(error) {
            return .stopped(try await stop(), nil)
        }
    }
}
