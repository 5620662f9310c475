package import Spec

/// What is known of time zones, regular expressions and calendars, so that rules may judge them without a clock or a disk.
///
/// Who has the machine's time zones looks at what ``asked(by:)`` names and at who is on call when.
package struct DutyFacts: Sendable, Hashable {
    /// Zones that the machine does not know.
    package var unknownZones: Set<String>
    /// Regular expressions that cannot be read, and why.
    package var badPatterns: [String: String]
    /// Regular expressions that also match a label that is not there.
    package var loosePatterns: Set<String>
    /// Schedules that leave a time without anybody, by environment (`nil`: the base), and the first such time in words.
    package var gaps: [EnvironmentName?: [ScheduleName: String]]

    package init(
        unknownZones: Set<String> = [], badPatterns: [String: String] = [:], loosePatterns: Set<String> = [],
        gaps: [EnvironmentName?: [ScheduleName: String]] = [:]
    ) {
        self.unknownZones = unknownZones
        self.badPatterns = badPatterns
        self.loosePatterns = loosePatterns
        self.gaps = gaps
    }

    /// The platforms that are judged, each by its environment.
    package static func platforms(of parsed: ParsedPlatform) -> [(environment: EnvironmentName?, platform: Platform)] {
        var all = parsed.partials.map { (environment: EnvironmentName?.some($0.key), platform: $0.value.platform) }
        if let base = parsed.partialBase { all.append((environment: nil, platform: base.platform)) }
        return all
    }

    /// The zones and the regular expressions that the rules ask about.
    package static func asked(by parsed: ParsedPlatform) -> (zones: Set<String>, patterns: Set<String>) {
        var zones: Set<String> = []
        var patterns: Set<String> = []
        for (_, platform) in platforms(of: parsed) {
            zones.formUnion(platform.zones)
            patterns.formUnion(platform.matches.compactMap(\.match.pattern))
        }
        return (zones, patterns)
    }
}

extension Platform {
    /// Every condition on a label, with the place where it stands.
    var matches: [(path: SpecPath, match: LabelMatch)] {
        var all: [(path: SpecPath, match: LabelMatch)] = []
        func add(_ path: SpecPath, _ labels: [String: LabelMatch]) {
            for (label, match) in labels.sorted(by: { $0.key < $1.key }) { all.append((path.appending(label), match)) }
        }
        for (name, route) in routes.sorted(by: { $0.key < $1.key }) {
            add(SpecPath(["routes", name.text, "match"]), route.match)
        }
        for (name, rule) in inhibit.sorted(by: { $0.key < $1.key }) {
            add(SpecPath(["inhibit", name.text, "while"]), rule.sources)
            add(SpecPath(["inhibit", name.text, "mute"]), rule.targets)
        }
        for (name, planned) in maintenance.sorted(by: { $0.key < $1.key }) {
            add(SpecPath(["maintenance", name.text, "match"]), planned.match)
        }
        return all
    }

    /// Every time zone with the place where it stands, or would stand.
    var zonePlaces: [(path: SpecPath, zone: String)] {
        var all: [(path: SpecPath, zone: String)] = []
        for (name, schedule) in oncall.sorted(by: { $0.key < $1.key }) {
            let path = SpecPath(["oncall", name.text])
            if let rotation = schedule.rotation {
                all.append((path.appending("rotation").appending("zone"), rotation.zone))
            }
            for (layer, rotation) in schedule.layers.sorted(by: { $0.key < $1.key }) {
                all.append((path.appending("layers").appending(layer.text).appending("zone"), rotation.zone))
            }
        }
        for (name, person) in people.sorted(by: { $0.key < $1.key }) {
            let path = SpecPath(["people", name.text])
            all.append((path.appending("zone"), person.zone))
            if let zone = person.quiet?.zone { all.append((path.appending("quiet").appending("zone"), zone)) }
        }
        for (name, planned) in maintenance.sorted(by: { $0.key < $1.key }) {
            all.append((SpecPath(["maintenance", name.text, "zone"]), planned.zone))
        }
        return all
    }
}
