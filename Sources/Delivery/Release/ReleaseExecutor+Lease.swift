import FoundationEssentials
import Planning
import World

extension ReleaseExecutor {
    /// Runs the body under the lease, deaf to the cancellation of the calling task but for the wish that it hands on.
    func exclusively(
        _ body: @escaping @Sendable (Lease, Cancellation) async throws -> ReleaseReport
    ) async throws -> ReleaseReport {
        let journal = journal
        return try await exclusively(body) { refusal in
            ReleaseReport(
                verdict: .refused(
                    .held(
                        holder: refusal.holder.text, since: Timestamp.text(Date(timeIntervalSince1970: refusal.since)),
                        release: try journal.open()?.id)))
        }
    }

    /// The same with another answer for when somebody else holds it.
    func exclusively<Value: Sendable>(
        _ body: @escaping @Sendable (Lease, Cancellation) async throws -> Value,
        held: @Sendable ((holder: LeaseHolder, since: Double)) throws -> Value
    ) async throws -> Value {
        let life = settings.life ?? { [holder] in $0.life(seenFrom: holder) }
        var answer = try journal.lease(
            for: holder, token: settings.token(), term: settings.leaseTerm, life: life)
        if case .doubtful(_, _, let beat) = answer {
            try await listen(for: settings.leaseTerm)
            answer = try journal.lease(
                for: holder, token: settings.token(), term: settings.leaseTerm, silent: beat, life: life)
        }
        switch answer {
        case .held(let other, let since), .doubtful(let other, let since, _): return try held((other, since))
        case .taken(let lease):
            let cancellation = Cancellation()
            // A task of its own, because the steps that return a release must run in one that is not cancelled.
            let work = Task { try await beating(lease, cancellation, body) }
            return try await withTaskCancellationHandler {
                try await work.value
            } onCancel: {
                cancellation.request()
            }
        }
    }

    /// Waits for a term by the clock that nobody can set: a living holder's heart beats three times in it.
    private func listen(for term: Duration) async throws {
        let end = settings.keeper.uptime() + term
        while settings.keeper.uptime() < end { try await settings.keeper.sleep(.seconds(1)) }
    }

    /// Runs the body while the lease's heart beats, and gives the lease back.
    private func beating<Value: Sendable>(
        _ lease: Lease, _ cancellation: Cancellation,
        _ body: @escaping @Sendable (Lease, Cancellation) async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask {
                    try await Fence.$current.withValue(lease.fence) { try await body(lease, cancellation) }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try? await settings.keeper.sleep(settings.leaseTerm / 3)
                        // A beat that fails is no reason to stop: each commit checks the lease itself.
                        if !Task.isCancelled { try? journal.renew(lease) }
                    }
                    return nil
                }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            }
            try journal.release(lease)
            return value
        } catch let error as any CrashMarker {
            throw error
        } catch {
            try? journal.release(lease)
            throw error
        }
    }
}

/// An error that stands for the death of this process: nothing is tidied after it. Only checkpoints throw it.
package protocol CrashMarker: Error {}
