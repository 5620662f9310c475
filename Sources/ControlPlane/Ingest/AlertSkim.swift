import Response

/// Where the parts of an alert lie in a body's text, as programs write it: each key once, labels and annotations of texts.
///
/// Nothing in the strings is looked at: whoever finds that the same bytes were read before knows what they say.
struct AlertSkim {
    private(set) var startsAt: Moment?
    private(set) var endsAt: Moment?
    /// Behind the alert.
    private(set) var end: Int
    private var labels = 0..<0
    private var annotations = 0..<0
    private var generator = 0..<0
    private let bytes: UnsafeRawBufferPointer

    /// - Returns: `nil` where the text is not as expected, good or bad: it has to be read.
    @inline(__always)
    init?(_ scanner: JSONScanner) {
        bytes = scanner.bytes
        end = scanner.position
        guard next(0x7b), next(0x22) else { return nil }
        repeat {
            let key = end
            guard passString() else { return nil }
            let length = end - key - 1
            guard next(0x3a), readValue(key, length) else { return nil }
            if next(0x7d) { break }
            guard next(0x2c), next(0x22) else { return nil }
        } while true
        if labels.isEmpty { return nil }
    }

    /// Differs where labels, annotations or the generator's URL differ.
    @inline(__always)
    func mark(_ hash: TextHash) -> UInt64 {
        var mark = hash(UnsafeRawBufferPointer(rebasing: bytes[labels]))
        mark = hash(UnsafeRawBufferPointer(rebasing: bytes[annotations]), mark)
        mark = hash(UnsafeRawBufferPointer(rebasing: bytes[generator]), mark)
        return mark == 0 ? 1 : mark
    }

    private mutating func readValue(_ key: Int, _ length: Int) -> Bool {
        switch length {
        case 6 where isKey(key, "labels"):
            guard labels.isEmpty, let place = passPairs() else { return false }
            labels = place
        case 6 where isKey(key, "endsAt"):
            guard endsAt == nil, let moment = readMoment() else { return false }
            endsAt = moment
        case 8 where isKey(key, "startsAt"):
            guard startsAt == nil, let moment = readMoment() else { return false }
            startsAt = moment
        case 11 where isKey(key, "annotations"):
            guard annotations.isEmpty, let place = passPairs() else { return false }
            annotations = place
        case 12 where isKey(key, "generatorURL"):
            guard generator.isEmpty, let place = readText() else { return false }
            generator = place
        default: return false
        }
        return true
    }

    @inline(__always)
    private func isKey(_ start: Int, _ word: StaticString) -> Bool {
        for index in 0..<word.utf8CodeUnitCount where bytes[start + index] != word.utf8Start[index] { return false }
        return true
    }

    private mutating func readText() -> Range<Int>? {
        guard next(0x22) else { return nil }
        let start = end
        return passString() ? start..<end - 1 : nil
    }

    private mutating func readMoment() -> Moment? {
        guard let place = readText(),
            case .moment(let moment) = InstantText.read(UnsafeRawBufferPointer(rebasing: bytes[place]))
        else { return nil }
        return moment
    }

    /// Passes over an object whose values are all strings.
    private mutating func passPairs() -> Range<Int>? {
        guard next(0x7b) else { return nil }
        let start = end - 1
        if !next(0x7d) {
            repeat {
                guard next(0x22), passString(), next(0x3a), next(0x22), passString() else { return nil }
            } while next(0x2c)
            guard next(0x7d) else { return nil }
        }
        return start..<end
    }

    /// Passes over white space and, if it comes next, a byte.
    @inline(__always)
    private mutating func next(_ byte: UInt8) -> Bool {
        while end < bytes.count {
            let found = bytes[end]
            if found == byte {
                end += 1
                return true
            }
            guard found == 0x20 || found == 0x0a || found == 0x0d || found == 0x09 else { return false }
            end += 1
        }
        return false
    }

    /// Passes over the rest of a string and its closing quote.
    @inline(__always)
    private mutating func passString() -> Bool {
        var index = end
        while index + 8 <= bytes.count {
            let found = Self.quotes(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            if found == 0 {
                index += 8
                continue
            }
            index += found.trailingZeroBitCount >> 3
            if bytes[index] == 0x22 {
                end = index + 1
                return true
            }
            index += 2
        }
        while index < bytes.count {
            switch bytes[index] {
            case 0x22:
                end = index + 1
                return true
            case 0x5c: index += 2
            default: index += 1
            }
        }
        return false
    }

    /// The high bit of the first byte that is a quote or a backslash is the lowest one of these; zero: there is none.
    @inline(__always)
    private static func quotes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let word = UInt64(littleEndian: word)
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5c)
        return (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)) & (ones &* 0x80)
    }
}
