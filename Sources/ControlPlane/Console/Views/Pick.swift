import Response

/// The first few of many, found without sorting the rest.
struct Pick<Element> {
    private(set) var first: [Element] = []
    /// How many were looked at.
    private(set) var seen = 0
    private let count: Int
    private let comesBefore: (Element, Element) -> Bool

    init(_ count: Int, by comesBefore: @escaping (Element, Element) -> Bool) {
        self.count = count
        self.comesBefore = comesBefore
    }

    mutating func take(_ element: Element) {
        seen += 1
        if first.count == count {
            guard let last = first.last, comesBefore(element, last) else { return }
            first.removeLast()
        }
        var low = 0
        var high = first.count
        while low < high {
            let middle = (low + high) / 2
            if comesBefore(first[middle], element) { low = middle + 1 } else { high = middle }
        }
        first.insert(element, at: low)
    }
}

/// Where a list goes on: after a row that began at a time and has an identity.
struct ListCursor: Hashable, Sendable {
    var at: Moment
    var id: String

    /// The later first; of one time, the identities in order.
    static func comesBefore(_ one: ListCursor, _ other: ListCursor) -> Bool {
        one.at != other.at ? one.at > other.at : naturally(other.id, one.id)
    }

    /// `i9` before `i10`.
    static func naturally(_ one: String, _ other: String) -> Bool {
        one.utf8.count != other.utf8.count ? one.utf8.count < other.utf8.count : one < other
    }

    init(_ at: Moment, _ id: String) {
        self.at = at
        self.id = id
    }

    /// Reads ``text``.
    init?(_ text: String) {
        guard let dot = text.firstIndex(of: "."), let at = Int(text[..<dot]) else { return nil }
        self.init(Moment(milliseconds: at), String(text[text.index(after: dot)...]))
    }

    var text: String { "\(at.milliseconds).\(id)" }
}
