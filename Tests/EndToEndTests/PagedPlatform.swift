import FoundationEssentials
import Glibc
import TestKit
import Testing
import World

/// A platform of one service whose alerts page a sink, and its control plane as a process.
struct PagedPlatform: Sendable {
    let shop: PlatformFixture
    private let sink: ProcessRecord

    /// Runs the body and takes everything down afterwards, whatever happened.
    static func with(_ body: (PagedPlatform) async throws -> Void) async throws {
        let shop = try PlatformFixture(files: ["api/server.py": server])
        try await shop.used { shop in
            let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
            let sink = try ChildProcess(
                command: [
                    "/usr/bin/env", "python3", "/\(package)/Examples/cognitive-sprint/demo/sink.py", "--record",
                    shop.root + "/sink.jsonl",
                ],
                environment: shop.environment, workingDirectory: shop.root, standardOutput: shop.root + "/sink.log",
                standardError: shop.root + "/sink.err"
            ).launch()
            let paged = PagedPlatform(shop: shop, sink: sink)
            do {
                try await shop.eventually("the sink says its port") { paged.sinkPort != nil }
                try shop.write("hauban.yaml", file(port: paged.sinkPort ?? 0, root: shop.root))
                try paged.write(version: 1)
                try await body(paged)
            } catch {
                await paged.end()
                throw error
            }
            await paged.end()
        }
    }

    private func end() async {
        kill(sink.pid, SIGTERM)
        _ = await ProcessExit.wait(for: sink, timeout: .seconds(60))
    }

    private var sinkPort: Int? { SmallFile.text(shop.root + "/sink.log").flatMap { Int($0.filter(\.isNumber)) } }

    /// Runs the body beside `hauban serve`, which is ended afterwards.
    func served(_ body: (ProcessRecord) async throws -> Void) async throws {
        let process = try await serve()
        do {
            try await body(process)
        } catch {
            print(SmallFile.text(shop.root + "/serve.log") ?? "")
            kill(process.pid, SIGTERM)
            _ = await ProcessExit.wait(for: process, timeout: .seconds(60))
            throw error
        }
        kill(process.pid, SIGTERM)
        _ = await ProcessExit.wait(for: process, timeout: .seconds(60))
    }

    /// Starts `hauban serve` and waits until it answers.
    func serve(_ variables: [String: String] = [:]) async throws -> ProcessRecord {
        let process = try shop.start(
            "serve", "--listen", "127.0.0.1:0", output: "serve.log", variables: variables)
        try await shop.eventually("the control plane answers") {
            guard process.isAlive else {
                throw PlatformFixture.FixtureError(text: SmallFile.text(shop.root + "/serve.log") ?? "")
            }
            return (try? await ask("GET", "/-/ready")) != nil
        }
        return process
    }

    /// Writes the next version.
    /// - Parameter isBad: its smoke request is answered 503, so that it is returned after it was switched.
    func write(version: Int, isBad: Bool = false) throws {
        try write(version: version, fault: isBad ? "smoke" : "none")
    }

    /// Writes the next version.
    /// - Parameter fault: `smoke`; or `start`: it writes what is wrong with it, and its secret, and ends.
    func write(version: Int, fault: String) throws {
        try shop.write("api/version.txt", "\(version)")
        try shop.write("api/fault.txt", fault)
    }

    /// Writes the platform's file with two replicas of its service, more up to a bound, and alerts that ask for more and fewer.
    func declare(most: Int) throws {
        func schedule(_ name: String, _ action: String) -> String {
            "  \(name): {rotation: {every: week, at: \"mon 09:00\", people: [ana]}, escalate: [{after: 0m, do: \(action)}]}\n"
        }
        let plain = Self.file(port: sinkPort ?? 0, root: shop.root)
        try shop.write(
            "hauban.yaml",
            plain.replacing("    scale: 2\n", with: "    scale: {min: 2, max: \(most), cpu: 70%}\n")
                .replacing(
                    "oncall:\n", with: "oncall:\n" + schedule("growing", "scale-up") + schedule("shrinking", "shrink")
                )
                .replacing("actions:\n", with: "actions:\n  shrink: {scale: -1}\n")
                .replacing(
                    "routes:\n",
                    with: "routes:\n  growing: {match: {alertname: [More, Most]}, to: growing}\n"
                        + "  shrinking: {match: {alertname: Less}, to: shrinking}\n")
                    + """
                    waivers:
                      by-hand: {rule: target-cannot-honour, scope: services.api.scale, reason: A remedy scales., owner: ana, expires: 2099-01-01}

                    """)
    }

    /// Writes the platform's file with a secret of its service, which an action sends to a server, and gives it its value.
    func declare(secret: String, server port: Int) async throws {
        let plain = Self.file(port: sinkPort ?? 0, root: shop.root)
        let text =
            plain.replacing("    port: 8080\n", with: "    port: 8080\n    secrets: [flush-key]\n")
            .replacing(
                "actions:\n",
                with: """
                    actions:
                      flush: {http: {url: "http://127.0.0.1:\(port)/flush", json: {scope: all}, token: flush-key}}

                    """
            )
            .replacing(
                "  counting:\n    rotation",
                with:
                    "  flushing:\n    rotation: {every: week, at: \"mon 09:00\", people: [ana]}\n    escalate: [{after: 0m, do: flush}]\n  counting:\n    rotation"
            )
            .replacing("routes:\n", with: "routes:\n  flushing: {match: {alertname: Full}, to: flushing}\n")
            .replacing("environments:\n", with: "secrets: {flush-key: {rotate: 90d}}\nenvironments:\n")
        try shop.write("hauban.yaml", text)
        try shop.write("secret.txt", secret)
        let set = try await CommandRunner.live(
            Command(
                arguments: [
                    "/bin/sh", "-c", "exec \(PlatformFixture.binary) secrets set flush-key --env dev < secret.txt",
                ],
                environment: shop.environment, workingDirectory: shop.root, deadline: .seconds(60)))
        guard set.isSuccess else { throw PlatformFixture.FixtureError(text: set.errors) }
    }

    /// Writes the platform's file with a migration of its service, as YAML; without a database, which a waiver allows.
    func declare(migrate: String?) throws {
        let plain = Self.file(port: sinkPort ?? 0, root: shop.root)
        guard let migrate else { return try shop.write("hauban.yaml", plain) }
        let waiver = """
            waivers:
              no-database: {rule: migrate-without-database, reason: It migrates nothing., owner: ana, expires: 2099-01-01}

            """
        try shop.write(
            "hauban.yaml",
            plain.replacing("    port: 8080\n", with: "    port: 8080\n    migrate: \(migrate)\n") + waiver)
    }

    // MARK: What is known

    /// Asks the control plane that runs, as programs of this machine do.
    @discardableResult
    func ask(_ method: String, _ path: String, _ body: String? = nil) async throws -> JSONValue {
        let bytes = try SmallFile.read(shop.state + "/control-plane/local.json")
        guard let local = JSONValue(parsing: bytes), let url = local["url"]?.string, let token = local["token"]?.string
        else { throw PlatformFixture.FixtureError(text: String(decoding: bytes, as: UTF8.self)) }
        let answer = try await HTTPRequest(
            method: method, url: url + path,
            headers: ["Authorization": "Bearer \(token)", "Content-Type": "application/json"], body: body
        ).send(within: .seconds(60))
        guard (200..<300).contains(answer.status) else {
            throw PlatformFixture.FixtureError(text: "\(method) \(path): \(answer.status) \(answer.body)")
        }
        return JSONValue(parsing: Array(answer.body.utf8)) ?? .null
    }

    func list(_ value: JSONValue?) -> [JSONValue] {
        guard case .array(let items)? = value else { return [] }
        return items
    }

    /// What the control plane says became of a release.
    func verdict(_ release: String) async throws -> String? {
        list(try await ask("GET", "/api/v1/releases")["items"]).first { $0["id"]?.string == release }?["verdict"]?
            .string
    }

    /// What the control plane knows of the migrations of a release.
    func migration(_ release: String) async throws -> String? {
        list(try await ask("GET", "/api/v1/releases")["items"]).first { $0["id"]?.string == release }?["migration"]?
            .string
    }

    /// The bodies that the sink took of one kind.
    func taken(_ event: String) -> [JSONValue] {
        (SmallFile.text(shop.root + "/sink.jsonl") ?? "").split(separator: "\n")
            .compactMap { JSONValue(parsing: Array($0.utf8)) }.filter { $0["event"]?.string == event }
            .compactMap { $0["body"] }
    }

    /// Sends an alert that fires until it is told otherwise.
    func alert(_ name: String, _ labels: String = "") async throws {
        let more = labels.isEmpty ? "" : "," + labels
        try await ask(
            "POST", "/api/v2/alerts",
            #"[{"labels":{"alertname":"\#(name)","service":"api","severity":"high"\#(more)}}]"#)
    }

    /// The state of a remedy of an incident, in words.
    func remedy(_ name: String, of incident: String) async throws -> String? {
        list(try await ask("GET", "/api/v1/incidents/\(incident)")["remedies"])
            .first { $0["name"]?.string == name }?["state"]?.string
    }

    // MARK: The platform

    private static func file(port: Int, root: String) -> String {
        """
        hauban: 1
        platform: paged
        owner: {team: web, oncall: primary}
        services:
          api:
            source: api
            run: exec python3 -S -E server.py
            port: 8080
            health: {ready: /ready, start: 60s}
            expose: {path: /api}
            scale: 2
            smoke: [{get: /api/smoke}]
            rollout: {passes: 1}
            stop: 3s
        release: {watch: 300ms, requests: 5}
        oncall:
          primary:
            rotation: {every: week, at: "mon 09:00", people: [ana]}
            escalate: [{after: 0m, do: return-release}, {after: 0m, to: primary}]
            channels: {critical: [webhook], high: [webhook], medium: [webhook], low: [webhook]}
          counting:
            rotation: {every: week, at: "mon 09:00", people: [ana]}
            escalate: [{after: 0m, do: count}]
          restarting:
            rotation: {every: week, at: "mon 09:00", people: [ana]}
            escalate: [{after: 0m, do: restart}]
        people: {ana: {email: ana@paged.example}}
        teams: {web: {people: [ana]}}
        notify: {email: {server: localhost, port: 9, from: a@paged.example, tls: none}, webhooks: {default: {url: "http://127.0.0.1:\(port)/pages"}}}
        actions:
          count: {run: "echo $HAUBAN_SERVICE >> \(root)/count; cat version.txt; sleep 2", timeout: 4s}
        routes:
          counting: {match: {alertname: Count}, to: counting}
          restarting: {match: {alertname: Stuck}, to: restarting}
        environments:
          dev: {target: local}

        """
    }

    /// Sockets and threads only: Python's HTTP server takes ten times as long to load.
    private static let server = """
        import _thread, os, socket

        VERSION = open("version.txt").read().strip()
        FAULT = open("fault.txt").read().strip()
        if FAULT == "start":
            print("the wheel has come off", flush=True)
            print("it was opened with " + os.environ.get("FLUSH_KEY", "nothing"), flush=True)
            raise SystemExit(7)

        def answer(path):
            if path == "/api/smoke" and FAULT == "smoke":
                return 503, VERSION
            return 200, str(os.getpid()) if path == "/api/pid" else VERSION

        def serve(client):
            with client:
                rest = b""
                while True:
                    while b"\\r\\n\\r\\n" not in rest:
                        part = client.recv(65536)
                        if not part:
                            return
                        rest += part
                    head, _, rest = rest.partition(b"\\r\\n\\r\\n")
                    status, body = answer(head.split()[1].decode())
                    client.sendall(f"HTTP/1.1 {status} X\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n{body}".encode())

        def guarded(client):
            try:
                serve(client)
            except OSError:
                pass

        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(os.environ["PORT"])))
        listener.listen(128)
        while True:
            _thread.start_new_thread(guarded, (listener.accept()[0],))

        """
}
