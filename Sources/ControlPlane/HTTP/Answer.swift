import FrontDoor
import NIOCore

/// What a request is answered.
package struct Answer: Sendable {
    package enum Body: Sendable {
        case none
        case json([UInt8])
        case text(String)
        /// Of a media type.
        case bytes([UInt8], type: String)
        /// Events as they happen, until one of both closes.
        case live
        /// Somebody else's answer without an end, as it comes.
        case relay(Relay)
    }

    package var status: Int
    package var body: Body
    /// Name and value of further fields.
    package var fields: [(String, String)]

    package init(status: Int, body: Body = .none, fields: [(String, String)] = []) {
        self.status = status
        self.body = body
        self.fields = fields
    }

    package static var ok: Answer { Answer(status: 200) }

    static func json(_ status: Int = 200, _ body: (inout JSONWriter) -> Void) -> Answer {
        var writer = JSONWriter()
        body(&writer)
        return Answer(status: status, body: .json(writer.bytes))
    }

    /// A refusal as Alertmanager's own handlers write it: the text as a JSON string.
    static func refusal(_ status: Int, _ text: String) -> Answer { json(status) { $0.write(text) } }

    /// A refusal as go-openapi writes it, before a handler is asked.
    static func problem(_ status: Int, code: Int? = nil, _ message: String) -> Answer {
        json(status) { writer in
            writer.object { writer in
                writer.key("code")
                writer.write(code ?? status)
                writer.key("message")
                writer.write(message)
            }
        }
    }

    static func tryLater(_ text: String, status: Int = 429, seconds: Int = 1) -> Answer {
        var answer = refusal(status, text)
        answer.fields.append(("Retry-After", "\(seconds)"))
        return answer
    }
}

extension Answer {
    /// Writes head and body.
    ///
    /// - Parameters:
    ///   - date: the Date field with its line end (RFC 9110 §6.6.1).
    ///   - withBody: `HEAD` is answered without.
    func write(to buffer: inout ByteBuffer, date: String, keepAlive: Bool, withBody: Bool) {
        buffer.writeString("HTTP/1.1 \(status) \(Self.phrase(status))\r\n")
        buffer.writeString(date)
        switch body {
        case .none:
            buffer.writeString("Content-Length: 0\r\n")
            writeEnd(&buffer, keepAlive)
        case .json(let bytes):
            // Alertmanager ends its bodies with a line feed.
            buffer.writeString("Content-Type: application/json\r\nContent-Length: \(bytes.count + 1)\r\n")
            writeEnd(&buffer, keepAlive)
            guard withBody else { return }
            buffer.writeBytes(bytes)
            buffer.writeInteger(UInt8(0x0a))
        case .text(let text):
            buffer.writeString(
                "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n")
            writeEnd(&buffer, keepAlive)
            if withBody { buffer.writeString(text) }
        case .bytes(let bytes, let type):
            buffer.writeString("Content-Type: \(type)\r\nContent-Length: \(bytes.count)\r\n")
            writeEnd(&buffer, keepAlive)
            if withBody { buffer.writeBytes(bytes) }
        case .live:
            buffer.writeString("Content-Type: text/event-stream\r\nCache-Control: no-store\r\n")
            writeEnd(&buffer, false)
            if withBody { buffer.writeString("retry: 2000\n\n") }
        case .relay(let relay):
            buffer.writeString("Content-Type: \(relay.type)\r\n")
            writeEnd(&buffer, false)
        }
    }

    private func writeEnd(_ buffer: inout ByteBuffer, _ keepAlive: Bool) {
        for (name, value) in fields { buffer.writeString("\(name): \(value)\r\n") }
        buffer.writeString(keepAlive ? "\r\n" : "Connection: close\r\n\r\n")
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 303: "See Other"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Entity"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Answer"
        }
    }
}
