/// What is said of an alert beside its labels: names and values, sorted by name, each name once; values may be empty.
package struct Annotations: Hashable, Sendable {
    package private(set) var pairs: [LabelSet.Label]

    package init(_ values: [String: String] = [:]) {
        pairs = values.map { LabelSet.Label(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
    }

    /// As a decoder reads them; of two with one name the later is taken.
    package init(_ pairs: [LabelSet.Label]) {
        self.pairs = LabelSet.inOrder(pairs)
    }

    package subscript(_ name: String) -> String? {
        get { pairs.first { $0.name == name }?.value }
        set {
            pairs.removeAll { $0.name == name }
            guard let newValue else { return }
            pairs.insert(
                LabelSet.Label(name: name, value: newValue), at: pairs.firstIndex { $0.name > name } ?? pairs.count)
        }
    }

    package var isEmpty: Bool { pairs.isEmpty }

    package var dictionary: [String: String] {
        Dictionary(uniqueKeysWithValues: pairs.map { ($0.name, $0.value) })
    }
}

extension Annotations: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { LabelSet.Label(name: $0.0, value: $0.1) })
    }
}

extension Annotations: Codable {
    /// An object with the names as keys.
    package func encode(to encoder: any Encoder) throws { try dictionary.encode(to: encoder) }

    package init(from decoder: any Decoder) throws { self.init(try [String: String](from: decoder)) }
}
