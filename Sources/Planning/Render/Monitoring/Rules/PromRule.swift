import Spec

/// A rule of Prometheus with the trials that prove it (Prometheus, "Recording rules", "Alerting rules").
struct PromRule: Sendable {
    enum Kind: Sendable {
        /// A series under a new name.
        case record
        case alert(hold: Duration, annotations: [String: String])
    }

    var name: String
    var kind: Kind
    var expression: String
    /// Whether the expression stands in hauban.yaml.
    var isAuthors = false
    var labels: [String: String]
    /// Why it is there, above it.
    var comment: String?
    var trials: [Trial] = []

    var tree: YAMLTree {
        var entries: [YAMLEntry] = []
        switch kind {
        case .record:
            entries.append(YAMLEntry("record", .text(name), comment: comment))
            entries.append(YAMLEntry("expr", .text(expression)))
            if !labels.isEmpty { entries.append(YAMLEntry("labels", .sorted(labels))) }
        case .alert(let hold, let annotations):
            entries.append(YAMLEntry("alert", .text(name), comment: comment))
            entries.append(YAMLEntry("expr", .text(expression)))
            if hold > .zero { entries.append(YAMLEntry("for", .text(DurationText.text(hold)))) }
            entries.append(YAMLEntry("labels", .sorted(labels)))
            let written = annotations.mapValues { GoTemplate.literal($0) }
            entries.append(YAMLEntry("annotations", .sorted(written)))
        }
        return .map(entries)
    }
}

/// Text of ours in a place that Prometheus reads as a template of Go.
enum GoTemplate {
    static func literal(_ text: String) -> String {
        // Most have no brace at all, and are many.
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        return text.split(separator: "{{", omittingEmptySubsequences: false).joined(separator: "{{ \"{{\" }}")
    }
}

/// Rules that are evaluated together, one after the other.
struct RuleGroup: Sendable {
    var name: String
    var rules: [PromRule]

    var tree: YAMLTree { ["name": .text(name), "rules": .list(rules.map(\.tree))] }
}

/// Series that an alert must fire on, or must be silent on.
struct Trial: Sendable {
    struct Series: Sendable {
        /// As PromQL writes it.
        var name: String
        /// In promtool's notation, a value a minute: `0+60x20` or `3x20`.
        var values: String
    }

    /// What is tried, in words.
    var title: String
    var series: [Series]
    /// Minutes from the first value.
    var after: Int
    var fires: Bool
    /// What it fires with, where that is more than the rule's own labels.
    var labels: [String: String]?
}
