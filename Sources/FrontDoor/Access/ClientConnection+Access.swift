import NIOCore

extension ClientConnection {
    /// Writes the line of the present request into the access log.
    func logAccess(status: Int, microseconds: UInt64) {
        guard let log = loop.accessLog else { return }
        log.write { out in
            let head = exchange.head
            out.writeMember("status", UInt64(status))
            exchange.bytes.withUnsafeReadableBytes { bytes in
                guard !bytes.isEmpty else { return }
                out.writeMember("method", bytes.slice(head.methodSpan), most: 32)
                out.writeMemberName("target")
                out.writeInteger(UInt8(ascii: "\""))
                out.writeRedactedTarget(bytes.slice(head.target), most: 2048)
                out.writeInteger(UInt8(ascii: "\""))
                out.writeMember("host", bytes.slice(head.host), most: 255)
                out.writeMember("protocol", word: stream != nil ? "HTTP/2" : head.isHTTP10 ? "HTTP/1.0" : "HTTP/1.1")
            }
            if let tls { out.writeMember("tls", word: tls) }
            out.writeMember("durationMs", microseconds: microseconds)
            if let sent = exchange.sentAt, let answered = exchange.answeredAt {
                out.writeMember("upstreamMs", microseconds: Self.microseconds(from: sent, to: answered))
            }
            out.writeMember("bytesIn", UInt64(exchange.bytes.readableBytes + exchange.body.total + exchange.tunnelIn))
            out.writeMember("bytesOut", UInt64(exchange.bytesOut))
            writeClient(&out)
            if let service = exchange.service { out.writeMember("service", service.name) }
            if let release = exchange.release { out.writeMember("release", release.runtime.release) }
            if let replica = exchange.replica { out.writeMember("replica", replica) }
            if exchange.attempts > 1 { out.writeMember("retries", UInt64(exchange.attempts - 1)) }
            if let reason = exchange.reason { out.writeMember("reason", reason.rawValue) }
            if exchange.clientLeft { out.writeStaticString(",\"clientLeft\":true") }
            out.writeMemberName("requestId")
            out.writeInteger(UInt8(ascii: "\""))
            switch exchange.requestID {
            case .made: exchange.requestID.write(&out)
            case .given(let text): text.withUnsafeReadableBytes { out.writeJSONText($0) }
            }
            out.writeInteger(UInt8(ascii: "\""))
            if let trace = exchange.trace {
                out.writeStaticString(",\"traceId\":\"")
                out.writeHex16(trace.traceHigh)
                out.writeHex16(trace.traceLow)
                out.writeInteger(UInt8(ascii: "\""))
            }
            if !exchange.userAgent.isEmpty {
                exchange.bytes.withUnsafeReadableBytes {
                    out.writeMember("userAgent", $0.slice(exchange.userAgent), most: 512)
                }
            }
        }
    }

    /// Where the present head names its user agent; asked while its fields are there.
    func userAgent(_ bytes: UnsafeRawBufferPointer) -> Span32 {
        for field in parser.fields where field.name.count == 10 && field.known == .other {
            if bytes.slice(field.name).equalsIgnoringCase("user-agent") { return field.value }
        }
        return .empty
    }

    /// The peer, or on a listener that trusts it the one whom it names, as for rates.
    private func writeClient(_ out: inout ByteBuffer) {
        if !exchange.head.forwardedFor.isEmpty, loop.snapshot.listeners[listener]?.trustsForwarded == true {
            let field = exchange.bytes.withUnsafeReadableBytes {
                String(decoding: $0.slice(exchange.head.forwardedFor), as: UTF8.self)
            }
            if let entry = ClientAddress.forwardedEntry(field) {
                out.writeMember("client", String(entry.text))
                return
            }
        }
        peer.withUnsafeReadableBytes { out.writeMember("client", $0, most: 64) }
    }

    static func microseconds(from start: NIODeadline, to end: NIODeadline) -> UInt64 {
        UInt64(max(0, (end - start).nanoseconds)) / 1_000
    }
}
