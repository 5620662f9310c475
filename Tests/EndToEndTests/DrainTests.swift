import Synchronization
import Testing
import World

/// Long requests while a release takes over: a slow answer, a stream of events, an upload and a WebSocket, through the built
/// binary, a real front door and real replicas.
@Suite("What is under way at a switch", .serialized, .timeLimit(.minutes(10)))
struct DrainTests {
    @Test("finishes on the old release, and what is not done when the drain time is over is cut, counted and shown")
    func story() async throws {
        try await PlatformFixture.with { live in
            try Folder.make(live.root + "/live", mode: 0o755)
            try live.write("live/server.py", Self.server("1"))
            try live.write("hauban.yaml", Self.platform(drain: "30s"))
            try await live.deploy(expecting: 0)
            let port = try await live.port()

            try await finishes(live, port)
            // The second switch still goes by the drain time of the release that leaves; the third by one second.
            try live.write("live/server.py", Self.server("3"))
            try live.write("hauban.yaml", Self.platform(drain: "1s"))
            try await live.deploy(expecting: 0)
            try await isCut(live, port)
        }
    }

    private func finishes(_ live: PlatformFixture, _ port: Int) async throws {
        let slow = try await Line.open(port, "GET /slow?5 HTTP/1.1\r\nHost: live\r\n\r\n")
        let events = try await Line.open(port, "GET /events?25 HTTP/1.1\r\nHost: live\r\n\r\n")
        let upload = try await Line.open(port, "POST /upload HTTP/1.1\r\nHost: live\r\nContent-Length: 50\r\n\r\n")
        let socket = try await Line.open(port, Self.upgrade)
        _ = try await socket.until("\r\n\r\n")
        try await live.eventually("all four are under way") { try await inFlight(live) == 4 }
        try live.write("live/server.py", Self.server("2"))
        let deploy = Task { try await live.deploy(expecting: 0) }
        let sender = Task {
            for _ in 0..<25 {
                try await upload.send("ab")
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        try await live.eventually("the new release serves") { try await version(port) == "2" }
        for round in 0..<3 {
            try await socket.send(Self.frame("hello \(round)"))
            #expect(try await socket.until("hello \(round)").contains("1: hello \(round)"))
        }
        #expect(try await slow.until("slow").contains("slow 1"))
        let streamed = try await events.until("0\r\n\r\n")
        #expect(streamed.contains("data: 1 24\n\n"))
        try await sender.value
        #expect(try await upload.until("got").contains("got 50 by 1"))
        // A closing handshake, begun by the client.
        try await socket.send([0x88, 0x80, 0, 0, 0, 0])
        try await socket.untilEnd()
        let outcome = try await deploy.value
        #expect(!outcome.output.contains(" cut "), "\(outcome.output)")
        #expect(try await metric(live, "hauban_requests_cut_total").allSatisfy { $0.hasSuffix(" 0") })
    }

    private func isCut(_ live: PlatformFixture, _ port: Int) async throws {
        let slow = try await Line.open(port, "GET /slow?60 HTTP/1.1\r\nHost: live\r\n\r\n")
        let events = try await Line.open(port, "GET /events?600 HTTP/1.1\r\nHost: live\r\n\r\n")
        let socket = try await Line.open(port, Self.upgrade)
        _ = try await socket.until("\r\n\r\n")
        try await live.eventually("all three are under way") { try await inFlight(live) == 3 }
        try live.write("live/server.py", Self.server("4"))
        let outcome = try await live.deploy(expecting: 0)
        let words = "live: 2 requests and 1 WebSocket were cut after 1s of drain"
        guard case .array(let notes)? = outcome.json?["notes"] else {
            throw PlatformFixture.FixtureError(text: "no notes")
        }
        #expect(notes.contains(.string(words)), "\(outcome.output)")
        let refused = try await slow.until("}}")
        #expect(refused.contains("503 Service Unavailable") && refused.contains("drain-deadline"), "\(refused)")
        #expect(try await !events.untilEnd().contains("0\r\n\r\n"), "a cut stream does not look whole")
        // RFC 6455 §7.4.1: 1001, going away.
        #expect(try await socket.bytesUntilEnd().suffix(4) == [0x88, 0x02, 0x03, 0xE9])
        let status = try await live.hauban("status", "dev")
        #expect(status.output.contains(words), "\(status.output)")
        let json = try await live.hauban("status", "dev", "--json").json
        #expect(json?["lastRelease"]?["reason"]?.string?.hasSuffix(words) == true)
        guard case .array(let signals)? = json?["signals"] else {
            throw PlatformFixture.FixtureError(text: "no signals")
        }
        #expect(signals.contains { $0["release"]?.string == "r3" && $0["cut"] == .number("3") }, "\(status.output)")
        #expect(try await metric(live, "hauban_requests_cut_total").contains { $0.contains("\"r3\"} 3") })
        #expect(try await version(port) == "4")
        // A deploy for people says it too.
        let history = try await live.hauban("history", "dev")
        #expect(history.output.contains(words), "\(history.output)")
    }

    // MARK: Parts

    private func version(_ port: Int) async throws -> String {
        try await HTTPRequest(url: "http://127.0.0.1:\(port)/version").send(within: .seconds(60)).body
    }

    private func inFlight(_ live: PlatformFixture) async throws -> Int {
        let lines = try await metric(live, "hauban_requests_in_flight")
        return lines.reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
    }

    /// The lines of one metric, from the front door's own socket.
    private func metric(_ live: PlatformFixture, _ name: String) async throws -> [String] {
        let socket = try #require(
            live.processes().lazy.compactMap { pid -> String? in
                let bytes = (try? SmallFile.read("/proc/\(pid)/cmdline")) ?? []
                let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
                guard words.contains("front-door"), let at = words.firstIndex(of: "--control") else { return nil }
                return words[at + 1]
            }.first)
        let connection = try await Socket.connect(path: socket, timeout: .seconds(60))
        try await connection.send(
            Array("GET /metrics HTTP/1.1\r\nHost: door\r\nConnection: close\r\n\r\n".utf8), timeout: .seconds(60))
        var bytes: [UInt8] = []
        while true {
            let part = try await connection.receive(timeout: .seconds(60))
            if part.isEmpty { break }
            bytes += part
        }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
            .filter { $0.hasPrefix(name + "{") }
    }

    /// A connection on which a test talks by hand.
    private actor Line {
        private let socket: Socket
        private var bytes: [UInt8] = []

        private init(_ socket: Socket) { self.socket = socket }

        static func open(_ port: Int, _ request: String) async throws -> Line {
            let line = Line(try await Socket.connect(port: port, timeout: .seconds(60)))
            try await line.send(request)
            return line
        }

        func send(_ text: String) async throws { try await send(Array(text.utf8)) }

        func send(_ bytes: [UInt8]) async throws { try await socket.send(bytes, timeout: .seconds(60)) }

        func until(_ end: String) async throws -> String {
            while true {
                let text = String(decoding: bytes, as: UTF8.self)
                if text.utf8.firstRange(of: end.utf8) != nil { return text }
                let part = try await socket.receive(timeout: .seconds(60))
                guard !part.isEmpty else { throw PlatformFixture.FixtureError(text: "ended before \(end): \(text)") }
                bytes += part
            }
        }

        func bytesUntilEnd() async throws -> [UInt8] {
            while true {
                let part = try await socket.receive(timeout: .seconds(60))
                if part.isEmpty { return bytes }
                bytes += part
            }
        }

        @discardableResult
        func untilEnd() async throws -> String { String(decoding: try await bytesUntilEnd(), as: UTF8.self) }
    }

    private static let upgrade =
        "GET /ws HTTP/1.1\r\nHost: live\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n\r\n"

    /// A masked text frame, as clients send them (RFC 6455 §5.3).
    private static func frame(_ text: String) -> [UInt8] {
        [0x81, 0x80 | UInt8(text.utf8.count), 1, 2, 3, 4]
            + text.utf8.enumerated().map { $0.element ^ [1, 2, 3, 4][$0.offset % 4] }
    }

    private static func platform(drain: String) -> String {
        """
        hauban: 1
        platform: live
        services:
          live:
            source: live
            run: exec python3 server.py
            port: 8080
            health: {ready: /ready, start: 6s}
            expose: {path: /}
            rollout: {drain: \(drain)}
            stop: 2s
        release: {watch: 1s, requests: 1}
        environments:
          dev: {target: local}

        """
    }

    private static func server(_ version: String) -> String {
        """
        import base64, hashlib, http.server, os, signal, struct, sys, threading, time

        VERSION = "\(version)"

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def answer(self, body):
                data = body.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            def do_GET(self):
                path, _, count = self.path.partition("?")
                if path == "/slow":
                    time.sleep(float(count))
                    return self.answer("slow " + VERSION)
                if path == "/events":
                    return self.events(int(count))
                if path == "/ws":
                    return self.websocket()
                return self.answer(VERSION)
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer("got %d by %s" % (len(body), VERSION))
            def events(self, count):
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for number in range(count):
                    data = ("data: %s %d\\n\\n" % (VERSION, number)).encode()
                    self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(data), data))
                    self.wfile.flush()
                    time.sleep(0.2)
                self.wfile.write(b"0\\r\\n\\r\\n")
            def websocket(self):
                key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                self.send_response(101)
                self.send_header("Connection", "Upgrade")
                self.send_header("Upgrade", "websocket")
                self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
                self.end_headers()
                self.close_connection = True
                while True:
                    head = self.rfile.read(2)
                    if len(head) < 2 or head[0] & 15 == 8:
                        return
                    mask = self.rfile.read(4)
                    data = bytes(b ^ mask[i % 4] for i, b in enumerate(self.rfile.read(head[1] & 127)))
                    reply = VERSION.encode() + b": " + data
                    self.wfile.write(bytes([0x81, len(reply)]) + reply)
            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever()

        """
    }
}
