import Delivery
import Glibc
import Planning
import World

/// Ends releases of an environment that were broken off, as the next command would: each once, under the lease, and none that a
/// living command is at work on.
actor InterruptedReleases {
    private let session: Session
    /// The folder of this machine's control plane.
    private let data: String
    private let say: @Sendable (String) -> Void
    /// Those that were taken up: what could not be ended then is left to the next command.
    private var tried: Set<ReleaseID> = []
    /// Without a living holder of the lease since when.
    private var orphan: (release: ReleaseID, since: ContinuousClock.Instant)?
    /// How the journal's files stood when nothing was open in it.
    private var quiet: [FileMark]?
    private var work: Task<Void, Never>?

    /// How long a release is left to the command that a person may repeat.
    static let patience = Duration.seconds(5)

    init(_ session: Session, data: String, say: @escaping @Sendable (String) -> Void) {
        self.session = session
        self.data = data
        self.say = say
    }

    /// Ends at once what is found, then once a second what is found and stays as it is for ``patience``; until it is cancelled. Starts
    /// what a restart of the machine left stopped.
    func watch() async {
        await end(after: .zero)
        while !Task.isCancelled {
            await wake()
            try? await Task.sleep(for: .seconds(1))
            if !Task.isCancelled { await end(after: Self.patience) }
        }
    }

    /// The engine may itself be still starting: then it is tried again.
    private func wake() async {
        guard let woken = try? await session.engine.wake(), !woken.isEmpty else { return }
        say("the machine was started anew: \(woken.joined(separator: ", ")) started with their secrets")
    }

    /// Ends what was broken off for at least that long, or waits for who is at it here. Cancelling it returns that release.
    func end(after patience: Duration) async {
        let task: Task<Void, Never>
        if let work {
            task = work
        } else {
            guard let found = broken(for: patience) else { return }
            tried.insert(found)
            task = Task { await finish(found) }
            work = task
        }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        work = nil
    }

    /// Waits for what is under way.
    func settle(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end, work != nil { try? await Task.sleep(for: .milliseconds(20)) }
    }

    /// A release that nobody is at work on, and was not for that long.
    private func broken(for patience: Duration) -> ReleaseID? {
        let marks = ["", "-wal"].map { FileMark(session.place.journal + $0) }
        guard marks[0] != nil, marks.compactMap(\.self) != quiet else { return nil }
        guard let journal = try? Journal.reading(path: session.place.journal).0, let open = try? journal.open() else {
            // Reading may itself have touched the log beside it.
            quiet = ["", "-wal"].compactMap { FileMark(session.place.journal + $0) }
            orphan = nil
            return nil
        }
        quiet = nil
        guard !tried.contains(open.id), let own = try? LeaseHolder.current() else { return nil }
        if let holder = try? journal.leaseHolder(), holder.holder.life(seenFrom: own) == .alive {
            orphan = nil
            return nil
        }
        let now = ContinuousClock.now
        if orphan?.release != open.id { orphan = (open.id, now) }
        guard let orphan, orphan.since + patience <= now else { return nil }
        return open.id
    }

    private func finish(_ release: ReleaseID) async {
        let teller = ReleaseTeller(session, data: data)
        do {
            if let report = try await session.executor(progress: { teller.hear($0) }).recover() {
                say("\(release) had been broken off; it was ended: \(report.verdict.code)")
            } else {
                // Another command was quicker; should that be killed too, it is looked at again.
                tried.remove(release)
            }
        } catch {
            say("\(release) had been broken off and could not be ended; the next command will: \(error)")
        }
        if let note = await teller.finish() { say("note: \(note)") }
    }
}

/// What tells a file that was written from one that was not.
private struct FileMark: Equatable {
    var inode: UInt
    var size: Int
    var seconds: Int
    var nanoseconds: Int

    init?(_ path: String) {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        inode = found.st_ino
        size = Int(found.st_size)
        seconds = found.st_mtim.tv_sec
        nanoseconds = found.st_mtim.tv_nsec
    }
}
