/// One release as the response sees it: the first suspect.
package struct ReleaseRecord: Hashable, Codable, Sendable {
    /// What became of it so far.
    package enum Verdict: Hashable, Codable, Sendable {
        /// It is being shipped.
        case switching
        case kept
        case returned(reason: String)
        /// It never took any traffic.
        case failed(reason: String)
        /// Somebody else shipped it and told of it: a suspect, but nothing that Hauban watches, holds alerts back for, or can
        /// return or go back to.
        case elsewhere
    }

    /// Whether the version before can run on what its migrations left.
    package enum Migration: String, Hashable, Codable, Sendable {
        case none
        case compatible
        case incompatible
        case unknown
    }

    package var id: String
    package var services: [String]
    package var environment: String?
    /// Who shipped it.
    package var by: String
    /// What was shipped: a commit, a tag.
    package var version: String?
    package var began: Moment
    package var ended: Moment?
    package var verdict: Verdict
    package var migration: Migration

    package init(
        id: String, services: [String], environment: String? = nil, by: String, version: String? = nil, began: Moment,
        ended: Moment? = nil, verdict: Verdict, migration: Migration
    ) {
        self.id = id
        self.services = services
        self.environment = environment
        self.by = by
        self.version = version
        self.began = began
        self.ended = ended
        self.verdict = verdict
        self.migration = migration
    }
}

/// The latest releases of every service.
package struct ReleaseBook: Sendable {
    /// How many are remembered for each service.
    package static let remembered = 20

    package private(set) var records: [String: ReleaseRecord] = [:]
    /// Identities by service, in the order in which they began.
    private var byService: [String: [String]] = [:]

    package init() {}

    /// Takes a release, or what became of one that is known.
    ///
    /// - Returns: the releases that nothing remembers any more.
    package mutating func put(_ record: ReleaseRecord) -> [String] {
        var record = record
        // The world tells of a beginning once: an end that names another is about the same release all the same.
        if let known = records[record.id] { record.began = min(known.began, record.began) }
        records[record.id] = record
        var dropped: Set<String> = []
        for service in record.services {
            var ids = byService[service, default: []].filter { $0 != record.id }
            ids.append(record.id)
            ids.sort { one, other in
                let first = (records[one]?.began ?? record.began, one)
                return first < (records[other]?.began ?? record.began, other)
            }
            while ids.count > Self.remembered { dropped.insert(ids.removeFirst()) }
            byService[service] = ids
        }
        let gone = dropped.filter { id in !byService.values.contains { $0.contains(id) } }.sorted()
        for id in gone { records[id] = nil }
        return gone
    }

    /// The releases of a service, the latest first.
    package func releases(of service: String) -> [ReleaseRecord] {
        (byService[service] ?? []).reversed().compactMap { records[$0] }
    }

    /// What was shipped in the time before a moment, or is being shipped: the suspects, the latest first.
    package func suspects(of services: some Sequence<String>, within: Duration, before now: Moment) -> [ReleaseRecord] {
        var seen: Set<String> = []
        var found: [ReleaseRecord] = []
        for service in services {
            for record in releases(of: service) where record.began <= now {
                guard record.verdict == .switching || (record.ended ?? record.began) + within > now else { continue }
                if seen.insert(record.id).inserted { found.append(record) }
            }
        }
        return found.sorted { ($0.began, $0.id) > ($1.began, $1.id) }
    }

    /// The release that serves a service: the last one that was kept.
    package func current(of service: String) -> ReleaseRecord? {
        releases(of: service).first { $0.verdict == .kept }
    }

    /// The last good release: the one that was kept before a given one, or before the one that serves.
    package func lastGood(of service: String, before id: String? = nil) -> ReleaseRecord? {
        let kept = releases(of: service)
        guard let id else { return kept.filter { $0.verdict == .kept }.dropFirst().first }
        guard let index = kept.firstIndex(where: { $0.id == id }) else { return nil }
        return kept[(index + 1)...].first { $0.verdict == .kept }
    }

    /// The release of a service that is switching, or ended so shortly before that its alerts may be about the switch.
    package func switching(_ service: String, settle: Duration, longest: Duration, now: Moment) -> (
        record: ReleaseRecord, until: Moment
    )? {
        for record in releases(of: service) where record.verdict != .elsewhere {
            let end = record.ended.map { $0 + settle } ?? record.began + longest
            if record.began <= now, now < end { return (record, end) }
        }
        return nil
    }
}

extension ReleaseRecord.Verdict {
    /// Why it was not kept.
    package var reason: String? {
        switch self {
        case .returned(let reason), .failed(let reason): reason
        case .switching, .kept, .elsewhere: nil
        }
    }
}
