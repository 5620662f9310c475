import Response
import Spec

/// Which alerts a list shows.
struct AlertFilter: Hashable, Sendable {
    enum State: String, CaseIterable, Hashable, Sendable { case firing, told, muted, ended, all }

    var state = State.firing
    var severity: Level?
    /// As it was typed.
    var text = ""

    init() {}

    init(_ query: QueryText) {
        state = query.first("state").flatMap(State.init(rawValue:)) ?? .firing
        severity = query.first("severity").flatMap(Level.init(rawValue:))
        text = query.first("q") ?? ""
    }

    var pairs: [(String, String)] {
        [("state", state == .firing ? "" : state.rawValue), ("severity", severity?.rawValue ?? ""), ("q", text)]
    }
}

/// A part of the list of alerts, the latest first, each with why nobody is told of it, if so.
struct AlertListView: Sendable {
    struct Row: Sendable {
        var fingerprint: Fingerprint
        var alert: Response.Alert
        var standing: Responder.Standing
    }

    static let rows = 50
    /// Whether alerts are muted is asked of this many at a time, and of no more for one page.
    static let batch = 250
    static let most = 1000

    var filter: AlertFilter
    var line: MatcherLine
    var list: [Row] = []
    /// How many match, mutes apart.
    var matching = 0
    var isFirst: Bool
    var next: String?

    init(_ data: ConsoleData, filter: AlertFilter, after: ListCursor?) {
        self.filter = filter
        line = MatcherLine(filter.text)
        isFirst = after == nil
        guard line.problem == nil else { return }
        let responder = data.responder
        var cursor = after
        var looked = 0
        // What only compares comes before what looks for a pattern.
        let matchers = line.matchers.filter { !$0.isPattern } + line.matchers.filter(\.isPattern)
        let asksMutes = filter.state == .muted || filter.state == .told
        while list.count < Self.rows, looked < Self.most {
            let wanted = asksMutes ? Self.batch : Self.rows + 1
            let (found, count) = Self.pick(responder.book, filter, matchers, after: cursor, wanted)
            if looked == 0 { matching = count }
            var last = cursor
            var isCut = false
            for (place, alert) in found {
                if list.count == Self.rows {
                    isCut = true
                    break
                }
                last = place
                guard let fingerprint = Fingerprint(place.id), let standing = responder.standing(of: fingerprint) else {
                    continue
                }
                switch filter.state {
                case .muted where standing.mutes.isEmpty: continue
                case .told where !standing.mutes.isEmpty: continue
                default: list.append(Row(fingerprint: fingerprint, alert: alert, standing: standing))
                }
            }
            looked += found.count
            cursor = last
            if isCut || found.count == wanted { next = last.map { Self.path(filter, $0) } } else { next = nil }
            if found.count < wanted { break }
        }
    }

    private static func path(_ filter: AlertFilter, _ cursor: ListCursor) -> String {
        "/alerts" + PathText.query(filter.pairs + [("after", cursor.text)])
    }

    /// - Returns: the first ones after a place, and how many match from the beginning of the list.
    private static func pick(
        _ book: AlertBook, _ filter: AlertFilter, _ matchers: [Matcher], after: ListCursor?, _ count: Int
    ) -> ([(ListCursor, Response.Alert)], Int) {
        // Only times and fingerprints are compared and moved while all alerts are gone through.
        var pick = Pick<(at: Moment, id: Fingerprint)>(count) { ($1.at, $0.id) < ($0.at, $1.id) }
        let start = after.flatMap { after in Fingerprint(after.id).map { (after.at, $0) } }
        var matching = 0
        // A severity is read once for each way of writing it.
        var levels: [String: Level] = [:]
        for (fingerprint, alert) in book.alerts {
            switch filter.state {
            case .firing, .told, .muted: guard alert.endedAt == nil else { continue }
            case .ended: guard alert.endedAt != nil else { continue }
            case .all: break
            }
            let labels = alert.labels
            if let severity = filter.severity {
                let text = labels["severity"] ?? ""
                let level = levels[text] ?? Level(severity: text) ?? .high
                levels[text] = level
                guard level == severity else { continue }
            }
            guard matchers.match(labels) else { continue }
            matching += 1
            let place = (at: alert.startsAt, id: fingerprint)
            if let start, !((place.at, start.1) < (start.0, place.id)) { continue }
            pick.take(place)
        }
        let found = pick.first.compactMap { place in
            book.alerts[place.id].map { (ListCursor(place.at, place.id.description), $0) }
        }
        return (found, matching)
    }
}

extension Matcher {
    fileprivate var isPattern: Bool { way == .matches || way == .matchesNot }
}

/// One alert, and everything that is decided about it.
struct AlertView: Sendable {
    var fingerprint: Fingerprint
    var alert: Response.Alert
    var standing: Responder.Standing
    /// Its groups with what was last decided about each.
    var groups: [(key: GroupKey, verdict: AlertGroup.Verdict?, nextLook: Moment?)]

    init?(_ data: ConsoleData, _ fingerprint: Fingerprint) {
        guard let alert = data.responder.book.alerts[fingerprint],
            let standing = data.responder.standing(of: fingerprint)
        else { return nil }
        self.fingerprint = fingerprint
        self.alert = alert
        self.standing = standing
        groups = standing.groups.map { key in
            let group = data.responder.groups[key]
            return (key, group?.verdict, group?.nextLook)
        }
    }
}
