import Delivery
import FoundationEssentials
import Planning
import Spec
import World

/// What a journal has to tell a control plane: its latest releases, and alerts about those that ended badly.
///
/// All of it follows from the journal and the time, so that it can be told again: what a control plane did not hear, or a killed
/// command did not say, the next one says.
struct ReleaseNews: Equatable {
    struct Release: Equatable {
        var id: String
        var services: [String]
        var by: String
        var version: String
        var began: Double
        var ended: Double?
        /// As the API has it: `switching`, `kept`, `returned` or `failed`.
        var verdict: String
        var reason: String?
        var migration: String
    }

    struct Alert: Equatable {
        var labels: [String: String]
        var summary: String
        var description: String
        var starts: Double
        var ends: Double
    }

    /// The oldest first.
    var releases: [Release] = []
    var alerts: [Alert] = []

    /// So many releases are looked at.
    static let remembered = 10

    init() {}

    /// So many of the last lines that a service wrote go with the alert about it.
    static let logLines = 8

    /// - Parameters:
    ///   - redacted: takes the values of a release's secrets out of what its services wrote.
    ///   - name: how the control plane calls a release.
    init(
        _ journal: Journal, platform: PlatformName, environment: EnvironmentName, now: Double,
        redacted: (String, ReleaseRecord) -> String, name: (ReleaseID) -> String = { "\($0)" }
    ) throws {
        let rows = try journal.history(limit: Self.remembered).reversed()
        var records: [(row: ReleaseSummary, record: ReleaseRecord)] = []
        for row in rows {
            // Another command may have forgotten it since.
            if let record = try journal.release(row.id) { records.append((row, record)) }
        }
        try self.init(
            records, platform: platform, environment: environment, now: now, name: name,
            refusal: { try journal.refusal(of: $0.id) }
        ) { record in
            let lines = try journal.logged(of: record.id).flatMap { $0.split(whereSeparator: \.isNewline) }
            return lines.suffix(Self.logLines).map { redacted(LogEntry.readable($0), record) }
        }
    }

    init(
        _ records: [(row: ReleaseSummary, record: ReleaseRecord)], platform: PlatformName, environment: EnvironmentName,
        now: Double, name: (ReleaseID) -> String = { "\($0)" },
        refusal: (ReleaseRecord) throws -> (reason: String, at: Double)? = { _ in nil },
        log: (ReleaseRecord) throws -> [String] = { _ in [] }
    ) rethrows {
        for (row, record) in records {
            let services = Self.services(of: record)
            guard !services.isEmpty else { continue }
            var release = Release(
                id: name(record.id), services: services.map(\.text), by: record.who, version: record.label,
                began: record.started, ended: row.ended, verdict: "switching", migration: Self.migration(of: record))
            var bad: (failure: ReleaseFailure, kind: Kind)?
            if case .ended(let verdict) = record.state {
                release.reason = verdict.reason
                (release.verdict, bad) = Self.judge(verdict, tookTraffic: Self.tookTraffic(record))
            }
            if release.verdict == "kept",
                let back = records.first(where: { $0.record.goesBack(from: record, services) })
            {
                release.verdict = "returned"
                release.reason = "gone back from by \(name(back.record.id)), to \(name(back.record.origin))"
            }
            let refused = release.verdict == "kept" || release.verdict == "returned" ? try refusal(record) : nil
            if let refused, bad == nil {
                let words = "\(Kind.unverified.words): \(refused.reason)"
                release.reason = [words, release.reason].compactMap(\.self).joined(separator: "; ")
                alerts += Self.alert(
                    about: record, services, refused, records, platform, environment, now: now, name: name)
            }
            releases.append(release)
            guard let (failure, kind) = bad, let ended = row.ended, now < ended + kind.lasts else { continue }
            let service = failure.service ?? services[0]
            let later = records.first { other in
                other.record.id > record.id && other.row.verdict == "kept"
                    && Self.services(of: other.record).contains(service)
            }
            let what = "release \(name(record.id))" + (record.label.isEmpty ? "" : " (\(record.label))")
            alerts.append(
                Alert(
                    labels: [
                        "alertname": kind.rawValue, "severity": kind.severity, "service": service.text,
                        "release": name(record.id), "platform": platform.text, "environment": environment.text,
                    ],
                    summary: "\(what) of \(platform) to \(environment) \(kind.words): \(failure.text)",
                    description: "Shipped by \(record.who). "
                        + (failure.hint ?? "`hauban history` and `hauban logs \(service)` say more.")
                        + (try log(record)).map { "\n" + $0 }.joined(),
                    starts: ended, ends: min(ended + kind.lasts, later?.row.ended ?? .infinity)))
        }
    }

    /// The alert about a release that was kept and did not pass its verification, until a later one of its service is kept that
    /// is not the way back.
    private static func alert(
        about record: ReleaseRecord, _ services: [ServiceName], _ refused: (reason: String, at: Double),
        _ records: [(row: ReleaseSummary, record: ReleaseRecord)], _ platform: PlatformName,
        _ environment: EnvironmentName, now: Double, name: (ReleaseID) -> String
    ) -> [Alert] {
        let kind = Kind.unverified
        guard now < refused.at + kind.lasts else { return [] }
        let back = records.first { $0.record.goesBack(from: record, services) }?.record
        let later = records.first { other in
            other.record.id > record.id && other.record.id != back?.id && other.row.verdict == "kept"
                && !Set(Self.services(of: other.record)).isDisjoint(with: services)
        }
        let what = "release \(name(record.id))" + (record.label.isEmpty ? "" : " (\(record.label))")
        let now = back.map { "\(name($0.origin)) serves again, as \(name($0.id)). " } ?? "It still serves. "
        return [
            Alert(
                labels: [
                    "alertname": kind.rawValue, "severity": kind.severity, "service": services[0].text,
                    "release": name(record.id), "platform": platform.text, "environment": environment.text,
                ],
                summary: "\(what) of \(platform) to \(environment) \(kind.words): \(refused.reason)",
                description: "Shipped by \(record.who). " + now
                    + "`hauban verify \(environment) --no-return` looks again; `hauban history` says more.",
                starts: refused.at, ends: min(refused.at + kind.lasts, later?.row.ended ?? .infinity))
        ]
    }

    /// How badly a release ended.
    enum Kind: String {
        /// It never took any traffic.
        case failed = "ReleaseFailed"
        /// It served, and what served before serves again.
        case returned = "ReleaseReturned"
        /// What served before does not serve whole.
        case broken = "ReleaseBroken"
        /// It was kept, and something is not as it must be.
        case unverified = "ReleaseUnverified"

        var severity: String {
            switch self {
            case .failed: "medium"
            case .returned, .unverified: "high"
            case .broken: "critical"
            }
        }

        var words: String {
            switch self {
            case .failed: "failed before it took traffic"
            case .returned: "was returned"
            case .broken: "could not be returned whole"
            case .unverified: "did not pass its verification"
            }
        }

        /// Seconds that its alert fires, if no later release of the service is kept.
        var lasts: Double { self == .broken ? 86_400 : 3600 }
    }

    private static func judge(
        _ verdict: Verdict, tookTraffic: Bool
    ) -> (String, (failure: ReleaseFailure, kind: Kind)?) {
        switch verdict {
        case .kept, .unchanged, .refused: return ("kept", nil)
        case .failed(let failure, _): return ("returned", (failure, .broken))
        case .returned(let failure):
            let word = tookTraffic ? "returned" : "failed"
            switch failure {
            // Somebody wished it: there is nothing to wake anybody for.
            case .cancelled, .abandoned: return (word, nil)
            case .step, .watch, .canary, .smoke: return (word, (failure, tookTraffic ? .returned : .failed))
            }
        }
    }

    /// What it changes, or takes away.
    fileprivate static func services(of record: ReleaseRecord) -> [ServiceName] {
        var seen: Set<ServiceName> = []
        return record.plan.steps.flatMap(\.target.services).filter { seen.insert($0).inserted }
    }

    private static func tookTraffic(_ record: ReleaseRecord) -> Bool {
        record.plan.steps.contains {
            ($0.action == .switchTraffic || $0.action == .shift) && record.steps[$0.id] != nil
        }
    }

    /// Whether the version before can run after it: without a migration surely; with several, when all of them say so.
    private static func migration(of record: ReleaseRecord) -> String {
        let promises = record.plan.steps.filter { $0.action == .migrate }.map(\.isCompatible)
        if promises.isEmpty { return "none" }
        if promises.contains(false) { return "incompatible" }
        return promises.allSatisfy { $0 == true } ? "compatible" : "unknown"
    }
}

extension ReleaseRecord {
    /// Whether this release is a rollback that was kept and left another one behind.
    fileprivate func goesBack(from other: ReleaseRecord, _ services: [ServiceName]) -> Bool {
        guard kind == .rollback, case .ended(.kept) = state, other.id < id, origin < other.id, other.origin != origin
        else { return false }
        return !Set(ReleaseNews.services(of: self)).isDisjoint(with: services)
    }
}

// MARK: As the control plane takes it

extension ReleaseNews.Release {
    /// For `POST /api/v1/releases`.
    func body(environment: String) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .string(id)), .init("services", .array(services.map { .string($0) })),
            .init("environment", .string(environment)), .init("beganAt", .string(Self.text(began))),
            .init("verdict", .string(verdict)), .init("migration", .string(migration)),
        ]
        if !version.isEmpty { members.append(.init("version", .string(version))) }
        if let ended { members.append(.init("endedAt", .string(Self.text(ended)))) }
        if let reason = said(reason) { members.append(.init("reason", .string(reason))) }
        return .object(members)
    }

    /// The API keeps a reason of what was not kept only.
    private func said(_ reason: String?) -> String? {
        verdict == "returned" || verdict == "failed" ? String((reason ?? "").prefix(1000)) : nil
    }

    /// Whether a control plane that answers this of it knows it.
    func isKnown(_ item: JSONValue) -> Bool {
        item["verdict"]?.string == verdict && item["migration"]?.string == migration
            && item["reason"]?.string == said(reason)
    }

    fileprivate static func text(_ seconds: Double) -> String {
        Timestamp.text(Date(timeIntervalSince1970: seconds))
    }
}

extension ReleaseNews.Alert {
    /// For `POST /api/v2/alerts`.
    var body: JSONValue {
        .object([
            .init("labels", .object(labels.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
            .init(
                "annotations",
                .object([
                    .init("summary", .string(String(summary.prefix(1000)))),
                    .init("description", .string(String(description.prefix(2000)))),
                ])),
            .init("startsAt", .string(ReleaseNews.Release.text(starts))),
            .init("endsAt", .string(ReleaseNews.Release.text(ends))),
        ])
    }
}
