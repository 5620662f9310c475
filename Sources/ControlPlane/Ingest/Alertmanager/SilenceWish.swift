import Response

/// What Alertmanager makes of a wish for a silence.
struct SilenceWish {
    /// What setting a silence comes to.
    struct Outcome {
        /// The silence, and before it the one that had to end for it.
        var changes: [Silence]
        var id: String
    }

    enum Refusal: Error, Hashable {
        case unknown
        case invalid(String)
    }

    /// Empty for a new one.
    var id: String
    var matchers: [Matcher]
    var start: Moment
    var end: Moment
    var owner: String
    var reason: String

    /// Decides what the wish changes, as Alertmanager does: a change that would rewrite the past ends the old silence and makes
    /// a new one.
    func changes(of silences: [String: Silence], newID: String, now: Moment) throws(Refusal) -> Outcome {
        let known = silences[id]
        guard id.isEmpty || known != nil else { throw .unknown }
        if let known, canUpdate(known, now) {
            return Outcome(changes: [try make(id: id, start: start, now)], id: id)
        }
        var changes = [try make(id: newID, start: max(start, now), now)]
        if var known, known.state(at: now) != .expired {
            known.expire(at: now)
            changes.insert(known, at: 0)
        }
        return Outcome(changes: changes, id: newID)
    }

    private func canUpdate(_ known: Silence, _ now: Moment) -> Bool {
        guard known.matchers == matchers else { return false }
        switch known.state(at: now) {
        case .active: return start.seconds == known.start.seconds && end >= now
        case .pending: return start >= now
        case .expired: return false
        }
    }

    private func make(id: String, start: Moment, _ now: Moment) throws(Refusal) -> Silence {
        do throws(Silence.Refusal) {
            return try Silence(
                id: id, matchers: matchers, start: start, end: end, owner: owner, reason: reason, now: now)
        } catch {
            throw .invalid("silence invalid: \(Self.words(error))")
        }
    }

    /// Alertmanager's words where it refuses the same.
    static func words(_ refusal: Silence.Refusal) -> String {
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
