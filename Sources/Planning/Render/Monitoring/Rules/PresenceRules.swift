import Spec

/// No data is never good news: rules for what is not there.
enum PresenceRules {
    static func rules(_ place: MonitoredPlace) -> [PromRule] {
        var common: [String: String] = [:]
        if let team = place.team { common["team"] = team }
        var rules = [
            PromRule(
                name: "target-down",
                kind: .alert(
                    hold: .seconds(300),
                    annotations: [
                        "summary": "Something that is scraped does not answer.",
                        "dashboard": "/d/\(place.uid("resources"))",
                    ]),
                expression: "up == 0", labels: common.merging(["severity": "medium"]) { $1 },
                comment: "One replica or one exporter; labels say which.")
        ]
        let watched =
            place.measured.map(\.name.text)
            + place.resources.filter { [.postgres, .redis].contains($0.resource.kind) }.map(\.name.text)
        for name in watched.sorted() {
            let series = "up{service=\"\(name)\"}"
            rules.append(
                PromRule(
                    name: "no-data-\(name)",
                    kind: .alert(
                        hold: .seconds(300),
                        annotations: [
                            "summary": "Nothing is known of \(name): none of its targets answers or there is none.",
                            "dashboard": place.dashboard(EdgeName(name)),
                        ]),
                    expression: "absent(\(series) == 1)",
                    labels: common.merging(["severity": "high", "service": name]) { $1 },
                    trials: [
                        Trial(
                            title: "nothing answers", series: [.init(name: series, values: "0x20")], after: 10,
                            fires: true),
                        Trial(title: "there is no target", series: [], after: 10, fires: true),
                        Trial(
                            title: "it answers", series: [.init(name: series, values: "1x20")], after: 10, fires: false),
                    ]))
        }
        return rules + Probes(place).rules
    }
}
