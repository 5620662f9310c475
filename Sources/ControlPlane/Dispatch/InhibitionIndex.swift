import Response

/// The firing alerts that inhibit others, by the labels that both must share: one look-up in the place of a comparison with
/// every alert.
struct InhibitionIndex {
    private struct Source {
        var fingerprint: Fingerprint
        var isTarget: Bool
    }

    private var rules: [(rule: Inhibition, sources: [[String]: [Source]])]

    init(_ inhibitions: [Inhibition], firing: some Sequence<(Fingerprint, LabelSet)>) {
        rules = inhibitions.map { ($0, [:]) }
        guard !rules.isEmpty else { return }
        for (fingerprint, labels) in firing {
            for index in rules.indices where rules[index].rule.sources.match(labels) {
                let rule = rules[index].rule
                rules[index].sources[Self.key(rule, labels), default: []].append(
                    Source(fingerprint: fingerprint, isTarget: rule.targets.match(labels)))
            }
        }
    }

    private static func key(_ rule: Inhibition, _ labels: LabelSet) -> [String] { rule.equal.map { labels[$0] ?? "" } }

    /// The alert that inhibits these labels, by the first rule that has one. One that is source and target is not inhibited by
    /// another that is both (Alertmanager, "Inhibition").
    func inhibitor(of labels: LabelSet) -> Fingerprint? {
        for (rule, sources) in rules where rule.targets.match(labels) {
            guard let found = sources[Self.key(rule, labels)] else { continue }
            let isSource = rule.sources.match(labels)
            if let source = found.first(where: { !(isSource && $0.isTarget) }) { return source.fingerprint }
        }
        return nil
    }
}
