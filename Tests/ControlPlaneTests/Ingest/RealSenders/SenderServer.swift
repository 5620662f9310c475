import ControlPlane
import Foundation
import Glibc
import Response
import Synchronization
import World

/// A desk behind a real socket, for senders that are programs: reads HTTP/1.1 with a Content-Length, on threads of its own, and
/// tells a book what the deeds say.
final class SenderServer: Sendable {
    struct State {
        var desk: IngestDesk
        var book = AlertBook()
        var keyed = KeyedAlerts()
        /// Other deeds than reports and ends.
        var others: [IngestDeed] = []
        var requests: [(line: String, status: Int)] = []
        var ids = 0
    }

    let port: Int
    let keys: [Integration.Sender: String]
    let state: Mutex<State>
    private let listener: Int32

    init() throws {
        var store = IntegrationKeys([])
        var keys: [Integration.Sender: String] = [:]
        for (index, sender) in Integration.Sender.allCases.enumerated() {
            let integration = Integration(
                name: sender.rawValue, sender: sender, created: Moment(milliseconds: 0), createdBy: "test")
            keys[sender] = try store.create(integration, random: (0..<29).map { UInt8($0 * 3 + index) }).key
        }
        self.keys = keys
        state = Mutex(State(desk: IngestDesk(keys: store)))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else { throw PlainClient.Broken(description: "no port: \(SystemError.last)") }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Serves while a test runs.
    static func with(_ body: (SenderServer) async throws -> Void) async throws {
        let server = try SenderServer()
        Thread.detachNewThread { server.accept() }
        defer { shutdown(server.listener, Int32(SHUT_RDWR)) }
        try await body(server)
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { break }
            Thread.detachNewThread { self.serve(connection) }
        }
        close(listener)
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let (request, line) = Self.request(in: bytes) {
                let text = answer(request, line)
                _ = text.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                return
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            bytes += buffer[..<count]
        }
    }

    private static func request(in bytes: [UInt8]) -> (APIRequest, String)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let length = fields["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= end.upperBound + length else { return nil }
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count > 1 else { return nil }
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = APIRequest(
            String(words[0]), String(target[0]), query: target.count > 1 ? String(target[1]) : "", fields: fields,
            body: Array(bytes[end.upperBound..<end.upperBound + length]))
        return (request, String(lines[0]))
    }

    private func answer(_ request: APIRequest, _ line: String) -> [UInt8] {
        let now = Moment(.live)
        let answer = state.withLock { state in
            state.ids += 1
            let digits = String(state.ids, radix: 16)
            let id = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
            let outcome = state.desk.take(request, now: now, id: id)
            for deed in outcome?.deeds ?? [] {
                switch deed {
                case .report, .resolve:
                    let book = state.book
                    for report in state.keyed.reports(for: deed, now: now, alert: { book.alerts[$0] }) {
                        _ = state.book.take(report, now: now)
                    }
                case .acknowledge, .note, .beat, .change, .confirm: state.others.append(deed)
                }
            }
            let answer = outcome?.answer ?? Answer(status: 404)
            state.requests.append((line, answer.status))
            return answer
        }
        let (body, type): ([UInt8], String) =
            switch answer.body {
            case .none, .live, .relay: ([], "text/plain")
            case .json(let bytes): (bytes, "application/json")
            case .text(let text): (Array(text.utf8), "text/plain")
            case .bytes(let bytes, let type): (bytes, type)
            }
        var head = "HTTP/1.1 \(answer.status) Answer\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in answer.fields { head += "\(name): \(value)\r\n" }
        return Array((head + "Connection: close\r\n\r\n").utf8) + body
    }

    // MARK: What came

    var firing: [Response.Alert] { state.withLock { $0.book.alerts.values.filter { $0.endedAt == nil } } }

    var ended: [Response.Alert] { state.withLock { $0.book.alerts.values.filter { $0.endedAt != nil } } }

    var others: [IngestDeed] { state.withLock { $0.others } }

    /// Each request's line and what it was answered.
    var log: [String] { state.withLock { $0.requests.map { "\($0.line) → \($0.status)" } } }
}
