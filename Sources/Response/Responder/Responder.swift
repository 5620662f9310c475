import Spec

/// What every alert, answer, release and passing minute means: one state machine, whose only inputs are events and the
/// time.
///
/// The world gives it events and performs the actions that it gets for them, in order. Between events it calls
/// ``event(_:now:)`` with `.tick` at ``nextDue``. Times are looked up in ordered queues: an event costs the same whatever
/// the number of alerts, but for looks at a group, which cost its members.
package struct Responder: Sendable {
    /// What has its own time. The case order is the order of things that are due at once.
    enum Due: Hashable, Comparable, Sendable {
        case beat(String)
        case window(String)
        case silence(String)
        case maintenance(String)
        case group(GroupKey)
        case remedy(String)
        case escalation(String)
        case page(String)
        case archive(String)
    }

    /// As it was declared.
    package internal(set) var rules: Rulebook
    /// The rules with what people arranged meanwhile.
    package internal(set) var directory: Rulebook
    package internal(set) var book: AlertBook
    package internal(set) var groups: [GroupKey: AlertGroup] = [:]
    package internal(set) var mutes = MuteBook()
    /// Open ones, and those that were resolved lately.
    package internal(set) var incidents: [String: Incident] = [:]
    package internal(set) var escalations: [String: Escalation] = [:]
    package internal(set) var pages: [String: Page] = [:]
    package internal(set) var remedies: [String: RemedyRun] = [:]
    package internal(set) var releases = ReleaseBook()
    package internal(set) var overrides: [String: [OnCallSchedule.Override]] = [:]
    package internal(set) var absences: [String: [String: OnCallSchedule.Absence]] = [:]
    package internal(set) var swaps: [String: ShiftSwap] = [:]
    /// How people say that they are reached, in the place of what the file says.
    package internal(set) var entries: [String: OwnEntry] = [:]
    package internal(set) var beats: [String: Beat] = [:]
    package internal(set) var register = Register()
    package internal(set) var inhibitions: InhibitionIndex
    /// Maintenance windows that stand in the file: not stored, and changed there.
    private(set) var declared: Set<String> = []
    var queue = DueQueue<Due>()
    /// Pages of each incident, in the order in which they were decided.
    var pagesOf: [String: [String]] = [:]
    /// The open incident of each service: the one that was opened last.
    var openOf: [String: String] = [:]
    /// Groups that only wait for the end of a switch.
    var heldBack: [String: Set<GroupKey>] = [:]
    /// When messages went to whom, as far as limits need it.
    var sent: [Contact: [Moment]] = [:]
    /// Pages that wait for their reader's limit.
    var limited: [Contact: Set<String>] = [:]
    package internal(set) var now: Moment
    var changes = Changes()

    package struct Beat: Hashable, Sendable {
        package var last: Moment
        package var isMissed: Bool
    }

    /// - Parameter parts: what was saved and neither dropped nor archived, in any order.
    package init(rules: Rulebook, parts: some Sequence<Part> = [], now: Moment) {
        self.rules = rules
        directory = rules
        self.now = now
        book = Self.book(rules)
        inhibitions = InhibitionIndex(rules.inhibitions)
        restore(parts)
        declareMaintenance()
    }

    /// Puts the windows that the rules declare in the place of those that they declared before.
    mutating func declareMaintenance() {
        for id in declared { mutes.remove(window: id) }
        declared = Set(rules.maintenance.map(\.id))
        for window in rules.maintenance { mutes.put(window, now: now) }
    }

    /// When something is due by itself; `nil`: never, without another event.
    package var nextDue: Moment? {
        switch (book.nextDue, queue.next) {
        case (let one?, let other?): min(one, other)
        case (let one, let other): one ?? other
        }
    }

    /// By how much what is due is late: more than a moment is a reason not to send the sign of life to the outside.
    package func lateness(now: Moment) -> Duration {
        nextDue.map { $0 < now ? now - $0 : .zero } ?? .zero
    }

    /// Takes an event, and everything that has become due until then.
    ///
    /// A time before the last one counts as the last one.
    package mutating func event(_ event: Event, now: Moment) -> [Action] {
        self.now = max(self.now, now)
        runDue()
        do throws(Refusal) {
            try apply(event)
        } catch {
            changes.later.append(.refuse(error))
        }
        runDue()
        return finish()
    }

    /// Makes again the attempts of which a stop left open whether they were made, and does what has become due meanwhile.
    package mutating func resume(now: Moment) -> [Action] {
        self.now = max(self.now, now)
        for id in pages.keys.sorted() { sendAgain(id) }
        runDue()
        return finish()
    }

    private mutating func runDue() {
        while let due = nextDue, due <= now {
            if let time = book.nextDue, time <= due {
                if let passing = book.pass(until: due) { pass(passing) }
                continue
            }
            guard let (key, _) = queue.take(until: due) else { return }
            run(key)
        }
    }

    private mutating func run(_ due: Due) {
        switch due {
        case .beat(let name): missed(name)
        case .window(let service): wakeHeldBack(service)
        case .silence(let id): silenceChanged(id)
        case .maintenance(let id): maintenanceChanged(id)
        case .group(let key): look(key)
        case .remedy(let key): remedyIsSilent(key)
        case .escalation(let id): escalate(id)
        case .page(let id): pageIsDue(id)
        case .archive(let id): archive(id)
        }
    }

    private mutating func apply(_ event: Event) throws(Refusal) {
        switch event {
        case .alerts(let reports): for report in reports { take(report) }
        case .silence(let silence): put(silence)
        case .expireSilence(let id, _): try expireSilence(id)
        case .maintenance(let window): put(window)
        case .endMaintenance(let id, _): try endMaintenance(id)
        case .open(let title, let severity, let service, let policy, let person):
            openByHand(title, severity, service, policy, person)
        case .incident(let id, let command, let person): try perform(command, on: id, by: person)
        case .answer(let fingerprint, let deed, let person): answer(fingerprint, deed, by: person)
        case .renamed(let fingerprint, let other): rename(fingerprint, to: other)
        case .release(let record): take(record)
        case .burn(let service, let isBurning): burn(service, isBurning)
        case .delivery(let page, let attempt, let answer, let random):
            try delivered(page, attempt, answer, random)
        case .remedied(let key, let succeeded, let output): try remedied(key, succeeded, output)
        case .beat(let name): try beat(name)
        case .arrange(let schedule, let arrangement, _): try arrange(schedule, arrangement)
        case .entry(let person, let text, let by): try put(entry: text, of: person, by: by)
        case .testPage(let person, let contact, let by): try testPage(person, contact, by)
        case .tick: break
        }
    }
}
