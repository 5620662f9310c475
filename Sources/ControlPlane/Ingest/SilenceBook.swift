import Response

/// Every silence that is known, ended ones included until they are forgotten.
struct SilenceBook: Sendable {
    /// What setting a silence comes to.
    struct Outcome {
        /// To be stored and then taken: the silence, and the one before it where that one had to end.
        var changes: [Silence]
        var id: String
    }

    enum Refusal: Error, Hashable {
        case unknown
        case invalid(String)
    }

    private(set) var silences: [String: Silence] = [:]

    init(_ stored: some Sequence<Silence>) {
        for silence in stored { silences[silence.id] = silence }
    }

    /// What a sender asks for; without an id it is a new one.
    struct Wish {
        var id: String
        var matchers: [Matcher]
        var start: Moment
        var end: Moment
        var owner: String
        var reason: String
    }

    /// Decides what a wish changes, as Alertmanager does: a change that would rewrite the past ends the old silence and makes a
    /// new one.
    func set(_ wish: Wish, newID: String, now: Moment) throws(Refusal) -> Outcome {
        let known = silences[wish.id]
        guard wish.id.isEmpty || known != nil else { throw .unknown }
        if let known, canUpdate(known, wish, now) {
            let silence = try make(wish, id: wish.id, start: wish.start, now)
            return Outcome(changes: [silence], id: wish.id)
        }
        let silence = try make(wish, id: newID, start: max(wish.start, now), now)
        var changes = [silence]
        if let known, let ended = Self.ended(known, now) { changes.insert(ended, at: 0) }
        return Outcome(changes: changes, id: newID)
    }

    /// The silence as it is when it ends now; `nil` when it is not known. One that is over is as it was.
    func end(_ id: String, now: Moment) -> Silence? {
        silences[id].map { Self.ended($0, now) ?? $0 }
    }

    mutating func take(_ changes: [Silence]) {
        for change in changes { silences[change.id] = change }
    }

    /// Forgets what has been over for longer than a time.
    mutating func forget(overFor limit: Duration, now: Moment) -> [String] {
        let old = silences.values.filter { $0.end + limit <= now }.map(\.id).sorted()
        for id in old { silences[id] = nil }
        return old
    }

    private static func ended(_ silence: Silence, _ now: Moment) -> Silence? {
        guard silence.state(at: now) != .expired else { return nil }
        var silence = silence
        silence.expire(at: now)
        return silence
    }

    private func canUpdate(_ known: Silence, _ wish: Wish, _ now: Moment) -> Bool {
        guard known.matchers == wish.matchers else { return false }
        switch known.state(at: now) {
        case .active: return wish.start.seconds == known.start.seconds && wish.end >= now
        case .pending: return wish.start >= now
        case .expired: return false
        }
    }

    private func make(_ wish: Wish, id: String, start: Moment, _ now: Moment) throws(Refusal) -> Silence {
        do throws(Silence.Refusal) {
            return try Silence(
                id: id, matchers: wish.matchers, start: start, end: wish.end, owner: wish.owner, reason: wish.reason,
                now: now)
        } catch {
            throw .invalid("silence invalid: \(Self.words(error))")
        }
    }

    /// Alertmanager's words where it refuses the same.
    private static func words(_ refusal: Silence.Refusal) -> String {
        switch refusal {
        case .noMatcher: "at least one matcher required"
        case .matchesEverything: "at least one matcher must not match the empty string"
        case .noOwner: "createdBy is empty: a silence has an owner"
        case .noReason: "comment is empty: a silence says why"
        case .endsBeforeItStarts: "end time must not be before start time"
        case .endsInThePast: "end time can't be in the past"
        case .tooLong(let limit): "it lasts longer than \(limit.components.seconds / 86_400) days"
        }
    }
}
