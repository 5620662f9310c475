/// What a value of the language may be, as data: the reference and the JSON Schema are printed from it.
package indirect enum SchemaType: Sendable, Hashable {
    /// Text of one kind: a name, a duration, a host. `kind` is the word of the reference.
    case text(kind: String, pattern: String?, examples: [String])
    /// A whole number within bounds.
    case integer(ClosedRange<Int>)
    case boolean
    /// One of a closed set, each with its meaning.
    case choice([Choice])
    case list(SchemaType)
    case map(key: SchemaType, value: SchemaType)
    /// A record by its name in the ``SchemaBook``.
    case record(String)
    /// The short form first.
    case either([SchemaType])
    /// Whatever the named engine takes: the escape hatch.
    case anything

    package struct Choice: Sendable, Hashable {
        package var word: String
        package var meaning: String

        package init(_ word: String, _ meaning: String) {
            self.word = word
            self.meaning = meaning
        }
    }
}

/// One key of a record.
package struct FieldDescription: Sendable, Hashable {
    package enum Presence: Sendable, Hashable {
        case required
        case optional
        /// As printed, and why it is so.
        case defaulted(String, because: String)
    }

    package var key: String
    package var type: SchemaType
    package var presence: Presence
    package var meaning: String
    /// A YAML value that shows its use.
    package var example: String?
}

/// A map with a closed set of keys.
package struct RecordDescription: Sendable, Hashable {
    package var name: String
    package var meaning: String
    package var fields: [FieldDescription]
    /// The form allowed in place of the map, if there is one.
    package var short: SchemaType?
}

/// Every record of the language, gathered by describing the top one.
package struct SchemaBook: Sendable {
    /// In the order in which they are first met.
    package private(set) var records: [RecordDescription] = []
    private var known: Set<String> = []

    package init() {}

    /// - Returns: true for a name that is new; the caller then describes it and calls ``add(_:)``.
    mutating func begin(_ name: String) -> Bool {
        guard known.insert(name).inserted else { return false }
        records.append(RecordDescription(name: name, meaning: "", fields: [], short: nil))
        return true
    }

    mutating func add(_ record: RecordDescription) {
        if let index = records.firstIndex(where: { $0.name == record.name }) { records[index] = record }
    }

    package func record(_ name: String) -> RecordDescription? {
        records.first { $0.name == name }
    }
}
