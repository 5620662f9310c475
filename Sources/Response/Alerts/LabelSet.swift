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
        self.init(values.map { Label(name: $0.key, value: $0.value) })
    }

    /// As a decoder reads them; of two with one name the later is taken.
    package init(_ labels: [Label]) {
        var sorted = Self.inOrder(labels)
        sorted.removeAll { $0.value.isEmpty }
        self.labels = sorted
    }

    /// Sorted by name, each name once with its last value.
    static func inOrder(_ labels: [Label]) -> [Label] {
        var sorted: [Label] = []
        sorted.reserveCapacity(labels.count)
        for label in labels {
            // A few short names: an insertion is cheaper than a dictionary and a sort.
            var index = sorted.count
            while index > 0, label.name.utf8.lexicographicallyPrecedes(sorted[index - 1].name.utf8) { index -= 1 }
            if index > 0, sorted[index - 1].name == label.name {
                sorted[index - 1].value = label.value
            } else {
                sorted.insert(label, at: index)
            }
        }
        return sorted
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

extension LabelSet: Codable {
    /// An object with the names as keys.
    package func encode(to encoder: any Encoder) throws { try dictionary.encode(to: encoder) }

    package init(from decoder: any Decoder) throws { self.init(try [String: String](from: decoder)) }
}

extension LabelSet: Comparable {
    /// Label by label, in the order of the names.
    package static func < (one: LabelSet, other: LabelSet) -> Bool {
        one.labels.lexicographicallyPrecedes(other.labels) { ($0.name, $0.value) < ($1.name, $1.value) }
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

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let fingerprint = Fingerprint(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 16 hexadecimal digits")
        }
        self = fingerprint
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

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
