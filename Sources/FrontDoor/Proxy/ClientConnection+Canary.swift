import NIOCore

extension ClientConnection {
    /// The line that keeps a client on its side, for an answer of the service.
    func ticketLine(_ bytes: UnsafeRawBufferPointer, _ fields: [HeadParser.Field]) -> ByteBuffer? {
        for field in fields where bytes.slice(field.name).equalsIgnoringCase("cache-control") {
            if Self.isShared(bytes.slice(field.value)) { return nil }
        }
        return ticketLine
    }

    /// The same for an answer of the front door's own.
    func ticketLine(_ fields: ByteBuffer) -> ByteBuffer? {
        fields.withUnsafeReadableBytes(Self.isShared) ? nil : ticketLine
    }

    /// Failed answers bind too: a new release that fails would otherwise lose its clients, and be judged by nobody.
    private var ticketLine: ByteBuffer? {
        guard var ticket = exchange.ticket else { return nil }
        if isSecure { ticket.isSecure = true }
        return exchange.service?.canary?.line(for: ticket)
    }

    /// Whether shared caches may keep the answer (RFC 9111 §5.2.2): one client's ticket would become everybody's.
    private static func isShared(_ text: UnsafeRawBufferPointer) -> Bool {
        contains(text, "public") || contains(text, "s-maxage")
    }

    private static func contains(_ text: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard text.count >= length else { return false }
        return (0...(text.count - length)).contains { start in
            UnsafeRawBufferPointer(rebasing: text[start..<(start + length)]).equalsIgnoringCase(word)
        }
    }
}
