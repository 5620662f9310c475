import NIOCore

/// The trace that a request belongs to: taken from its traceparent, else from its X-Cloud-Trace-Context, else begun here.
///
/// W3C Trace Context §3.2 gives the first format, Google Cloud's `TRACE_ID/SPAN_ID;o=OPTIONS` the second; both name the
/// same 128-bit trace.
struct TraceContext: Equatable {
    var traceHigh: UInt64
    var traceLow: UInt64
    var span: UInt64
    var sampled: Bool

    /// `00-TRACE-SPAN-FLAGS`; all-zero ids and version `ff` are invalid (§3.2.2).
    init?(traceparent text: UnsafeRawBufferPointer) {
        guard text.count >= 55, text[2] == UInt8(ascii: "-"), text[35] == UInt8(ascii: "-"),
            text[52] == UInt8(ascii: "-"),
            let version = Self.number(text, 0, 2), version != 0xFF,
            text.count == 55 || version > 0 && text[55] == UInt8(ascii: "-"),
            let high = Self.number(text, 3, 16), let low = Self.number(text, 19, 16), high | low != 0,
            let span = Self.number(text, 36, 16), span != 0, let flags = Self.number(text, 53, 2)
        else { return nil }
        // Upper-case digits are not valid in a traceparent.
        guard !text.prefix(55).contains(where: { (0x41...0x46).contains($0) }) else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span, sampled: flags & 1 == 1)
    }

    init?(cloudTrace text: UnsafeRawBufferPointer, newSpan: UInt64) {
        guard text.count >= 32, let high = Self.number(text, 0, 16), let low = Self.number(text, 16, 16),
            high | low != 0
        else { return nil }
        var span: UInt64 = 0
        var position = 32
        if position < text.count, text[position] == UInt8(ascii: "/") {
            position += 1
            while position < text.count, text[position] &- UInt8(ascii: "0") < 10 {
                let (product, overflow) = span.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(UInt64(text[position] - UInt8(ascii: "0")))
                if overflow || carry { return nil }
                span = sum
                position += 1
            }
        }
        var sampled = false
        if position < text.count {
            let option: StaticString = ";o=1"
            sampled = UnsafeRawBufferPointer(rebasing: text[position...]).equalsIgnoringCase(option)
        }
        self.init(traceHigh: high, traceLow: low, span: span == 0 ? newSpan : span, sampled: sampled)
    }

    init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, sampled: Bool) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.sampled = sampled
    }

    /// The trace's id in 32 hexadecimal digits.
    var traceID: String {
        var out = HeadBuffer(capacity: 32)
        out.writeHex16(traceHigh)
        out.writeHex16(traceLow)
        return out.text
    }

    func writeTraceparent(_ out: inout HeadBuffer) {
        out.writeStaticString("traceparent: 00-")
        out.writeHex16(traceHigh)
        out.writeHex16(traceLow)
        out.writeStaticString("-")
        out.writeHex16(span)
        out.writeStaticString(sampled ? "-01\r\n" : "-00\r\n")
    }

    func writeCloudTrace(_ out: inout HeadBuffer) {
        out.writeStaticString("X-Cloud-Trace-Context: ")
        out.writeHex16(traceHigh)
        out.writeHex16(traceLow)
        out.writeStaticString("/")
        out.writeDecimal(span)
        out.writeStaticString(sampled ? ";o=1\r\n" : ";o=0\r\n")
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UInt64? {
        var number: UInt64 = 0
        for index in start..<(start + count) {
            guard let digit = Hex.value(text[index]) else { return nil }
            number = number << 4 | UInt64(digit)
        }
        return number
    }
}
