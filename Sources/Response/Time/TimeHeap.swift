/// Keys by time, the earliest first, keys in order where times are equal: a binary heap.
///
/// Nothing is looked for in it: what is moved is inserted once more, and whoever takes the first knows which one still holds.
struct TimeHeap<Key: Comparable & Sendable>: Sendable {
    private struct Item: Sendable {
        var at: Moment
        var key: Key

        func isBefore(_ other: Item) -> Bool { at != other.at ? at < other.at : key < other.key }
    }

    private var items: [Item] = []

    var count: Int { items.count }

    var first: (at: Moment, key: Key)? { items.first.map { ($0.at, $0.key) } }

    mutating func insert(_ key: Key, at time: Moment) {
        items.append(Item(at: time, key: key))
        rise(items.count - 1)
    }

    mutating func removeFirst() {
        guard let last = items.popLast(), !items.isEmpty else { return }
        items[0] = last
        sink(0)
    }

    /// Drops what does not hold any more.
    mutating func keepOnly(_ holds: (Moment, Key) -> Bool) {
        items.removeAll { !holds($0.at, $0.key) }
        for index in stride(from: items.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard items[index].isBefore(items[parent]) else { return }
            items.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < items.count {
                if items[child].isBefore(items[least]) { least = child }
            }
            guard least != index else { return }
            items.swapAt(index, least)
            index = least
        }
    }
}
