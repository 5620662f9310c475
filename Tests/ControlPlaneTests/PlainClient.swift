import Foundation
import Glibc
import Testing
import World

/// A client of HTTP/1.1 that shows what came: status, fields and body of an answer.
struct PlainClient: Sendable {
    let port: Int

    struct Answer: Sendable {
        var status: Int
        var fields: [String: String]
        var body: String

        var json: JSONValue? { JSONValue(parsing: Array(body.utf8)) }
    }

    struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    func send(
        _ method: String, _ target: String, json: String? = nil, fields: [String: String] = [:]
    ) async throws -> Answer {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost", "Connection: close"]
        if let json {
            if fields["Content-Type"] == nil { lines.append("Content-Type: application/json") }
            lines.append("Content-Length: \(json.utf8.count)")
        }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            lines.append("\(name): \(value)")
        }
        let text = lines.joined(separator: "\r\n") + "\r\n\r\n" + (json ?? "")
        let bytes = try await exchange(Array(text.utf8))
        return try Self.parse(bytes, hasBody: method != "HEAD")
    }

    /// Sends bytes and gives back everything that came until the server closed. On a thread of its own: those of Swift and of
    /// Dispatch, two on two cores, are needed by the server.
    ///
    /// - Parameter mark: closes once this has come.
    func exchange(_ bytes: [UInt8], until mark: String? = nil) async throws -> [UInt8] {
        let port = port
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try Self.exchange(bytes, port, mark) })
            }
        }
    }

    static func exchange(_ bytes: [UInt8], _ port: Int, _ mark: String? = nil) throws -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Broken(description: "no socket") }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Broken(description: "nobody listens on \(port): \(SystemError.last)") }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // Who refuses a body early may close before it is all sent.
            guard count > 0 else { break }
            sent += count
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { break }
            guard count > 0 else {
                if errno == ECONNRESET, !received.isEmpty { break }
                throw Broken(description: "no answer: \(SystemError.last)")
            }
            received += buffer[..<count]
            if let mark, String(decoding: received, as: UTF8.self).contains(mark) { break }
        }
        return received
    }

    static func parse(_ bytes: [UInt8], hasBody: Bool = true) throws -> Answer {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            throw Broken(description: "no answer: \(String(decoding: bytes, as: UTF8.self))")
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let status = lines.first.flatMap { line in line.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = String(line[line.index(colon, offsetBy: 2)...])
        }
        var body = Array(bytes[end.upperBound...])
        if fields["transfer-encoding"] == "chunked" { body = dechunked(body) }
        return Answer(status: status ?? 0, fields: fields, body: String(decoding: body, as: UTF8.self))
    }

    private static func dechunked(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        var body: [UInt8] = []
        while let line = rest.firstRange(of: Array("\r\n".utf8)),
            let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16), size > 0,
            line.upperBound + size + 2 <= rest.endIndex
        {
            body += rest[line.upperBound..<line.upperBound + size]
            rest = rest[(line.upperBound + size + 2)...]
        }
        return body
    }
}
