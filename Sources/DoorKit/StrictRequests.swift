/// The requests in a stream of bytes, up to the first that no reader may accept.
package struct StrictRequests: Sendable {
    package var requests: [StrictMessage] = []
    /// Why the stream is not read further; nil at its end.
    package var problem: String?

    /// - Parameter isForwarded: the bytes come from the front door, which has to be stricter than what it may accept.
    package init(_ bytes: [UInt8], isForwarded: Bool) {
        var reader = StrictReader(bytes)
        do {
            while true {
                if !isForwarded { reader.skipEmptyLines() }
                if reader.isAtEnd { return }
                guard var message = try Self.head(&reader, isForwarded: isForwarded) else { return }
                // One whose body breaks off, or turns out malformed, has begun all the same.
                requests.append(message)
                defer { requests[requests.count - 1] = message }
                try Self.body(&message, &reader, isForwarded: isForwarded)
                if !message.isComplete { return }
            }
        } catch let error as Malformed {
            problem = error.problem
        } catch {
            problem = "\(error)"
        }
    }

    private static func head(_ reader: inout StrictReader, isForwarded: Bool) throws -> StrictMessage? {
        guard let line = try reader.line() else { return nil }
        let start = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard start.count == 3, Text.isToken(start[0]), !start[1].isEmpty else {
            throw Malformed(problem: "a request line: \(line)")
        }
        guard start[2].hasPrefix("HTTP/1."), start[2].utf8.count == 8, !isForwarded || start[2] == "HTTP/1.1" else {
            throw Malformed(problem: "a version: \(line)")
        }
        guard let fields = try reader.fields() else {
            return isForwarded ? StrictMessage(start: start, fields: []) : nil
        }
        let message = StrictMessage(start: start, fields: fields)
        let isOld = start[2] == "HTTP/1.0"
        guard message.values("host").count == 1 || isOld && message.values("host").isEmpty else {
            throw Malformed(problem: "\(message.values("host").count) Host fields")
        }
        if isForwarded { try checkForwarded(message) }
        let lengths = message.values("content-length")
        let codings = message.values("transfer-encoding")
        if !codings.isEmpty {
            guard lengths.isEmpty, !isOld, codings.count == 1, codings[0].lowercased() == "chunked" else {
                throw Malformed(problem: "the framing is \(codings), \(lengths)")
            }
        } else if !lengths.isEmpty {
            guard lengths.count == 1, Text.isNumber(lengths[0]), Int(lengths[0]) != nil else {
                throw Malformed(problem: "the length is \(lengths)")
            }
        }
        return message
    }

    private static func body(_ message: inout StrictMessage, _ reader: inout StrictReader, isForwarded: Bool) throws {
        if !message.values("transfer-encoding").isEmpty {
            message.isComplete = try reader.chunks(into: &message, allowsExtensions: !isForwarded)
        } else {
            let length = message.values("content-length").first.flatMap { Int($0) } ?? 0
            message.body = reader.take(length)
            message.isComplete = message.body.count == length
        }
    }

    /// What must not go beyond this hop, and what must be there (RFC 9110 §7.6).
    private static func checkForwarded(_ message: StrictMessage) throws {
        guard message.values("host").count == 1 else { throw Malformed(problem: "no Host was forwarded") }
        let forbidden = ["keep-alive", "proxy-connection", "proxy-authorization", "te", "http2-settings"]
        for field in message.fields where forbidden.contains(field.name) {
            throw Malformed(problem: "\(field.name) was forwarded")
        }
        let options = message.tokens("connection")
        let protocols = message.tokens("upgrade")
        guard options.isEmpty && protocols.isEmpty || options == ["upgrade"] && !protocols.isEmpty else {
            throw Malformed(problem: "Connection \(options) with Upgrade \(protocols) was forwarded")
        }
        if protocols.contains(where: { $0 == "h2c" || $0.hasPrefix("h2c/") }) {
            throw Malformed(problem: "h2c was forwarded")
        }
        for name in ["via", "x-request-id", "x-forwarded-for", "x-forwarded-proto"] where message.values(name).isEmpty {
            throw Malformed(problem: "\(name) is missing")
        }
        let start = message.start[1].utf8.first
        guard start == UInt8(ascii: "/") || message.start[1] == "*" else {
            throw Malformed(problem: "the target \(message.start[1])")
        }
    }
}
