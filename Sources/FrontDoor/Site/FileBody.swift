import NIOCore

/// A file on its way to a client: its header fields and the part of it that is sent.
struct FileBody: Sendable {
    let file: OpenFile
    let name: String
    let type: String
    let coding: String?
    let hasVariants: Bool

    var entityTag: String {
        let time = String(file.modifiedSecond, radix: 16) + "." + String(file.modifiedNanosecond, radix: 16)
        return "\"\(String(file.size, radix: 16))-\(time)\(coding.map { "-" + $0 } ?? "")\""
    }

    /// What the client is sent: a status, header fields, and a range of bytes.
    struct Plan: Sendable {
        var status: Int
        var fields: ByteBuffer
        var range: Range<Int>
    }

    func plan(_ request: FileRequest) -> Plan {
        var fields = ByteBuffer()
        fields.writeString("ETag: \(entityTag)\r\nLast-Modified: \(UnixTime.httpDate(file.modifiedSecond))\r\n")
        fields.writeString("Cache-Control: \(cacheControl)\r\n")
        if hasVariants { fields.writeStaticString("Vary: Accept-Encoding\r\n") }
        if isUnchanged(request) { return Plan(status: 304, fields: fields, range: 0..<0) }
        fields.writeString("Content-Type: \(type)\r\nX-Content-Type-Options: nosniff\r\nAccept-Ranges: bytes\r\n")
        if let coding { fields.writeString("Content-Encoding: \(coding)\r\n") }
        guard let wanted = request.range, request.ifRange.map({ $0 == entityTag }) ?? true else {
            return Plan(status: 200, fields: fields, range: 0..<file.size)
        }
        switch Self.parse(range: wanted, size: file.size) {
        case .whole: return Plan(status: 200, fields: fields, range: 0..<file.size)
        case .part(let range):
            fields.writeString("Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)\r\n")
            return Plan(status: 206, fields: fields, range: range)
        case .unsatisfiable:
            fields.writeString("Content-Range: bytes */\(file.size)\r\n")
            return Plan(status: 416, fields: fields, range: 0..<0)
        }
    }

    /// If-None-Match decides alone when it is there (RFC 9110 §13.2.2).
    private func isUnchanged(_ request: FileRequest) -> Bool {
        if let tags = request.ifNoneMatch {
            return tags.split(separator: ",").contains { tag in
                let tag = tag.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
                let text = String(tag)
                return text == "*" || text == entityTag || text == "W/" + entityTag
            }
        }
        guard let since = request.ifModifiedSince.flatMap({ UnixTime.parse(httpDate: $0) }) else { return false }
        return file.modifiedSecond <= since
    }

    enum RangeAnswer: Equatable {
        case whole
        case part(Range<Int>)
        case unsatisfiable
    }

    /// One range of bytes (RFC 9110 §14.1.2); several, or none that can be read, give the whole file as §14.2 allows.
    static func parse(range text: String, size: Int) -> RangeAnswer {
        guard text.lowercased().hasPrefix("bytes=") else { return .whole }
        let spec = text.dropFirst(6)
        guard !spec.contains(","), let dash = spec.firstIndex(of: "-") else { return .whole }
        let first = spec[..<dash]
        let last = spec[spec.index(after: dash)...]
        func number(_ text: Substring) -> Int? { text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil }
        if first.isEmpty {
            guard let count = number(last) else { return .whole }
            return count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count)..<size)
        }
        guard let start = number(first) else { return .whole }
        var end = size
        if !last.isEmpty {
            guard let stop = number(last), stop >= start else { return .whole }
            end = min(size, stop == Int.max ? stop : stop + 1)
        }
        return start >= size ? .unsatisfiable : .part(start..<end)
    }

    /// Names that bundlers derive from the content never change meaning; everything else is asked for again each time.
    private var cacheControl: String {
        Self.isHashed(name) ? "public, max-age=31536000, immutable" : "no-cache"
    }

    /// Whether a name carries a content hash, as in `app.3f9c2b1a.js` or `index-DiwrgTda2.css`.
    static func isHashed(_ name: String) -> Bool {
        let parts = name.split(whereSeparator: { $0 == "." || $0 == "-" })
        guard parts.count >= 3, name.utf8.last != UInt8(ascii: ".") else { return false }
        guard !name.hasSuffix(".html"), !name.hasSuffix(".htm") else { return false }
        let candidates = parts.dropFirst().dropLast()
        return candidates.contains { part in
            part.utf8.count >= 8 && part.utf8.contains { (0x30...0x39).contains($0) }
                && part.utf8.allSatisfy { byte in
                    Token.contains(byte) && byte != UInt8(ascii: "~")
                } && !part.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }
}

/// The media type of a file name.
enum ContentType {
    static func of(_ name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return "application/octet-stream" }
        return switch name[name.index(after: dot)...].lowercased() {
        case "html", "htm": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json", "map": "application/json"
        case "webmanifest": "application/manifest+json"
        case "xml": "application/xml"
        case "txt": "text/plain; charset=utf-8"
        case "md": "text/markdown; charset=utf-8"
        case "csv": "text/csv; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "gif": "image/gif"
        case "webp": "image/webp"
        case "avif": "image/avif"
        case "ico": "image/x-icon"
        case "woff": "font/woff"
        case "woff2": "font/woff2"
        case "ttf": "font/ttf"
        case "otf": "font/otf"
        case "wasm": "application/wasm"
        case "pdf": "application/pdf"
        case "mp4": "video/mp4"
        case "webm": "video/webm"
        case "mp3": "audio/mpeg"
        case "ogg": "audio/ogg"
        case "zip": "application/zip"
        default: "application/octet-stream"
        }
    }
}
