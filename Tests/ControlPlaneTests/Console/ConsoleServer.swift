import ControlPlane
import Foundation
import Glibc
import Response
import Synchronization
import Testing

/// Serves the console of a scenario on a port of its own, and does what its forms ask for: a control plane small enough to see
/// through. Each connection has a thread and one request.
final class ConsoleServer: Sendable {
    private struct State {
        var scenario: ConsoleScenario
        var streams: [Int32] = []
        var isOver = false
        var counted = 0
    }

    let port: Int
    private let listener: Int32
    private let state: Mutex<State>
    private let role: PageContext.Role?

    init(_ scenario: ConsoleScenario, role: PageContext.Role? = .administrator) throws {
        state = Mutex(State(scenario: scenario))
        self.role = role
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw PlainClient.Broken(description: "no port for the console") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in accept() }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// What people and alerts did so far.
    var scenario: ConsoleScenario { state.withLock { $0.scenario } }

    /// Something happens, and everybody who listens hears of it.
    func happen(_ name: String, _ event: Event) {
        let streams = state.withLock { state in
            state.scenario.happen(event)
            return state.streams
        }
        for stream in streams { write(stream, "event: \(name)\ndata: {}\n\n") }
    }

    /// How many browsers listen.
    var listeners: Int { state.withLock { $0.streams.count } }

    func stop() {
        let streams = state.withLock { state in
            state.isOver = true
            return state.streams
        }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for stream in streams { shutdown(stream, Int32(SHUT_RDWR)) }
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else {
                if state.withLock({ $0.isOver }) || (errno != EINTR && errno != ECONNABORTED) { return }
                continue
            }
            var limit = timeval(tv_sec: 60, tv_usec: 0)
            setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            Thread.detachNewThread { [self] in
                serve(connection)
                state.withLock { state in state.streams.removeAll { $0 == connection } }
                close(connection)
            }
        }
    }

    private func serve(_ connection: Int32) {
        guard let request = read(connection) else { return }
        if request.path == "/events" {
            write(
                connection,
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\nretry: 200\n\n")
            state.withLock { $0.streams.append(connection) }
            // Until the browser goes away.
            var byte: UInt8 = 0
            while true {
                let count = recv(connection, &byte, 1, 0)
                if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { return }
                if state.withLock({ $0.isOver }) { return }
            }
        }
        let answer = answer(request)
        var head = "HTTP/1.1 \(answer.status) Answer\r\nConnection: close\r\n"
        for (name, value) in answer.fields { head += "\(name): \(value)\r\n" }
        if case .bytes(_, let type) = answer.body { head += "Content-Type: \(type)\r\n" }
        let body = Array(answer.text.utf8)
        write(connection, head + "Content-Length: \(body.count)\r\n\r\n" + answer.text)
        shutdown(connection, Int32(SHUT_WR))
    }

    private func answer(_ request: APIRequest) -> Answer {
        state.withLock { state in
            guard var page = try? state.scenario.page(role: role) else { return Answer(status: 500) }
            page.read(request)
            let outcome = ConsoleRoutes.handle(request, page, state.scenario.data)
            switch outcome {
            case .answer(let answer): return answer
            case .command(.event(let event, let next)):
                let before = state.scenario.responder
                let refusal = before.refusal(of: event, now: page.now)
                if let refusal { return ConsoleRoutes.refused(refusal, request, page) }
                state.scenario.happen(event)
                return ConsoleRoutes.redirect(next, page)
            case .command(.account(_, let next)): return ConsoleRoutes.redirect(next, page)
            case .command(.makeIntegration), .command(.rotateKey), .command(.removeIntegration),
                .command(.testIntegration):
                return ConsoleRoutes.redirect("/integrations?done=saved", page)
            }
        }
    }

    private func read(_ connection: Int32) -> APIRequest? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        func more() -> Bool {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            bytes += buffer[..<count]
            return true
        }
        var end = bytes.firstRange(of: Array("\r\n\r\n".utf8))
        while end == nil {
            guard more() else { return nil }
            end = bytes.firstRange(of: Array("\r\n\r\n".utf8))
        }
        guard let end else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3 else { return nil }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let length = fields["content-length"].flatMap { Int($0) } ?? 0
        while bytes.count - end.upperBound < length {
            guard more() else { return nil }
        }
        let target = words[1].split(separator: "?", maxSplits: 1).map(String.init)
        return APIRequest(
            String(words[0]), target[0], query: target.count > 1 ? target[1] : "", fields: fields,
            body: Array(bytes[end.upperBound...]))
    }

    private func write(_ connection: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}

extension Responder {
    /// Why an event would be refused, if so.
    func refusal(of event: Event, now: Moment) -> Refusal? {
        var copy = self
        return copy.event(event, now: now).refusal
    }
}
