/// Every silence and maintenance window, found by the labels of an alert.
package struct MuteBook: Sendable {
    package private(set) var silences: [String: Silence] = [:]
    package private(set) var windows: [String: MaintenanceWindow] = [:]
    /// Silences and windows by one label that they ask for; what asks for none in particular is looked at for every alert.
    private var byLabel: [String: [String: Set<Entry>]] = [:]
    private var others: Set<Entry> = []

    private enum Entry: Hashable, Comparable {
        case silence(String)
        case window(String)
    }

    package init() {}

    package mutating func put(_ silence: Silence, now: Moment) {
        remove(silence: silence.id)
        silences[silence.id] = silence
        if silence.state(at: now) != .expired { index(.silence(silence.id), silence.matchers) }
    }

    package mutating func put(_ window: MaintenanceWindow, now: Moment) {
        remove(window: window.id)
        windows[window.id] = window
        if !window.isOver(at: now) { index(.window(window.id), window.matchers) }
    }

    package mutating func remove(silence id: String) {
        guard let silence = silences.removeValue(forKey: id) else { return }
        unindex(.silence(id), silence.matchers)
    }

    package mutating func remove(window id: String) {
        guard let window = windows.removeValue(forKey: id) else { return }
        unindex(.window(id), window.matchers)
    }

    /// Why nobody is told of an alert with these labels; the first by name, silences before windows.
    package func mute(_ labels: LabelSet, zones: [String: ZoneRules], now: Moment) -> Mute? {
        all(labels, zones: zones, now: now, onlyFirst: true).first
    }

    /// Every silence and window that holds.
    package func mutes(_ labels: LabelSet, zones: [String: ZoneRules], now: Moment) -> [Mute] {
        all(labels, zones: zones, now: now, onlyFirst: false)
    }

    private func all(_ labels: LabelSet, zones: [String: ZoneRules], now: Moment, onlyFirst: Bool) -> [Mute] {
        guard !silences.isEmpty || !windows.isEmpty else { return [] }
        var entries = others
        for label in labels.labels {
            if let more = byLabel[label.name]?[label.value] { entries.formUnion(more) }
        }
        var found: [Mute] = []
        for entry in entries.sorted() {
            switch entry {
            case .silence(let id):
                if silences[id]?.mutes(labels, at: now) == true { found.append(.silenced(by: id)) }
            case .window(let id):
                if let window = windows[id], window.matchers.match(labels), let end = window.end(at: now, zones: zones)
                {
                    found.append(.maintenance(window: id, until: end))
                }
            }
            if onlyFirst, !found.isEmpty { return found }
        }
        return found
    }

    private mutating func index(_ entry: Entry, _ matchers: [Matcher]) {
        if let key = Self.key(matchers) {
            byLabel[key.name, default: [:]][key.value, default: []].insert(entry)
        } else {
            others.insert(entry)
        }
    }

    private mutating func unindex(_ entry: Entry, _ matchers: [Matcher]) {
        others.remove(entry)
        guard let key = Self.key(matchers) else { return }
        byLabel[key.name]?[key.value]?.remove(entry)
        if byLabel[key.name]?[key.value]?.isEmpty == true { byLabel[key.name]?[key.value] = nil }
        if byLabel[key.name]?.isEmpty == true { byLabel[key.name] = nil }
    }

    private static func key(_ matchers: [Matcher]) -> Matcher? {
        matchers.first { $0.way == .equals && !$0.value.isEmpty }
    }
}
