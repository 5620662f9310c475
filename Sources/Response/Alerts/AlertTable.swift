/// Alerts by fingerprint, in slots that keep their place: many alerts cost little more than themselves, and a report that tells
/// again what is known changes one where it stands.
///
/// A slot may bear a mark: a hash, given by whoever takes reports, of the text that told of the alert.
package struct AlertTable: Sendable {
    /// Where an alert stands until it is forgotten.
    package struct Place: Hashable, Sendable {
        fileprivate var number: Int
    }

    struct Slot: Sendable {
        var fingerprint: Fingerprint
        /// `nil`: free.
        var alert: Alert?
        /// When time alone does something to it.
        var due: Moment?
        /// Zero: none.
        var mark: UInt64 = 0
    }

    private var slots = Slots()
    private var free: [UInt32] = []
    private var byFingerprint = SlotIndex()
    private var byMark = SlotIndex()

    package init() {}

    package var count: Int { byFingerprint.count }

    package var isEmpty: Bool { count == 0 }

    package subscript(_ fingerprint: Fingerprint) -> Alert? {
        get { number(fingerprint).flatMap { slots[$0].alert } }
        set {
            if let newValue { put(newValue, fingerprint) } else { remove(fingerprint) }
        }
    }

    package func place(of fingerprint: Fingerprint) -> Place? { number(fingerprint).map(Place.init(number:)) }

    /// The place of the alert with a mark.
    @inline(__always)
    package func place(marked mark: UInt64) -> Place? {
        byMark.find(mark) { slots[$0].mark == mark }.map(Place.init(number:))
    }

    package func fingerprint(at place: Place) -> Fingerprint { slots[place.number].fingerprint }

    /// Gives an alert a mark in the place of the one that it had; nothing happens where none is known.
    package mutating func mark(_ fingerprint: Fingerprint, _ mark: UInt64) {
        guard let number = number(fingerprint), slots[number].mark != mark else { return }
        unmark(number)
        // Of two that bear one mark the first keeps it: the other is read each time.
        guard mark != 0, place(marked: mark) == nil else { return }
        byMark.insert(number, hash: mark) { [slots] in slots[$0].mark }
        slots[number].mark = mark
    }

    /// Changes an alert where it stands; nothing happens in a free place.
    @inline(__always)
    mutating func change<Outcome>(_ place: Place, _ body: (inout Slot) -> Outcome) -> Outcome {
        body(&slots[place.number])
    }

    func due(of fingerprint: Fingerprint) -> Moment? { number(fingerprint).flatMap { slots[$0].due } }

    mutating func setDue(_ fingerprint: Fingerprint, _ due: Moment?) {
        guard let number = number(fingerprint) else { return }
        slots[number].due = due
    }

    private mutating func put(_ alert: Alert, _ fingerprint: Fingerprint) {
        if let number = number(fingerprint) {
            slots[number].alert = alert
            return
        }
        let number: Int
        if let last = free.popLast() {
            number = Int(last)
            slots[number] = Slot(fingerprint: fingerprint, alert: alert)
        } else {
            number = slots.append(Slot(fingerprint: fingerprint, alert: alert))
        }
        byFingerprint.insert(number, hash: fingerprint.value) { [slots] in slots[$0].fingerprint.value }
    }

    private mutating func remove(_ fingerprint: Fingerprint) {
        guard let number = number(fingerprint) else { return }
        unmark(number)
        byFingerprint.remove(number, hash: fingerprint.value) { [slots] in slots[$0].fingerprint.value }
        slots[number].alert = nil
        slots[number].due = nil
        free.append(UInt32(number))
    }

    private mutating func unmark(_ number: Int) {
        let old = slots[number].mark
        guard old != 0 else { return }
        byMark.remove(number, hash: old) { [slots] in slots[$0].mark }
        slots[number].mark = 0
    }

    @inline(__always)
    private func number(_ fingerprint: Fingerprint) -> Int? {
        byFingerprint.find(fingerprint.value) { slots[$0].fingerprint == fingerprint }
    }
}

/// Slots in chunks: one of many is changed without the others being copied, when somebody else holds a copy of all.
private struct Slots: Sendable {
    private static let chunk = 256

    private(set) var chunks: [[AlertTable.Slot]] = []
    private var count = 0

    @inline(__always)
    subscript(_ number: Int) -> AlertTable.Slot {
        _read { yield chunks[number / Self.chunk][number % Self.chunk] }
        _modify { yield &chunks[number / Self.chunk][number % Self.chunk] }
    }

    /// - Returns: its number.
    mutating func append(_ slot: AlertTable.Slot) -> Int {
        if count / Self.chunk == chunks.count {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(Self.chunk)
        }
        chunks[count / Self.chunk].append(slot)
        count += 1
        return count - 1
    }
}

extension AlertTable: Sequence {
    package typealias Element = (key: Fingerprint, value: Alert)

    /// In the order of their places: that in which they became known, but for places that became free again.
    package struct Iterator: IteratorProtocol {
        fileprivate var slots: FlattenSequence<[[Slot]]>.Iterator

        package mutating func next() -> Element? {
            while let slot = slots.next() {
                if let alert = slot.alert { return (slot.fingerprint, alert) }
            }
            return nil
        }
    }

    package func makeIterator() -> Iterator { Iterator(slots: slots.chunks.joined().makeIterator()) }

    package var underestimatedCount: Int { count }

    package var values: some Sequence<Alert> { lazy.map(\.value) }
}
