import Foundation
import FrontDoor
import NIOCore
import Testing

/// The same bytes to the front door and to two peers that have stood in front of services for years: what is answered
/// differently is written here, with the reason, and in docs/front-door-http.md.
@Suite("Beside nginx and HAProxy", .serialized)
struct DifferentialTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var what: String
        var bytes: String
        /// The statuses of the answers.
        var door: [Int]
        /// `nil` passes it on, and the service answers as it likes.
        var nginx: [Int]?
        var haproxy: [Int]?
        /// Why ours differs from either.
        var reason = ""

        var testDescription: String { what }
    }

    static let cases: [Case] = [
        Case(what: "an ordinary request", bytes: get(), door: [200], nginx: [200], haproxy: [200]),
        Case(
            what: "CL.TE: a length and chunks",
            bytes: post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"), door: [400], nginx: [400],
            haproxy: [200], reason: "RFC 9112 §6.1 lets a server refuse both at once; nobody sends it in good faith"),
        Case(
            what: "TE.TE: two Transfer-Encoding fields",
            bytes: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), door: [400],
            nginx: [400], haproxy: [400]),
        Case(
            what: "a last coding that is not chunked",
            bytes: post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), door: [400], nginx: [501],
            haproxy: [400], reason: "RFC 9112 §6.3: the length cannot be told, 400"),
        Case(
            what: "a coding that is not known", bytes: post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
            door: [501], nginx: [501], haproxy: [422], reason: "RFC 9112 §6.1: 501"),
        Case(
            what: "chunks in HTTP/1.0",
            bytes: "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", door: [400],
            nginx: [400],
            haproxy: [200], reason: "RFC 9112 §6.1: faulty framing"),
        Case(
            what: "two lengths that differ", bytes: post("Content-Length: 1\r\nContent-Length: 2\r\n", "ab"),
            door: [400],
            nginx: [400], haproxy: [400]),
        Case(
            what: "two equal lengths", bytes: post("Content-Length: 2\r\nContent-Length: 2\r\n", "ab"), door: [400],
            nginx: [400], haproxy: [200], reason: "RFC 9112 §6.3 lets a server refuse them"),
        Case(
            what: "a list of equal lengths", bytes: post("Content-Length: 2, 2\r\n", "ab"), door: [400], nginx: [400],
            haproxy: [200], reason: "RFC 9112 §6.3 lets a server refuse them"),
        Case(
            what: "a length with a sign", bytes: post("Content-Length: +2\r\n", "ab"), door: [400], nginx: [400],
            haproxy: [400]),
        Case(
            what: "an empty length", bytes: post("Content-Length:\r\n"), door: [400], nginx: [400], haproxy: [400]),
        Case(
            what: "a bare LF behind a field", bytes: "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", door: [400],
            nginx: [200],
            haproxy: [200], reason: "RFC 9112 §2.2 leaves it to the server; where readers differ, requests are smuggled"
        ),
        Case(
            what: "bare LF only", bytes: "GET / HTTP/1.1\nHost: a\n\n", door: [400], nginx: [200], haproxy: [200],
            reason: "as above"),
        Case(what: "a bare CR in a value", bytes: get("X: a\rb\r\n"), door: [400], nginx: [400], haproxy: [400]),
        Case(
            what: "NUL in a value", bytes: get("X: a\u{0}b\r\n"), door: [400], nginx: [400], haproxy: nil,
            reason: "RFC 9110 §5.5: refused or replaced"),
        Case(
            what: "a control character in a value", bytes: get("X: a\u{1}b\r\n"), door: [400], nginx: nil,
            haproxy: nil, reason: "RFC 9110 §5.5: invalid; no client sends one"),
        Case(
            what: "a folded field", bytes: get("X: a\r\n b\r\n"), door: [400], nginx: [400], haproxy: [200],
            reason: "RFC 9112 §5.2: refused or replaced"),
        Case(
            what: "a blank before the colon", bytes: get("X : a\r\n"), door: [400], nginx: [400], haproxy: [400]),
        Case(
            what: "a blank before the first field", bytes: "GET / HTTP/1.1\r\n Host: a\r\n\r\n", door: [400],
            nginx: [400],
            haproxy: [400]),
        Case(
            what: "no Host", bytes: "GET / HTTP/1.1\r\n\r\n", door: [400], nginx: [400], haproxy: nil,
            reason: "RFC 9112 §3.2: 400"),
        Case(
            what: "two Host fields", bytes: "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", door: [400], nginx: [400],
            haproxy: [400]),
        Case(
            what: "a Host that is none", bytes: "GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n", door: [400], nginx: [400],
            haproxy: [200], reason: "RFC 9112 §3.2: 400"),
        Case(
            what: "text behind an address in brackets", bytes: "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n", door: [400],
            nginx: [200], haproxy: [200], reason: "RFC 9112 §3.2: 400"),
        Case(
            what: "an absolute target with another host", bytes: get(target: "http://b/x"), door: [200], nginx: [200],
            haproxy: [400], reason: "RFC 9112 §3.2.2: the target's host takes the place of the field"),
        Case(
            what: "an absolute target without a path", bytes: get(target: "http://b"), door: [200], nginx: [200],
            haproxy: [400], reason: "as above"),
        Case(
            what: "user information in a target", bytes: get(target: "http://u@b/"), door: [400], nginx: [400],
            haproxy: [400]),
        Case(what: "authority form", bytes: get(target: "b:80"), door: [400], nginx: [400], haproxy: [400]),
        Case(
            what: "OPTIONS *", bytes: get(target: "*", method: "OPTIONS"), door: [200], nginx: [400], haproxy: [200],
            reason: "RFC 9112 §3.2.4"),
        Case(
            what: "GET *", bytes: get(target: "*"), door: [400], nginx: [400], haproxy: nil, reason: "RFC 9112 §3.2.4"),
        Case(
            what: "CONNECT", bytes: "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", door: [501], nginx: [400],
            haproxy: nil, reason: "RFC 9110 §15.6.2: a method that is known and not supported is 501"),
        Case(
            what: "TRACE", bytes: get(method: "TRACE"), door: [200], nginx: [405], haproxy: [200],
            reason: "RFC 9110 §9.3.8: the service answers, or refuses"),
        Case(
            what: "a fragment in a target", bytes: get(target: "/a#b"), door: [400], nginx: [200], haproxy: [400],
            reason: "RFC 9112 §3.2: no form of a target has one"),
        Case(
            what: "two blanks in the request line", bytes: "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", door: [400],
            nginx: [200],
            haproxy: [200], reason: "RFC 9112 §3: one"),
        Case(
            what: "a tab in the request line", bytes: "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", door: [400], nginx: [400],
            haproxy: [200], reason: "RFC 9112 §3: one blank"),
        Case(what: "a higher minor version", bytes: get(version: "1.2"), door: [200], nginx: [200], haproxy: [200]),
        Case(
            what: "HTTP/2.0 in text", bytes: get(version: "2.0"), door: [505], nginx: [505], haproxy: [200],
            reason: "RFC 9110 §15.6.6: 505"),
        Case(
            what: "chunk extensions", bytes: post("Transfer-Encoding: chunked\r\n", "2;a=b\r\nhi\r\n0\r\n\r\n"),
            door: [200], nginx: [200], haproxy: [200]),
        Case(
            what: "a chunk size with 0x", bytes: post("Transfer-Encoding: chunked\r\n", "0x2\r\nhi\r\n0\r\n\r\n"),
            door: [400], nginx: [400], haproxy: [400]),
        Case(
            what: "a chunk longer than its size", bytes: post("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n"),
            door: [400], nginx: [400], haproxy: [400]),
        Case(
            what: "a chunk line that ends in LF", bytes: post("Transfer-Encoding: chunked\r\n", "2\nhi\r\n0\r\n\r\n"),
            door: [400], nginx: [200], haproxy: [200], reason: "as other bare LF"),
        Case(
            what: "a coding behind a vertical tab, and a length",
            bytes: post("Transfer-Encoding: \u{B}chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), door: [400],
            nginx: [501], haproxy: [400], reason: "RFC 9110 §5.5: a control character"),
        Case(
            what: "a coding in capitals", bytes: post("transfer-ENCODING: CHUNKED\r\n", "2\r\nhi\r\n0\r\n\r\n"),
            door: [200], nginx: [200], haproxy: [200]),
        Case(what: "an empty line before", bytes: "\r\n" + get(), door: [200], nginx: [200], haproxy: [200]),
        Case(
            what: "an error behind a good request", bytes: get() + "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" + get(),
            door: [200, 400], nginx: [200, 400], haproxy: [200, 200, 200], reason: "RFC 9112 §3.2: 400"),
    ]

    private static func get(
        _ fields: String = "", target: String = "/", version: String = "1.1", method: String = "GET"
    ) -> String {
        "\(method) \(target) HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"
    }

    private static func post(_ fields: String, _ body: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)"
    }

    @Test("every difference is intended, and has its reason")
    func compared() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            try await Peers.with(service.port) { nginx, haproxy in
                for item in Self.cases {
                    let door = try await statuses(fixture.port, item.bytes, item.door.count)
                    #expect(door == item.door, "\(item.what)")
                    if let wanted = item.nginx {
                        let got = try await statuses(nginx, item.bytes, wanted.count)
                        #expect(got == wanted, "nginx: \(item.what)")
                    }
                    if let wanted = item.haproxy {
                        let got = try await statuses(haproxy, item.bytes, wanted.count)
                        #expect(got == wanted, "HAProxy: \(item.what)")
                    }
                    let isSame = item.door == item.nginx && item.door == item.haproxy
                    #expect(isSame == item.reason.isEmpty, "\(item.what)")
                }
            }
        }
        await service.kill()
    }

    private func statuses(_ port: Int, _ bytes: String, _ count: Int) async throws -> [Int] {
        let client = try await RawClient.connect(port)
        try await client.send(bytes)
        var statuses: [Int] = []
        while statuses.count < count, let response = try? await client.response(within: .seconds(5)) {
            statuses.append(response.status)
        }
        await client.close()
        return statuses
    }

    /// The peers, each in front of the same service.
    private enum Peers {
        static func with(_ service: Int, _ body: (_ nginx: Int, _ haproxy: Int) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.path + "/hauban-peers-\(getpid())"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let ports = (try await lastingPort(), try await lastingPort())
            try nginx(folder, ports.0, service).write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
            try haproxy(ports.1, service).write(toFile: folder + "/haproxy.cfg", atomically: true, encoding: .utf8)
            var processes: [Process] = []
            defer {
                // They inherit a SIGTERM that is blocked or ignored, so nothing less ends them.
                for process in processes { kill(process.processIdentifier, SIGKILL) }
                for process in processes { process.waitUntilExit() }
            }
            processes.append(try start("/usr/sbin/nginx", ["-p", folder, "-c", folder + "/nginx.conf"]))
            processes.append(try start("/usr/sbin/haproxy", ["-db", "-f", folder + "/haproxy.cfg"]))
            for port in [ports.0, ports.1] {
                try await eventually("a peer listens") { await !RawClient.refuses(port) }
            }
            try await body(ports.0, ports.1)
        }

        private static func start(_ path: String, _ arguments: [String]) throws -> Process {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            return process
        }

        private static func nginx(_ folder: String, _ port: Int, _ service: Int) -> String {
            let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: " ")
            return """
                daemon off; master_process off; pid \(folder)/nginx.pid; error_log /dev/null crit;
                events {}
                http {
                  access_log off; \(temporary)
                  server {
                    listen 127.0.0.1:\(port);
                    location / {
                      proxy_pass http://127.0.0.1:\(service); proxy_http_version 1.1;
                      proxy_set_header Connection ""; proxy_set_header Host $host;
                    }
                  }
                }

                """
        }

        private static func haproxy(_ port: Int, _ service: Int) -> String {
            """
            defaults
              mode http
              timeout connect 2s
              timeout client 10s
              timeout server 10s
            frontend door
              bind 127.0.0.1:\(port)
              default_backend service
            backend service
              server one 127.0.0.1:\(service)

            """
        }
    }
}
