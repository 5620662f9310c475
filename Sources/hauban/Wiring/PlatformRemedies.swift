import ControlPlane
import Delivery
import FoundationEssentials
import Planning
import Response
import Spec
import Synchronization
import World

/// Does what remedies say to the environment on this machine whose platform the control plane serves.
///
/// Everything happens beside the event loop. A return goes on until its verdict, whatever the action's timeout says: half a return
/// would leave nobody knowing what serves; the incident has gone on to people meanwhile.
struct PlatformRemedies: RemedyPerformer {
    let session: Session
    let ledger: RemedyLedger
    /// The folder of the control plane's data.
    let data: String
    let interrupted: InterruptedReleases
    /// Whether a return that was broken off is ended at the start; else somebody else does.
    let takesUp: Bool

    /// More of what a command writes is not kept; its end is.
    static let outputLimit = 4096

    func perform(_ run: RemedyRun) async -> RemedyOutcome {
        do {
            switch try ledger.begin(run.key, at: Date().timeIntervalSince1970) {
            case .new: break
            case .over(let succeeded, let output): return RemedyOutcome(succeeded: succeeded, output: output)
            case .open:
                return failure("it was begun before, and what came of it is not known; it is not done twice")
            }
        } catch {
            return failure("that it begins could not be written down, so it was not done: \(error)")
        }
        let outcome = await act(run)
        do {
            try ledger.end(
                run.key, succeeded: outcome.succeeded, output: outcome.output, at: Date().timeIntervalSince1970)
        } catch {
            return RemedyOutcome(
                succeeded: outcome.succeeded, output: outcome.output + "\n(not written down: \(error))")
        }
        return outcome
    }

    func recall(_ run: RemedyRun) async -> RemedyOutcome? {
        let outcome: RemedyOutcome
        switch ledger.standing(of: run.key) {
        case .over(let succeeded, let output): return RemedyOutcome(succeeded: succeeded, output: output)
        case .new: return failure("the control plane ended before this was begun; it is not done late")
        case .open where run.action.deed == .returnRelease: outcome = await brokenReturn(run)
        case .open:
            outcome = failure(
                "it was broken off when the control plane ended; what came of it is not known, and it is not done twice"
            )
        }
        try? ledger.end(
            run.key, succeeded: outcome.succeeded, output: outcome.output, at: Date().timeIntervalSince1970)
        return outcome
    }

    /// Ends the return that a killed control plane left half done, if nobody did yet, and says what came of it.
    private func brokenReturn(_ run: RemedyRun) async -> RemedyOutcome {
        if takesUp { await interrupted.end(after: .zero) }
        // Another command may be at it: its verdict is the return's.
        let end = ContinuousClock.now + run.action.timeout
        while true {
            let rows = (try? Journal.reading(path: session.place.journal).0.history(limit: 50)) ?? []
            let began = Double(run.since.milliseconds) / 1000 - 1
            guard let row = rows.last(where: { $0.kind == .rollback && $0.started >= began }) else {
                return failure("it was broken off before it began a release")
            }
            let name = "\(row.id), which was broken off and then ended,"
            switch row.verdict {
            case "kept":
                return success("\(name) went back from \(run.release ?? "it") to \(row.restores.map { "\($0)" } ?? "")")
            case .some(let verdict):
                return failure("\(name) was not kept (\(verdict))" + (row.reason.map { ": \($0)" } ?? ""))
            case nil:
                guard ContinuousClock.now < end else {
                    return failure("\(row.id) was broken off, and has no verdict yet; the next command ends it")
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func act(_ run: RemedyRun) async -> RemedyOutcome {
        do {
            switch run.action.deed {
            case .returnRelease: return try await returnRelease(run)
            case .restart:
                let service = try service(run.service, run)
                try nothingIsUnderWay()
                let count = try await session.engine.restartReplicas(of: service, within: run.action.timeout)
                return success("restarted \(service): \(count == 1 ? "1 replica" : "\(count) replicas, one by one")")
            case .scale(let change): return try await scale(run, by: change)
            case .command: return try await command(run)
            case .http(let method, let url, let body): return try await call(run, method, url, body)
            }
        } catch let error as WorldError {
            return failure(
                "\(error.operation): \(error.underlying) [\(error.code)]"
                    + (error.hint.isEmpty ? "" : "\n\(error.hint)"))
        } catch {
            return failure("\(error)")
        }
    }

    // MARK: Deeds

    /// As `hauban rollback --to`, under the release lease.
    private func returnRelease(_ run: RemedyRun) async throws -> RemedyOutcome {
        guard let from = run.release.flatMap({ ReleaseID($0) }), let to = run.target.flatMap({ ReleaseID($0) }) else {
            return failure(
                "\(run.release ?? "the release") or \(run.target ?? "the one before") is none of this machine")
        }
        let teller = ReleaseTeller(session, data: data)
        let report: ReleaseReport
        do {
            report = try await session.executor { teller.hear($0) }.rollback(to: to, insteadOf: from)
        } catch {
            _ = await teller.finish()
            throw error
        }
        let note = await teller.finish().map { "\n\($0)" } ?? ""
        let name = report.release.map { "\($0)" } ?? "it"
        switch report.verdict {
        case .kept(let notes):
            return success("\(name) went back from \(from) to \(to)" + notes.map { "\n\($0)" }.joined() + note)
        case .unchanged: return success("what serves is \(to) already" + note)
        case .refused(let refusal): return failure("not returned: \(refusal.text)" + note)
        case .returned(let failure):
            return self.failure("\(name) was returned itself, so \(from) serves on: \(failure.text)" + note)
        case .failed(let failure, let left):
            return self.failure(
                "\(name) failed: \(failure.text); not restored: \(left.joined(separator: "; "))" + note)
        }
    }

    private func scale(_ run: RemedyRun, by change: Int) async throws -> RemedyOutcome {
        let name = try service(run.service, run)
        guard let kept = try Journal.reading(path: session.place.journal).0.lastKept() else {
            return failure("nothing was released to \(session.name) yet")
        }
        let scale = session.platform.services[name]?.scale ?? .one
        let bounds = max(1, scale.min)...max(1, scale.min, scale.max)
        let counts = Mutex((before: 0, after: 0))
        let engine = session.engine
        let refusal = try await session.executor().aside {
            let changed = try await engine.scaleReplicas(
                of: name, by: change, within: bounds, of: kept.desired, deadline: run.action.timeout)
            counts.withLock { $0 = changed }
        }
        if let refusal { return failure("not scaled: \(refusal.text)") }
        let (before, after) = counts.withLock { $0 }
        return success("scaled \(name) from \(before) to \(after) replicas, until its next release")
    }

    private func command(_ run: RemedyRun) async throws -> RemedyOutcome {
        guard let action = declared(run), case .run(let line, let named) = action.deed else {
            return failure("hauban.yaml declares no command `\(run.name)`")
        }
        let service = try named ?? service(run.service, run)
        guard let kept = try Journal.reading(path: session.place.journal).0.lastKept() else {
            return failure("nothing was released to \(session.name) yet")
        }
        let result = try await session.engine.run(
            line, asService: service, of: kept.desired, within: run.action.timeout)
        let wrote = cut(result.output + result.errors)
        let how =
            result.isLate ? "did not end within \(run.action.timeout.inWords) and was killed" : "\(result.status)"
        let text = "`\(line.text)` of \(service) \(how)" + (wrote.isEmpty ? "" : "\n" + wrote)
        return RemedyOutcome(succeeded: result.isSuccess, output: redacted(text))
    }

    private func call(_ run: RemedyRun, _ method: String, _ url: String, _ body: String?) async throws -> RemedyOutcome
    {
        var headers: [String: String] = [:]
        if body != nil { headers["Content-Type"] = "application/json" }
        if let action = declared(run), case .http(let call) = action.deed, let token = call.token {
            headers["Authorization"] = "Bearer \(try session.engine.secrets.value(for: token.text).exposed)"
        }
        headers["Idempotency-Key"] = run.key
        let caller = HTTPCaller(.init(answerBytes: 64 << 10))
        let answer: HTTPRequest.Answer
        do {
            answer = try await caller.send(
                HTTPRequest(method: method, url: url, headers: headers, body: body), within: run.action.timeout)
        } catch {
            await caller.close()
            throw error
        }
        await caller.close()
        let text =
            "\(method) \(HTTPCaller.server(of: url)) was answered \(answer.status)"
            + (answer.body.isEmpty ? "" : "\n" + cut(answer.body))
        return RemedyOutcome(succeeded: (200..<300).contains(answer.status), output: redacted(text))
    }

    // MARK: Parts

    private func declared(_ run: RemedyRun) -> ActionSpec? {
        ActionName(run.name).flatMap { session.platform.actions[$0] }
    }

    private func service(_ text: String?, _ run: RemedyRun) throws -> ServiceName {
        guard let name = text.flatMap({ ServiceName($0) }), session.platform.services[name] != nil else {
            throw WorldError(
                code: "unknown-service", operation: run.name,
                underlying: text.map { "\(session.platform.name) has no service \($0)" }
                    ?? "the incident names no service")
        }
        return name
    }

    private func nothingIsUnderWay() throws {
        guard let open = try Journal.reading(path: session.place.journal).0.open() else { return }
        throw WorldError(
            code: "release-under-way", operation: "restart",
            underlying: "release \(open.id) is under way or was interrupted; it settles what runs")
    }

    private func cut(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map(LogEntry.readable).joined(separator: "\n")
        return lines.utf8.count <= Self.outputLimit ? lines : "[…]" + lines.suffix(Self.outputLimit)
    }

    /// Without the values of the platform's secrets.
    private func redacted(_ text: String) -> String {
        var text = text
        for name in session.platform.secrets.keys {
            guard let value = try? session.engine.secrets.value(for: name.text).exposed, value.utf8.count >= 4 else {
                continue
            }
            text = text.replacing(value, with: "[redacted]")
        }
        return text
    }

    private func success(_ text: String) -> RemedyOutcome { RemedyOutcome(succeeded: true, output: text) }

    private func failure(_ text: String) -> RemedyOutcome { RemedyOutcome(succeeded: false, output: redacted(text)) }
}
