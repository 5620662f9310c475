import NIOCore
import Synchronization

/// The head of a request, as far as choosing a release looks at it.
struct RequestFields {
    let bytes: UnsafeRawBufferPointer
    let fields: [HeadParser.Field]
}

/// What a client without a cookie is given, so that its next request takes the same side.
struct Ticket: Sendable {
    let value: UInt64
    /// The client came over TLS.
    var isSecure: Bool
}

/// Chooses between a new release and the others while the new one has a share of a service's requests.
///
/// A client's value is a place in the unit interval, which the new release fills from its beginning: a growing share
/// takes clients over and gives none back. The place also depends on the new release's name, so that it is not the same
/// clients that meet each new release first.
final class CanaryChooser: Sendable {
    private let newcomer: ReleaseEntry?
    private let share: UInt64
    private let total: UInt64
    /// The other releases, each with the sum of their weights up to and including its own.
    private let others: [(upTo: UInt64, entry: ReleaseEntry)]
    private let by: FrontDoorConfiguration.Sides
    private let key: [UInt8]
    private let force: [UInt8]
    private let salt: UInt64
    private let turn = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    /// - Parameter shares: the releases that take requests, with their weights.
    init(_ canary: FrontDoorConfiguration.Canary, _ shares: [(weight: Int, entry: ReleaseEntry)]) {
        newcomer = shares.first { $0.entry.runtime.release == canary.release }?.entry
        share = shares.first { $0.entry.runtime.release == canary.release }.map { UInt64($0.weight) } ?? 0
        var sum: UInt64 = 0
        var others: [(upTo: UInt64, entry: ReleaseEntry)] = []
        for (weight, entry) in shares where entry.runtime.release != canary.release {
            sum += UInt64(weight)
            others.append((sum, entry))
        }
        self.others = others
        total = share + sum
        by = canary.by
        switch canary.by {
        case .request: key = []
        case .header(let name), .cookie(let name, _): key = Array(name.utf8)
        }
        force = Array((canary.force ?? "").utf8)
        salt = Array(canary.release.utf8).withUnsafeBytes(Self.hash)
    }

    /// The release for a request, and the ticket that its answer should carry.
    ///
    /// - Parameter mayIssue: whether the client is one that keeps cookies for us, and no other service.
    func choose(_ request: RequestFields, mayIssue: Bool, trustsForwarded: Bool) -> (ReleaseEntry, Ticket?)? {
        guard let newcomer else { return old(at: next()).map { ($0, nil) } }
        guard !others.isEmpty else { return (newcomer, nil) }
        if !force.isEmpty, let wish = Self.field(force, request), let isNew = Self.wish(wish) {
            return isNew ? (newcomer, nil) : old(at: next()).map { ($0, nil) }
        }
        var ticket: Ticket?
        let place: UInt64
        switch by {
        case .request: place = next()
        case .header: place = Self.field(key, request).map { Self.hash($0) &+ salt } ?? next()
        case .cookie(_, nil): place = Self.cookie(key, request).map { Self.hash($0) &+ salt } ?? next()
        case .cookie(_, .some):
            if let value = Self.cookie(key, request).flatMap(Self.ticket) {
                place = value &+ salt
            } else {
                let value = next()
                place = value &+ salt
                if mayIssue {
                    ticket = Ticket(value: value, isSecure: trustsForwarded && Self.isForwardedSecure(request))
                }
            }
        }
        if place.multipliedFullWidth(by: total).high < share { return (newcomer, ticket) }
        return old(at: place).map { ($0, ticket) }
    }

    /// Evenly spread, in short runs too: the multiples of the golden ratio fill the unit interval evenly.
    private func next() -> UInt64 {
        turn.wrappingAdd(1, ordering: .relaxed).oldValue &* 0x9E37_79B9_7F4A_7C15
    }

    private func old(at place: UInt64) -> ReleaseEntry? {
        guard others.count > 1, let sum = others.last?.upTo else { return others.first?.entry }
        // Turned, since the places of those whom the new release left are not spread over the whole interval.
        let point = (place &* 0xBF58_476D_1CE4_E5B9).multipliedFullWidth(by: sum).high
        return others.first { point < $0.upTo }?.entry
    }

    // MARK: Reading a request

    /// The value of the first field of a name.
    private static func field(_ name: [UInt8], _ request: RequestFields) -> UnsafeRawBufferPointer? {
        for field in request.fields where field.name.count == name.count {
            let same = name.withUnsafeBytes { request.bytes.slice(field.name).equalsIgnoringCase($0) }
            if same, !field.value.isEmpty { return request.bytes.slice(field.value) }
        }
        return nil
    }

    /// The value of the first cookie of a name (RFC 6265 §4.2.1), from whichever Cookie field (RFC 9113 §8.2.3).
    private static func cookie(_ name: [UInt8], _ request: RequestFields) -> UnsafeRawBufferPointer? {
        for field in request.fields where field.name.count == 6 {
            guard request.bytes.slice(field.name).equalsIgnoringCase("cookie") else { continue }
            let text = request.bytes.slice(field.value)
            var position = 0
            while position < text.count {
                while position < text.count, text[position] == 0x20 || text[position] == UInt8(ascii: ";") {
                    position += 1
                }
                var end = position
                while end < text.count, text[end] != UInt8(ascii: ";") { end += 1 }
                let pair = UnsafeRawBufferPointer(rebasing: text[position..<end])
                if pair.count > name.count, pair[name.count] == UInt8(ascii: "="), pair.starts(with: name) {
                    return trimmed(UnsafeRawBufferPointer(rebasing: pair[(name.count + 1)...]))
                }
                position = end
            }
        }
        return nil
    }

    private static func trimmed(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var range = value.startIndex..<value.endIndex
        while let last = range.last, value[last] == 0x20 { range = range.dropLast() }
        if range.count >= 2, value[range.lowerBound] == UInt8(ascii: "\""),
            value[range.upperBound - 1] == UInt8(ascii: "\"")
        {
            range = (range.lowerBound + 1)..<(range.upperBound - 1)
        }
        return range.isEmpty ? nil : UnsafeRawBufferPointer(rebasing: value[range])
    }

    /// Sixteen hex digits; anything else is no ticket of ours.
    private static func ticket(_ text: UnsafeRawBufferPointer) -> UInt64? {
        guard text.count == 16 else { return nil }
        var value: UInt64 = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    private static func wish(_ text: UnsafeRawBufferPointer) -> Bool? {
        if text.equalsIgnoringCase("always") { return true }
        return text.equalsIgnoringCase("never") ? false : nil
    }

    private static func isForwardedSecure(_ request: RequestFields) -> Bool {
        for field in request.fields where field.known == .forwardedProto {
            return request.bytes.slice(field.value).equalsIgnoringCase("https")
        }
        return false
    }

    /// FNV-1a with a final mix, since places are compared by their high bits.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return value ^ (value >> 33)
    }

    // MARK: Writing an answer

    /// The line that gives a client its ticket (RFC 6265 §4.1), `nil` when this service gives none.
    func line(for ticket: Ticket) -> ByteBuffer? {
        guard case .cookie(let name, let seconds?) = by else { return nil }
        var line = ByteBuffer(string: "Set-Cookie: \(name)=")
        line.writeHex16(ticket.value)
        line.writeString("; Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax\(ticket.isSecure ? "; Secure" : "")\r\n")
        return line
    }
}
