package import NIOCore
package import NIOHPACK

/// Heads between the fields of HTTP/2 and the text of HTTP/1.1 (RFC 9113 §8).
///
/// NIOHTTP2 refuses malformed fields before they come here. They are judged again, since what slips through would be written
/// into the text that services read: a line end in a value is a second request (RFC 9113 §10.3).
package enum HTTP2Fields {
    /// A request's head.
    ///
    /// - Parameter hasBody: the stream goes on behind the fields.
    package static func request(_ fields: HPACKHeaders, hasBody: Bool) throws(Reason) -> ByteBuffer {
        let pseudo = try PseudoFields(fields)
        var out = ByteBufferAllocator().buffer(capacity: 512)
        out.writeString(pseudo.method)
        out.writeStaticString(" ")
        out.writeString(pseudo.path)
        out.writeStaticString(" HTTP/1.1\r\n")
        var cookies: [String] = []
        var hasLength = false
        var hosts = 0
        if let authority = pseudo.authority { line("Host", authority, &out) }
        for (name, value, _) in fields where !name.utf8.starts(with: ":".utf8) {
            try check(name: name, value: value)
            switch name {
            case "host":
                hosts += 1
                guard hosts == 1, pseudo.authority.map({ $0.lowercased() == value.lowercased() }) ?? true else {
                    throw .hostDuplicate
                }
                if pseudo.authority == nil { line("Host", value, &out) }
            case "cookie":
                // Split for compression only (RFC 9113 §8.2.3).
                cookies.append(value)
            case "content-length":
                hasLength = true
                line(name, value, &out)
            default: line(name, value, &out)
            }
        }
        if !cookies.isEmpty { line("cookie", cookies.joined(separator: "; "), &out) }
        if hasBody, !hasLength { out.writeStaticString("Transfer-Encoding: chunked\r\n") }
        out.writeStaticString("\r\n")
        return out
    }

    /// A request's trailer section: lines and an empty one.
    static func trailers(_ fields: HPACKHeaders) throws(Reason) -> ByteBuffer {
        var out = ByteBuffer()
        for (name, value, _) in fields {
            try check(name: name, value: value)
            line(name, value, &out)
        }
        out.writeStaticString("\r\n")
        return out
    }

    private static func line(_ name: String, _ value: String, _ out: inout ByteBuffer) {
        out.writeString(name)
        out.writeStaticString(": ")
        out.writeString(value)
        out.writeStaticString("\r\n")
    }

    private static func check(name: String, value: String) throws(Reason) {
        guard !name.isEmpty, name.utf8.allSatisfy({ Token.contains($0) && !(0x41...0x5A).contains($0) }) else {
            throw .headerName
        }
        // Obsolete line folding, CR, LF and NUL above all (RFC 9113 §8.2.1).
        if value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) { throw .headerValue }
        switch name {
        case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade": throw .connectionField
        case "te": if value != "trailers" { throw .connectionField }
        default: break
        }
    }

    // MARK: Answers

    /// The fields of an answer's head in text that the front door wrote itself.
    static func answer(_ head: ByteBuffer) -> HPACKHeaders {
        var fields = HPACKHeaders()
        head.withUnsafeReadableBytes { bytes in
            // HTTP/1.1 NNN
            guard bytes.count >= 12 else { return }
            fields.add(name: ":status", value: String(decoding: bytes[9..<12], as: UTF8.self))
            let end = bytes.firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
            lines(UnsafeRawBufferPointer(rebasing: bytes[end...]), into: &fields)
        }
        return fields
    }

    /// The fields of lines, as of a trailer section.
    static func fields(_ section: ByteBuffer) -> HPACKHeaders {
        var fields = HPACKHeaders()
        section.withUnsafeReadableBytes { lines($0, into: &fields) }
        return fields
    }

    private static func lines(_ bytes: UnsafeRawBufferPointer, into fields: inout HPACKHeaders) {
        var start = 0
        while start < bytes.count, let feed = bytes[start...].firstIndex(of: 0x0A) {
            defer { start = feed + 1 }
            let line = bytes[start..<feed]
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            var valueStart = colon + 1
            var valueEnd = feed
            while valueStart < valueEnd, isBlank(bytes[valueStart]) { valueStart += 1 }
            while valueEnd > valueStart, isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
            let name = lowercased(UnsafeRawBufferPointer(rebasing: bytes[start..<colon]))
            switch name {
            case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade": continue
            default: break
            }
            fields.add(
                name: name, value: String(decoding: bytes[valueStart..<valueEnd], as: UTF8.self),
                indexing: indexing(name))
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private static func lowercased(_ name: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: name.count) { out in
            for index in 0..<name.count {
                let byte = name[index]
                out[index] = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
            }
            return name.count
        }
    }

    /// What differs from answer to answer would only push useful fields out of the compression's table, and a secret there
    /// can be guessed by its length (RFC 7541 §7.1).
    private static func indexing(_ name: String) -> HPACKIndexing {
        switch name {
        case "set-cookie": .neverIndexed
        case "x-request-id", "content-length", "etag", "last-modified", "content-range": .nonIndexable
        default: .indexable
        }
    }
}

/// The pseudo-header fields of a request (RFC 9113 §8.3.1).
private struct PseudoFields {
    var method = ""
    var path = ""
    var authority: String?

    init(_ fields: HPACKHeaders) throws(Reason) {
        var seen: Set<String> = []
        var isBehindFields = false
        for (name, value, _) in fields {
            guard name.utf8.starts(with: ":".utf8) else {
                isBehindFields = true
                continue
            }
            guard !isBehindFields, seen.insert(name).inserted else { throw .pseudoHeader }
            switch name {
            case ":method":
                guard !value.isEmpty, value.utf8.allSatisfy({ Token.contains($0) }) else { throw .pseudoHeader }
                method = value
            case ":path": path = value
            case ":authority":
                if value.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { throw .hostInvalid }
                authority = value.isEmpty ? nil : value
            case ":scheme":
                guard value == "https" || value == "http" else { throw .pseudoHeader }
            default: throw .pseudoHeader
            }
        }
        if method == "CONNECT" { throw .connectMethod }
        guard seen.contains(":scheme"), !method.isEmpty else { throw .pseudoHeader }
        // Origin form, or the asterisk of OPTIONS; an absolute form would bring a second authority.
        guard path.utf8.first == UInt8(ascii: "/") || path == "*" && method == "OPTIONS",
            !path.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
        else { throw .pseudoHeader }
    }
}
