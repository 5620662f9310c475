/// Something that can be done about an incident without thinking, or after one person said yes.
package struct RunbookAction: Hashable, Codable, Sendable {
    package enum Deed: Hashable, Codable, Sendable {
        /// Goes back to the last good release of the service.
        case returnRelease
        case restart
        /// Adds replicas, or takes some away.
        case scale(by: Int)
        /// A command that the platform's file names.
        case command(String)
        case http(method: String, url: String, body: String?)
    }

    package var name: String
    package var deed: Deed
    package var needsApproval: Bool
    /// How long it may take.
    package var timeout: Duration
    /// How long after it succeeded people are not woken, so that it can be seen whether it cured; `nil`: they are not
    /// kept waiting at all.
    package var cure: Duration?

    package init(
        name: String, deed: Deed, needsApproval: Bool = false, timeout: Duration = .seconds(300),
        cure: Duration? = nil
    ) {
        self.name = name
        self.deed = deed
        self.needsApproval = needsApproval
        self.timeout = timeout
        self.cure = cure
    }

    /// The remedies that an escalation step can name without a runbook.
    package static let builtIn: [RunbookAction] = [
        RunbookAction(name: "return-release", deed: .returnRelease, cure: .seconds(60)),
        RunbookAction(name: "restart", deed: .restart, cure: .seconds(60)),
        RunbookAction(name: "scale-up", deed: .scale(by: 1)),
    ]
}

/// Why a remedy is not tried.
package enum RemedyRefusal: Error, Hashable, Codable, Sendable {
    case unknown
    /// At most once for each incident.
    case alreadyTried
    /// The incident names no service that it could be done to.
    case noService
    /// Nothing was shipped lately that could be the cause.
    case noRecentRelease
    case noLastGoodRelease
    /// A release is under way, and settles the matter itself.
    case releaseUnderWay(String)
    /// It went back from this release already, for another incident.
    case releaseAlreadyReturned(String)
    /// The version before cannot run on what the migration left.
    case incompatibleMigration(release: String)
    /// Whether it can, nobody said.
    case migrationUnknown(release: String)
    /// Nothing was measured: that is no evidence against a release.
    case missingData
    /// Another incident is being remedied in the same service.
    case serviceIsBeingRemedied(incident: String)
    case incidentIsOver
}

/// One remedy of one incident, from when it was decided.
package struct RemedyRun: Hashable, Codable, Sendable {
    package enum State: Hashable, Codable, Sendable {
        case awaitsApproval
        case running(approvedBy: String?)
        case succeeded(output: String)
        case failed(output: String)
        /// Nothing was heard of it in time; it is not run again.
        case silent(after: Duration)
        case declined(by: String)
    }

    package let incident: String
    package let action: RunbookAction
    package let service: String?
    /// From and to which release, for a return.
    package let release: String?
    package let target: String?
    package internal(set) var state: State
    package internal(set) var since: Moment

    package var name: String { action.name }

    /// The same at each delivery: what performs it must not perform it twice.
    package var key: String { "\(incident)/\(action.name)" }

    /// Output is cut to this many bytes.
    package static let outputLimit = 8192
}

/// What has to be known to return a release without asking anybody.
package struct ReturnGuard: Sendable {
    package var releases: ReleaseBook
    package var lookback: Duration

    package init(releases: ReleaseBook, lookback: Duration = .seconds(3600)) {
        self.releases = releases
        self.lookback = lookback
    }

    /// From which release to which.
    ///
    /// - Parameters:
    ///   - returned: releases that were gone back from already.
    ///   - isAutomatic: whether no person asked: then the alerts have to be evidence.
    /// - Throws: why not.
    package func judge(
        service: String?, alerts: [Alert], returned: Set<String>, isAutomatic: Bool, now: Moment
    ) throws(RemedyRefusal) -> (from: ReleaseRecord, to: ReleaseRecord) {
        guard let service else { throw .noService }
        guard !isAutomatic || alerts.contains(where: { !$0.isAboutMissingData }) else { throw .missingData }
        let all = releases.releases(of: service)
        if let busy = all.first(where: { $0.verdict == .switching }) { throw .releaseUnderWay(busy.id) }
        if let latest = all.first, case .returned = latest.verdict, (latest.ended ?? latest.began) + lookback > now {
            throw .releaseAlreadyReturned(latest.id)
        }
        guard let current = releases.current(of: service), (current.ended ?? current.began) + lookback > now else {
            throw .noRecentRelease
        }
        guard !returned.contains(current.id) else { throw .releaseAlreadyReturned(current.id) }
        guard let good = releases.lastGood(of: service, before: current.id) else { throw .noLastGoodRelease }
        // Every release in between has left its migrations too.
        let crossed = all.prefix { $0.id != good.id }
        if let bad = crossed.first(where: { $0.migration == .incompatible }) {
            throw .incompatibleMigration(release: bad.id)
        }
        if let doubtful = crossed.first(where: { $0.migration == .unknown }) {
            throw .migrationUnknown(release: doubtful.id)
        }
        return (current, good)
    }
}
