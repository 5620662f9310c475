import Response

/// JSON text while it is written, piece by piece; commas are the writer's affair.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    private mutating func separate() {
        if needsComma { bytes.append(0x2c) }
        needsComma = true
    }

    mutating func object(_ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(0x7b)
        needsComma = false
        body(&self)
        bytes.append(0x7d)
        needsComma = true
    }

    mutating func array(_ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(0x5b)
        needsComma = false
        body(&self)
        bytes.append(0x5d)
        needsComma = true
    }

    /// A key that needs no escape; its value comes next.
    mutating func key(_ name: StaticString) {
        separate()
        bytes.append(0x22)
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(0x22)
        bytes.append(0x3a)
        needsComma = false
    }

    mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(0x3a)
        needsComma = false
    }

    mutating func write(_ text: String) {
        separate()
        quote(text)
    }

    mutating func write(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: flag ? "true".utf8 : "false".utf8)
    }

    mutating func write(_ number: Int) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
    }

    mutating func write(_ fingerprint: Fingerprint) {
        separate()
        bytes.append(0x22)
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: fingerprint.value >> UInt64(shift)) & 15
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
        bytes.append(0x22)
    }

    /// RFC 3339 in UTC with milliseconds, always three digits of them as Alertmanager has it.
    mutating func write(_ moment: Moment) {
        separate()
        bytes.append(0x22)
        InstantText.append(moment, to: &bytes)
        bytes.append(0x22)
    }

    mutating func write(_ labels: LabelSet) { write(labels.labels) }

    mutating func write(_ annotations: Annotations) { write(annotations.pairs) }

    private mutating func write(_ pairs: [LabelSet.Label]) {
        object { writer in
            for pair in pairs {
                writer.key(pair.name)
                writer.write(pair.value)
            }
        }
    }

    mutating func write(_ values: [String: String]) {
        object { writer in
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                writer.key(name)
                writer.write(value)
            }
        }
    }

    /// Text that is JSON already.
    mutating func write(raw: [UInt8]) {
        separate()
        bytes.append(contentsOf: raw)
    }

    private mutating func quote(_ text: String) {
        bytes.append(0x22)
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for index in 0..<utf8.count {
                let byte = utf8[index]
                guard byte < 0x20 || byte == 0x22 || byte == 0x5c else { continue }
                bytes.append(contentsOf: utf8[start..<index])
                start = index + 1
                escape(byte)
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(0x22)
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(0x5c)
        switch byte {
        case 0x22, 0x5c: bytes.append(byte)
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(0x30 + (byte >> 4))
            let low = byte & 15
            bytes.append(low < 10 ? 0x30 + low : 0x57 + low)
        }
    }
}
