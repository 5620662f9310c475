import Glibc
import Synchronization
import TestKit
import Testing
import World

/// A server of somebody's that takes messages, and now and then does not: it answers 500 or 429, closes before or within its
/// answer, takes the message and closes, or says nothing.
final class FaultySink: Sendable {
    private enum Deed {
        case take, takeAndClose, refuse, busy, close, cut, hang

        static func drawn<Generator: RandomNumberGenerator>(_ random: inout Generator) -> Deed {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<54: .take
            case 54..<60: .takeAndClose
            case 60..<74: .refuse
            case 74..<78: .busy
            case 78..<86: .close
            case 86..<92: .cut
            default: .hang
            }
        }
    }

    /// What became of one key's requests.
    struct Tally: Sendable {
        var requests = 0
        /// Those that were taken and answered so; the sender need not have lived to read it.
        var taken = 0
    }

    private struct Contents: Sendable {
        var random: SeededGenerator
        var isWell = false
        var isOver = false
        var tallies: [String: Tally] = [:]
        var open: Set<Int32> = []
        var threads = 0
    }

    let port: Int
    private let listener: Int32
    private let contents: Mutex<Contents>

    init(seed: UInt64) throws {
        contents = Mutex(Contents(random: SeededGenerator(seed: seed)))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(listener, place, length) == 0 && listen(listener, 256) == 0
                    && getsockname(listener, place, &length) == 0
            }
        }
        guard bound else { throw PostingClient.Unreachable() }
        port = Int(UInt16(bigEndian: address.sin_port))
        enter()
        SinkThread.begin { [self] in
            defer { leave() }
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                guard open(descriptor) else {
                    close(descriptor)
                    continue
                }
                SinkThread.begin { [self] in
                    serve(descriptor)
                    shut(descriptor)
                }
            }
        }
    }

    var tallies: [String: Tally] { contents.withLock { $0.tallies } }

    /// Takes everything from now on, and ends what hangs.
    func heal() { contents.withLock { $0.isWell = true } }

    /// Closes everything and waits for its threads.
    func end() async throws {
        contents.withLock { contents in
            contents.isOver = true
            contents.isWell = true
            for descriptor in contents.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
        try await eventually(within: .seconds(60)) { contents.withLock { $0.threads } == 0 }
        close(listener)
    }

    private func enter() { contents.withLock { $0.threads += 1 } }

    private func leave() { contents.withLock { $0.threads -= 1 } }

    private func open(_ descriptor: Int32) -> Bool {
        contents.withLock { contents in
            guard !contents.isOver else { return false }
            contents.open.insert(descriptor)
            contents.threads += 1
            return true
        }
    }

    private func shut(_ descriptor: Int32) {
        contents.withLock { contents in
            contents.open.remove(descriptor)
            contents.threads -= 1
            close(descriptor)
        }
    }

    private func serve(_ descriptor: Int32) {
        var buffer: [UInt8] = []
        while let key = request(descriptor, &buffer) {
            let deed = contents.withLock { contents in
                let deed = contents.isWell ? .take : Deed.drawn(&contents.random)
                contents.tallies[key, default: Tally()].requests += 1
                switch deed {
                case .take, .takeAndClose: contents.tallies[key]?.taken += 1
                case .refuse, .busy, .close, .cut, .hang: break
                }
                return deed
            }
            switch deed {
            case .take: guard say("200 OK\r\nContent-Length: 2\r\n\r\n{}", descriptor) else { return }
            case .takeAndClose:
                _ = say("200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", descriptor)
                return
            case .refuse:
                guard say("500 Oh\r\nContent-Length: 0\r\n\r\n", descriptor) else { return }
            case .busy:
                guard say("429 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n", descriptor) else { return }
            case .close: return
            case .cut:
                _ = say("200 OK\r\nContent-Length: 20\r\n\r\n{", descriptor)
                return
            case .hang:
                var watched = pollfd(fd: descriptor, events: Int16(POLLIN | 0x2000), revents: 0)
                while !contents.withLock({ $0.isWell }), poll(&watched, 1, 20) == 0 {}
                return
            }
        }
    }

    /// The key of the next request on a connection; `nil` once it is over.
    private func request(_ descriptor: Int32, _ buffer: inout [UInt8]) -> String? {
        while true {
            if let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
                let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).lowercased().split(
                    separator: "\r\n")
                func field(_ name: String) -> String? {
                    lines.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.utf8.count + 2)) }
                }
                let length = field("content-length").flatMap { Int($0) } ?? 0
                if buffer.count >= end.upperBound + length {
                    let body = Array(buffer[end.upperBound..<end.upperBound + length])
                    buffer.removeFirst(end.upperBound + length)
                    return JSONValue(parsing: body)?["key"]?.string ?? field("idempotency-key") ?? "no key"
                }
            }
            var part = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { return nil }
            buffer += part[..<count]
        }
    }

    private func say(_ text: String, _ descriptor: Int32) -> Bool {
        let bytes = Array("HTTP/1.1 \(text)".utf8)
        return send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
