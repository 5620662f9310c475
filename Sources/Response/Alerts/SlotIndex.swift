/// Finds slots by a hash of what is in them: four bytes a slot, where a dictionary would keep every key once more.
///
/// Open addressing with linear probing. The slots themselves say what they hold, so whoever asks says whether a slot is the
/// one that was meant.
struct SlotIndex: Sendable {
    /// A slot's number and one; zero: empty.
    private var places: [UInt32]
    private(set) var count = 0
    /// Drawn anew by each process, as the hashes of dictionaries are: who sends alerts cannot choose what collides.
    private let key: UInt64

    init() {
        places = [UInt32](repeating: 0, count: 16)
        var hasher = Hasher()
        hasher.combine(0)
        key = UInt64(truncatingIfNeeded: hasher.finalize()) | 1
    }

    /// The slot under a hash that is the one that was meant.
    @inline(__always)
    func find(_ hash: UInt64, _ isMeant: (Int) -> Bool) -> Int? {
        let mask = places.count - 1
        var place = start(hash)
        while true {
            let slot = places[place]
            if slot == 0 { return nil }
            if isMeant(Int(slot) - 1) { return Int(slot) - 1 }
            place = (place + 1) & mask
        }
    }

    /// - Parameter hashOf: the hash of any slot that is held.
    mutating func insert(_ slot: Int, hash: UInt64, hashOf: (Int) -> UInt64) {
        if (count + 1) * 4 > places.count * 3 { grow(hashOf) }
        place(slot, hash)
        count += 1
    }

    /// Takes a slot away, and closes the gap: what was put further since its place was taken moves back.
    mutating func remove(_ slot: Int, hash: UInt64, hashOf: (Int) -> UInt64) {
        let mask = places.count - 1
        var hole = start(hash)
        while Int(places[hole]) - 1 != slot {
            guard places[hole] != 0 else { return }
            hole = (hole + 1) & mask
        }
        var next = (hole + 1) & mask
        while places[next] != 0 {
            let home = start(hashOf(Int(places[next]) - 1))
            if (next &- home) & mask >= (next &- hole) & mask {
                places[hole] = places[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        places[hole] = 0
        count -= 1
    }

    private mutating func grow(_ hashOf: (Int) -> UInt64) {
        let old = places
        places = [UInt32](repeating: 0, count: old.count * 2)
        for slot in old where slot != 0 { place(Int(slot) - 1, hashOf(Int(slot) - 1)) }
    }

    private mutating func place(_ slot: Int, _ hash: UInt64) {
        let mask = places.count - 1
        var place = start(hash)
        while places[place] != 0 { place = (place + 1) & mask }
        places[place] = UInt32(slot + 1)
    }

    @inline(__always)
    private func start(_ hash: UInt64) -> Int {
        let product = (hash ^ key).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15 ^ key)
        return Int(truncatingIfNeeded: product.high ^ product.low) & (places.count - 1)
    }
}
