/// What identifies an alert: names and values, sorted by name, each name once, no empty value.
package struct LabelSet: Hashable, Sendable {
    package struct Label: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package let labels: [Label]

    /// An empty value is the same as no label (Prometheus, "Data model").
    package init(_ values: [String: String]) {
        labels = values.filter { !$0.value.isEmpty }
            .map { Label(name: $0.key, value: $0.value) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Labels that are known to be in order: sorted by the bytes of their names, each name once, no empty value.
    package init(inOrder labels: [Label]) {
        self.labels = labels
    }

    package subscript(_ name: String) -> String? {
        labels.first { $0.name == name }?.value
    }

    package var isEmpty: Bool { labels.isEmpty }

    package var dictionary: [String: String] {
        Dictionary(uniqueKeysWithValues: labels.map { ($0.name, $0.value) })
    }

    /// Only the labels with these names.
    package func restricted(to names: Set<String>) -> LabelSet {
        LabelSet(sorted: labels.filter { names.contains($0.name) })
    }

    private init(sorted: [Label]) { labels = sorted }

    /// The identity that Alertmanager gives the same labels: FNV-1a, 64 bit, over each name and value with 0xff after both
    /// (prometheus/common, `model.LabelSet.Fingerprint`).
    package var fingerprint: Fingerprint {
        var hash: UInt64 = 14_695_981_039_346_656_037
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        for label in labels {
            label.name.utf8.forEach(add)
            add(0xff)
            label.value.utf8.forEach(add)
            add(0xff)
        }
        return Fingerprint(value: hash)
    }
}

extension LabelSet: CustomStringConvertible {
    /// `{alertname="Slow", service="api"}`.
    package var description: String {
        "{" + labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ", ") + "}"
    }
}

/// A label set's identity: 16 hexadecimal digits where it is written.
package struct Fingerprint: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package var value: UInt64

    package init(value: UInt64) {
        self.value = value
    }

    package init?(_ text: String) {
        guard text.utf8.count == 16, let value = UInt64(text, radix: 16) else { return nil }
        self.value = value
    }

    package var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    package static func < (one: Fingerprint, other: Fingerprint) -> Bool { one.value < other.value }
}
