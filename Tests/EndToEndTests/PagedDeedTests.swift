import Glibc
import TestKit
import Testing
import World

/// What a failed release tells, and what a request to somebody's server does, with a secret that must not show.
@Suite("What pages tell and remedies ask", .serialized, .timeLimit(.minutes(5)))
struct PagedDeedTests {
    private static let secret = "a-key-that-must-not-show"

    @Test("a release that fails by its gate opens an incident with the suspect and its last log lines, without secrets")
    func failedByItsGate() async throws {
        try await PagedPlatform.with { paged in
            try await paged.declare(secret: Self.secret, server: 9)
            try await paged.shop.deploy(expecting: 0)
            let port = try await paged.shop.port()
            try await paged.served { _ in
                try paged.write(version: 2, fault: "start")
                let bad = try await paged.shop.hauban("deploy", "dev", "--label", "2.0", "--json")
                #expect(bad.code == 3, "\(bad.output)\(bad.errors)")
                try await paged.shop.eventually("the sink takes a page") { !paged.taken("incident.page").isEmpty }
                let page = try #require(paged.taken("incident.page").first)
                let incident = try #require(page["incident"])
                let suspect = try #require(paged.list(incident["releases"]).first)
                #expect(suspect["id"]?.string == "r2" && suspect["version"]?.string == "2.0", "\(page.text)")
                #expect(incident["lastGoodRelease"]?.string == "r1" && incident["severity"]?.string == "medium")
                let alert = try #require(paged.list(incident["alerts"]).first)
                #expect(alert["name"]?.string == "ReleaseFailed", "\(alert.text)")
                #expect(alert["summary"]?.string?.contains("release r2 (2.0) of paged to dev failed before") == true)
                let shown = try await paged.ask("GET", "/api/v2/alerts").text
                #expect(shown.contains("the wheel has come off"), "\(shown)")
                #expect(shown.contains("it was opened with [redacted]"), "\(shown)")
                #expect(!(shown + page.text).contains("must-not-show"))
                #expect(try await paged.verdict("r2") == "failed", "it never took traffic")
                #expect(try await paged.shop.version(port) == "1")
            }
        }
    }

    @Test(
        "an HTTP remedy asks its server once for each incident; its answer stands in the timeline and its secret nowhere"
    )
    func request() async throws {
        try await PagedPlatform.with { paged in
            try paged.shop.write("taker.py", Self.taker)
            let taker = try ChildProcess(
                command: ["/usr/bin/env", "python3", "-S", "-E", paged.shop.root + "/taker.py", paged.shop.root],
                environment: paged.shop.environment, workingDirectory: paged.shop.root,
                standardOutput: paged.shop.root + "/taker.log", standardError: paged.shop.root + "/taker.log"
            ).launch()
            do {
                try await asked(paged)
            } catch {
                await end(taker)
                throw error
            }
            await end(taker)
        }
    }

    @Test(
        "a service is scaled within what hauban.yaml allows, and no further; each new replica answers, and none is lost on"
    )
    func scaled() async throws {
        try await PagedPlatform.with { paged in
            try paged.declare(most: 3)
            try await paged.shop.deploy(expecting: 0)
            let port = try await paged.shop.port()
            #expect(try await pids(port).count == 2)
            try await paged.served { _ in
                func scale(_ alert: String, _ incident: String, _ state: String) async throws -> String {
                    try await paged.alert(alert, #""release":"r1""#)
                    try await paged.shop.eventually("it is \(state)") {
                        try await paged.remedy(alert == "Less" ? "shrink" : "scale-up", of: incident)?
                            .hasPrefix(state) == true
                    }
                    let text = try await paged.ask("GET", "/api/v1/incidents/\(incident)").text
                    try await paged.ask("POST", "/api/v1/incidents/\(incident)/resolve", "{}")
                    return text
                }
                let more = try await scale("More", "i1", "succeeded")
                #expect(more.contains("scaled api from 2 to 3 replicas"), "\(more)")
                #expect(try await pids(port).count == 3, "the third one answers too")
                #expect(try await paged.shop.hauban("plan", "dev").code == 0, "it is no change to ship")
                let most = try await scale("Most", "i2", "failed")
                #expect(most.contains("3 of it run, and `scale` of services.api allows 2 to 3"), "\(most)")
                let less = try await scale("Less", "i3", "succeeded")
                #expect(less.contains("scaled api from 3 to 2 replicas"), "\(less)")
                #expect(try await pids(port).count == 2)
            }
            // A release has as many as the file says.
            try paged.write(version: 2)
            try await paged.shop.deploy(expecting: 0)
            #expect(try await pids(port).count == 2)
        }
    }

    /// The processes that answer some of a hundred requests.
    private func pids(_ port: Int) async throws -> Set<String> {
        var pids: Set<String> = []
        for _ in 1...100 {
            let answer = try await HTTPRequest(url: "http://127.0.0.1:\(port)/api/pid").send(within: .seconds(60))
            #expect(answer.status == 200)
            pids.insert(answer.body)
        }
        return pids
    }

    private func asked(_ paged: PagedPlatform) async throws {
        func text(_ path: String) -> String { SmallFile.text("\(paged.shop.root)/\(path)") ?? "" }
        func requests() -> [Substring] { text("requests.log").split(separator: "\n") }
        try await paged.shop.eventually("the server listens") { Int(text("taker.port")) != nil }
        try await paged.declare(secret: Self.secret, server: Int(text("taker.port")) ?? 0)
        try await paged.shop.deploy(expecting: 0)
        try await paged.served { _ in
            try await paged.alert("Full", #""release":"r1""#)
            try await paged.shop.eventually("it was done") {
                try await paged.remedy("flush", of: "i1")?.hasPrefix("succeeded") == true
            }
            // The same alert again, and another one of the same incident.
            try await paged.alert("Full", #""release":"r1""#)
            try await paged.alert("Full", #""release":"r1","disk":"two""#)
        }
        let log = text("serve.log")
        try await paged.served { _ in
            try await paged.alert("Full", #""release":"r1","disk":"three""#)
            try await paged.shop.eventually("the third alert is in the incident") {
                try await paged.ask("GET", "/api/v2/alerts").text.contains("three")
            }
            #expect(requests().count == 1, "\(requests())")
            let request = try #require(requests().first)
            #expect(request.hasPrefix("POST /flush {\"scope\":\"all\"} i1/flush Bearer \(Self.secret)"), "\(request)")
            let incident = try await paged.ask("GET", "/api/v1/incidents/i1").text
            #expect(
                incident.contains("was answered 200") && incident.contains("flushed 7 with Bearer [redacted]"),
                "\(incident)")
            let ledger = text("state/control-plane/remedies.jsonl")
            #expect(ledger.contains("i1/flush") || ledger.contains("i1\\/flush"), "\(ledger)")
            #expect(!(incident + ledger + log + text("serve.log")).contains("must-not-show"))
        }
    }

    private func end(_ process: ProcessRecord) async {
        kill(process.pid, SIGTERM)
        _ = await ProcessExit.wait(for: process, timeout: .seconds(60))
    }

    /// Writes down each request in a line, and answers with the token that it was shown.
    private static let taker = """
        import socket, sys

        root = sys.argv[1]
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        with open(root + "/taker.port", "w") as port:
            port.write(str(listener.getsockname()[1]))
        while True:
            client, _ = listener.accept()
            data = b""
            while b"\\r\\n\\r\\n" not in data:
                data += client.recv(65536)
            head, _, body = data.partition(b"\\r\\n\\r\\n")
            lines = head.decode().split("\\r\\n")
            fields = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in lines[1:]}
            while len(body) < int(fields.get("content-length", "0")):
                body += client.recv(65536)
            method, path, _ = lines[0].split()
            words = [method, path, body.decode(), fields.get("idempotency-key", "-"), fields.get("authorization", "-")]
            with open(root + "/requests.log", "a") as log:
                log.write(" ".join(words) + "\\n")
            answer = ("flushed 7 with " + fields.get("authorization", "-")).encode()
            client.sendall(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(answer) + answer)
            client.close()

        """
}
