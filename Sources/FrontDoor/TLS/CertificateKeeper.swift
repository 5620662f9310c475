import Synchronization

/// Holds every certificate of the configuration, looks whether its files changed, and takes a new one only if it is sound.
///
/// Blocks on the disk: called from threads that may.
final class CertificateKeeper: Sendable {
    private typealias Listener = FrontDoorConfiguration.Listener
    private typealias TLS = FrontDoorConfiguration.TLS

    private struct Key: Hashable {
        let certificate: String
        let key: String

        init(_ certificate: FrontDoorConfiguration.Certificate) {
            self.certificate = certificate.certificate
            key = certificate.key
        }

        var marks: [FileMark?] { [FileMark(certificate), FileMark(key)] }
    }

    private struct Entry {
        var current: CertificatePair?
        /// Why the files as they are now are not used.
        var problem: String?
        /// Of the files when they were last read.
        var marks: [FileMark?] = []
        /// Of the files at the last look, while they are still being written.
        var unsettled: [FileMark?]?
        var triedAt = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var shelves: [String: (tls: FrontDoorConfiguration.TLS, shelf: CertificateShelf)] = [:]
        var taken: UInt64 = 0
        var refused: UInt64 = 0
    }

    /// Shelves for a configuration that is not in force yet.
    struct Prepared: Sendable {
        fileprivate var shelves: [String: (tls: FrontDoorConfiguration.TLS, shelf: CertificateShelf)] = [:]

        /// By the listener's name.
        var secure: [String: SecureListener] {
            shelves.mapValues { SecureListener(shelf: $0.shelf, tls: $0.tls) }
        }
    }

    private let state = Mutex(State())

    /// What is in force, by the listener's name.
    var secure: [String: SecureListener] {
        state.withLock { state in state.shelves.mapValues { SecureListener(shelf: $0.shelf, tls: $0.tls) } }
    }

    /// Reads what a configuration needs and what changed since.
    ///
    /// - Parameter isStart: a process that starts again serves what it can; a certificate that is unsound then is a matter of
    ///   health, not a reason to serve nothing.
    /// - Throws: `FrontDoorError` with `certificate-invalid` for a certificate that was never sound.
    func prepare(
        _ listeners: [FrontDoorConfiguration.Listener], isStart: Bool, now: Int
    ) throws(FrontDoorError) -> Prepared {
        let result = state.withLock { state -> Result<Prepared, FrontDoorError> in
            var prepared = Prepared()
            for listener in listeners {
                guard let tls = listener.tls else { continue }
                for certificate in tls.certificates {
                    let key = Key(certificate)
                    if let entry = state.entries[key], entry.marks == key.marks, entry.problem == nil { continue }
                    var entry = state.entries[key] ?? Entry()
                    let failure = Self.read(key, into: &entry, now: now)
                    if let failure, entry.current == nil, !isStart { return .failure(failure) }
                    state.entries[key] = entry
                }
                let earlier = state.shelves[listener.name]
                let shelf = earlier.flatMap { $0.tls == tls ? $0.shelf : nil } ?? CertificateShelf()
                prepared.shelves[listener.name] = (tls, shelf)
                Self.fill(shelf, tls, state)
            }
            return .success(prepared)
        }
        return try result.get()
    }

    /// Takes over what was prepared and forgets certificates that nothing names any more.
    func commit(_ prepared: Prepared) {
        state.withLock { state in
            state.shelves = prepared.shelves
            let named = Set(prepared.shelves.values.flatMap { $0.tls.certificates.map { Key($0) } })
            state.entries = state.entries.filter { named.contains($0.key) }
        }
    }

    /// Looks at all files; a pair that changed and has come to rest is read.
    ///
    /// - Returns: what to tell in the log.
    func look(now: Int) -> [String] {
        state.withLock { state in
            var lines: [String] = []
            for (key, found) in state.entries {
                var entry = found
                let marks = key.marks
                // What is wrong for its time only mends itself.
                let isDue = entry.problem != nil && now - entry.triedAt >= 60
                if marks == entry.marks, !isDue {
                    if entry.unsettled != nil {
                        entry.unsettled = nil
                        state.entries[key] = entry
                    }
                    continue
                }
                if marks != entry.marks, entry.unsettled != marks {
                    // A chain and its key are two files: what changes between two looks may be half of a change.
                    entry.unsettled = marks
                    state.entries[key] = entry
                    continue
                }
                let before = entry
                let failure = Self.read(key, into: &entry, now: now)
                state.entries[key] = entry
                if let failure {
                    state.refused += 1
                    if before.problem != entry.problem {
                        lines.append(
                            "certificate not taken: \(failure)"
                                + (entry.current == nil ? "" : " The one before stays in use."))
                    }
                } else if let pair = entry.current, !Self.isSame(before.current, pair) {
                    state.taken += 1
                    lines.append(
                        "certificate taken: \(pair.certificate), valid until \(UnixTime.httpDate(pair.notAfter))")
                    lines += pair.warnings.map { "warning: \($0)" }
                    for (tls, shelf) in state.shelves.values where tls.certificates.contains(where: { Key($0) == key })
                    {
                        Self.fill(shelf, tls, state)
                    }
                }
            }
            return lines
        }
    }

    private static func read(_ key: Key, into entry: inout Entry, now: Int) -> FrontDoorError? {
        entry.marks = key.marks
        entry.unsettled = nil
        entry.triedAt = now
        do throws(FrontDoorError) {
            let pair = try CertificatePair.load(certificate: key.certificate, key: key.key, now: now)
            entry.problem = nil
            // The same one again keeps its context, and with it the sessions that clients may resume.
            if !isSame(entry.current, pair) || entry.current?.warnings != pair.warnings { entry.current = pair }
            return nil
        } catch {
            entry.problem = "\(error)"
            return error
        }
    }

    private static func isSame(_ old: CertificatePair?, _ new: CertificatePair) -> Bool {
        old?.chain == new.chain && old?.privateKey == new.privateKey
    }

    private static func fill(_ shelf: CertificateShelf, _ tls: TLS, _ state: State) {
        shelf.fill(
            tls.certificates.compactMap { certificate in
                guard let pair = state.entries[Key(certificate)]?.current else { return nil }
                return (pair, certificate.names ?? pair.names)
            }, tls)
    }

    // MARK: Reading

    /// How each certificate is, sorted by its path.
    func statuses(now: Int) -> [CertificateStatus] {
        state.withLock { state in
            state.entries.map { key, entry in
                CertificateStatus(
                    certificate: key.certificate, key: key.key, names: entry.current?.names ?? [],
                    notAfter: entry.current.map { UnixTime.timestamp(microseconds: $0.notAfter * 1_000_000) },
                    daysLeft: entry.current?.daysLeft(now: now),
                    state: entry.current == nil ? .missing : entry.problem == nil ? .current : .kept,
                    problem: entry.problem, warnings: entry.current?.warnings ?? [])
            }.sorted { ($0.certificate, $0.key) < ($1.certificate, $1.key) }
        }
    }

    /// Changes of files since the start: pairs that were taken, attempts that were refused.
    var reloads: (taken: UInt64, refused: UInt64) { state.withLock { ($0.taken, $0.refused) } }
}
