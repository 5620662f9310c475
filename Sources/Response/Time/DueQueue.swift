/// What is due when: each key once, the earliest first, keys in order where times are equal.
///
/// A binary heap in which what was moved or taken away stays until it comes to the top: setting a time and taking the
/// earliest cost O(log n), whatever the number of keys.
package struct DueQueue<Key: Hashable & Comparable & Sendable>: Sendable {
    private struct Item: Sendable {
        var at: Moment
        var key: Key

        func isBefore(_ other: Item) -> Bool { at != other.at ? at < other.at : key < other.key }
    }

    private var heap: [Item] = []
    private var times: [Key: Moment] = [:]

    package init() {}

    /// When the earliest is due.
    package var next: Moment? { heap.first?.at }

    package var count: Int { times.count }

    package func time(of key: Key) -> Moment? { times[key] }

    /// Makes a key due at a time, or never.
    package mutating func set(_ key: Key, at time: Moment?) {
        guard times[key] != time else { return }
        times[key] = time
        if let time {
            heap.append(Item(at: time, key: key))
            rise(heap.count - 1)
        }
        if heap.count > 2 * times.count + 64 { rebuild() }
        dropStale()
    }

    /// Takes the earliest that is due.
    package mutating func take(until now: Moment) -> (key: Key, due: Moment)? {
        guard let first = heap.first, first.at <= now else { return nil }
        times[first.key] = nil
        dropStale()
        return (first.key, first.at)
    }

    private mutating func dropStale() {
        while let first = heap.first, times[first.key] != first.at {
            let last = heap.removeLast()
            guard !heap.isEmpty else { return }
            heap[0] = last
            sink(0)
        }
    }

    private mutating func rebuild() {
        heap = times.map { Item(at: $0.value, key: $0.key) }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
