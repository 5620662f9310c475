import Response

/// What a form about matchers would mute now.
struct MutePreview: Sendable {
    static let samples = 10

    var matching: Int
    var firing: Int
    var alerts: [Response.Alert]

    init(_ book: AlertBook, _ matchers: [Matcher]) {
        var pick = Pick<(at: Moment, id: Fingerprint)>(Self.samples) { ($1.at, $0.id) < ($0.at, $1.id) }
        for (fingerprint, alert) in book.alerts where alert.endedAt == nil && matchers.match(alert.labels) {
            pick.take((alert.startsAt, fingerprint))
        }
        matching = pick.seen
        firing = book.firing
        alerts = pick.first.compactMap { book.alerts[$0.id] }
    }
}

/// The list of silences.
struct SilenceListView: Sendable {
    static let rows = 100

    /// Those that end first; what is over comes last.
    var silences: [Silence]
    var isFirst: Bool
    var next: String?

    init(_ data: ConsoleData, after: ListCursor?, now: Moment) {
        isFirst = after == nil
        // The end of what is over lies before that of everything else: moved behind it.
        func place(_ silence: Silence) -> (Int, Int, String) {
            silence.state(at: now) == .expired
                ? (1, -silence.end.milliseconds, silence.id) : (0, silence.end.milliseconds, silence.id)
        }
        var pick = Pick<Silence>(Self.rows + 1) { place($0) < place($1) }
        let start = after.flatMap { data.responder.mutes.silences[$0.id] }.map(place)
        for silence in data.responder.mutes.silences.values {
            if let start, !(start < place(silence)) { continue }
            pick.take(silence)
        }
        silences = Array(pick.first.prefix(Self.rows))
        if pick.first.count > Self.rows, let last = silences.last {
            next = "/silences" + PathText.query([("after", ListCursor(last.end, last.id).text)])
        }
    }
}

/// What somebody has typed into a form, and what is wrong with it.
struct Draft: Sendable {
    var form = QueryText("")
    var problem: String?
    var preview: MutePreview?

    func value(_ name: String, _ fallback: String = "") -> String { form.first(name) ?? fallback }
}

/// The maintenance windows.
struct MaintenanceListView: Sendable {
    struct Row: Sendable {
        var window: MaintenanceWindow
        /// When the one that lasts now ends.
        var lasts: Moment?
        var isOver: Bool
    }

    var windows: [Row]
    var zones: [String]

    init(_ data: ConsoleData, now: Moment) {
        let rules = data.responder.rules
        var pick = Pick<Row>(200) { one, other in
            (one.isOver ? 1 : 0, one.lasts == nil ? 1 : 0, one.window.id)
                < (other.isOver ? 1 : 0, other.lasts == nil ? 1 : 0, other.window.id)
        }
        for window in data.responder.mutes.windows.values {
            pick.take(
                Row(window: window, lasts: window.end(at: now, zones: rules.zones), isOver: window.isOver(at: now)))
        }
        windows = pick.first
        zones = Array(Set(rules.zones.keys).union(["UTC"])).sorted()
    }
}
