/// What is due when: each key once, the earliest first, keys in order where times are equal.
///
/// What was moved or taken away stays in the heap until it comes to the top: setting a time and taking the earliest cost
/// O(log n), whatever the number of keys.
package struct DueQueue<Key: Hashable & Comparable & Sendable>: Sendable {
    private var heap = TimeHeap<Key>()
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
        if let time { heap.insert(key, at: time) }
        if heap.count > 2 * times.count + 64 { heap.keepOnly { times[$1] == $0 } }
        dropMoved()
    }

    /// Takes the earliest that is due.
    package mutating func take(until now: Moment) -> (key: Key, due: Moment)? {
        guard let (at, key) = heap.first, at <= now else { return nil }
        times[key] = nil
        dropMoved()
        return (key, at)
    }

    private mutating func dropMoved() {
        while let (at, key) = heap.first, times[key] != at { heap.removeFirst() }
    }
}
