/// One alert that makes others not worth telling: the host is down, so its services are too.
package struct Inhibition: Hashable, Codable, Sendable {
    package var name: String
    package var sources: [Matcher]
    package var targets: [Matcher]
    /// Labels that source and target must share; two missing ones are equal.
    package var equal: [String]

    package init(name: String, sources: [Matcher], targets: [Matcher], equal: [String]) {
        self.name = name
        self.sources = sources
        self.targets = targets
        self.equal = equal
    }

    /// The firing alert that inhibits these labels.
    ///
    /// An alert that is both source and target is not inhibited by another that is both, itself included (Alertmanager,
    /// "Inhibition").
    package func source(inhibiting labels: LabelSet, among firing: [LabelSet]) -> LabelSet? {
        guard targets.match(labels) else { return nil }
        let isSource = sources.match(labels)
        return firing.first { other in
            guard sources.match(other) else { return false }
            if isSource && targets.match(other) { return false }
            return equal.allSatisfy { (other[$0] ?? "") == (labels[$0] ?? "") }
        }
    }
}

/// The firing sources of every inhibition, found by the values that source and target share.
package struct InhibitionIndex: Sendable {
    /// Sources whose labels are equal where a rule asks for it.
    private struct Bucket: Sendable {
        /// Sources that are no targets, and those that are targets too; the least of each names the inhibitor.
        var plain = Members()
        var both = Members()
    }

    private struct Members: Sendable {
        var all: Set<Fingerprint> = []
        var least: Fingerprint?

        mutating func insert(_ one: Fingerprint) {
            all.insert(one)
            least = least.map { min($0, one) } ?? one
        }

        mutating func remove(_ one: Fingerprint) {
            guard all.remove(one) != nil, least == one else { return }
            least = all.min()
        }
    }

    private let rules: [Inhibition]
    private var buckets: [[[String]: Bucket]]

    init(_ rules: [Inhibition]) {
        self.rules = rules
        buckets = rules.map { _ in [:] }
    }

    mutating func insert(_ labels: LabelSet, _ fingerprint: Fingerprint) {
        change(labels) { $0.insert(fingerprint) }
    }

    mutating func remove(_ labels: LabelSet, _ fingerprint: Fingerprint) {
        change(labels) { $0.remove(fingerprint) }
    }

    /// The alert that inhibits these labels: what ``Inhibition/source(inhibiting:among:)`` means, without a scan.
    package func inhibitor(of labels: LabelSet) -> (source: Fingerprint, rule: String)? {
        for (index, rule) in rules.enumerated() where !buckets[index].isEmpty {
            guard rule.targets.match(labels), let bucket = buckets[index][Self.values(rule, labels)] else { continue }
            if let source = bucket.plain.least { return (source, rule.name) }
            if !rule.sources.match(labels), let source = bucket.both.least { return (source, rule.name) }
        }
        return nil
    }

    private mutating func change(_ labels: LabelSet, _ body: (inout Members) -> Void) {
        for (index, rule) in rules.enumerated() where rule.sources.match(labels) {
            let values = Self.values(rule, labels)
            if rule.targets.match(labels) {
                body(&buckets[index][values, default: Bucket()].both)
            } else {
                body(&buckets[index][values, default: Bucket()].plain)
            }
            if let bucket = buckets[index][values], bucket.plain.all.isEmpty, bucket.both.all.isEmpty {
                buckets[index][values] = nil
            }
        }
    }

    private static func values(_ rule: Inhibition, _ labels: LabelSet) -> [String] {
        rule.equal.map { labels[$0] ?? "" }
    }
}
