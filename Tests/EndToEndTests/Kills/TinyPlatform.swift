import Glibc
import World

/// A platform whose services start in some milliseconds, so that hundreds of its releases can be killed: an API of two
/// replicas with a migration, a mailer that it calls, a worker that is replaced, and a site.
///
/// Every service's folder holds `version.txt`; the API answers with it. Its programs die at SIGTERM at once, whatever they
/// are doing: a request that was not waited for is lost, and seen.
enum TinyPlatform {
    /// - Parameter inShares: whether the API moves as a canary, at 20 % and at 50 %.
    static func make(inShares: Bool = false) throws -> PlatformFixture {
        var file = Self.file
        if inShares, let place = file.firstRange(of: "rollout: {passes: 1}") {
            file.replaceSubrange(
                place, with: "rollout: {way: canary, steps: [20%, 50%], hold: 300ms, drain: 5s, passes: 1}")
        }
        let shop = try PlatformFixture(files: [
            "hauban.yaml": file, "api/server.py": server, "mailer/server.py": server, "worker/worker.sh": worker,
            "api/migrate.sh": migration,
        ])
        try write(version: 1, to: shop)
        return shop
    }

    enum Fault: String {
        case none
        /// Serves well, but its smoke request is answered 503, so that it is returned after everything was switched.
        case smoke
    }

    /// Writes the next version of all services.
    static func write(version: Int, fault: Fault = .none, to shop: PlatformFixture) throws {
        for name in ["api", "mailer", "worker"] { try shop.write("\(name)/version.txt", "\(version)") }
        try shop.write("api/fault.txt", fault.rawValue)
        try Folder.make(shop.root + "/site", mode: 0o755)
        try shop.write("site/version.txt", "\(version)")
    }

    /// Where migrations say that they begin and end.
    static func ledger(_ shop: PlatformFixture) -> String { shop.root + "/migrations.log" }

    private static let file = """
        hauban: 1
        platform: tiny
        owner: {team: tests}
        waivers:
          no-database: {rule: migrate-without-database, reason: its migration writes a file, owner: tests, expires: 2099-12-31}
        services:
          api:
            source: api
            run: exec python3 -S -E server.py
            port: 8080
            health: {ready: /ready, start: 10s}
            migrate: sh migrate.sh
            uses: {mailer: call}
            env: {MAILER: "${mailer.url}"}
            expose: {path: /api}
            scale: 2
            smoke: [{get: /api/smoke}]
            rollout: {passes: 1}
            stop: 3s
          mailer:
            source: mailer
            run: exec python3 -S -E server.py
            port: 9000
            health: {ready: /ready, start: 10s}
            rollout: {passes: 1}
            stop: 3s
          worker:
            source: worker
            run: exec sh worker.sh
            uses: {api: call}
            rollout: replace
            stop: 3s
          site:
            source: site
            site: {output: .}
            expose: {path: /}
        release: {watch: 300ms, requests: 5, keep: 12}
        environments:
          dev: {target: local}

        """

    private static let migration = """
        ledger=$HOME/migrations.log
        echo "begin $$" >> "$ledger"
        sleep 0.1
        echo "end $$" >> "$ledger"

        """

    private static let worker = "exec sleep 100000\n"

    /// Sockets and threads only: Python's HTTP server takes ten times as long to load.
    private static let server = """
        import _thread, os, socket, time

        VERSION = open("version.txt").read().strip()
        FAULT = open("fault.txt").read().strip() if os.path.exists("fault.txt") else "none"

        def ask_mailer():
            host, port = os.environ["MAILER"].split("//")[1].split(":")
            with socket.create_connection((host, int(port)), 5) as other:
                other.sendall(b"GET /letter HTTP/1.1\\r\\nHost: mailer\\r\\nConnection: close\\r\\n\\r\\n")
                answer = b""
                while True:
                    part = other.recv(65536)
                    if not part:
                        return answer.startswith(b"HTTP/1.1 200")
                    answer += part

        def answer(path):
            if path == "/ready":
                return 200, "ready"
            if path == "/api/smoke":
                return (503 if FAULT == "smoke" else 200), VERSION
            if path == "/api/slow":
                time.sleep(0.05)
                return 200, VERSION
            if path == "/api/chain":
                return (200 if ask_mailer() else 500), VERSION
            return 200, VERSION

        def serve(client):
            rest = b""
            with client:
                while True:
                    while b"\\r\\n\\r\\n" not in rest:
                        part = client.recv(65536)
                        if not part:
                            return
                        rest += part
                    head, _, rest = rest.partition(b"\\r\\n\\r\\n")
                    try:
                        status, body = answer(head.split(b" ", 2)[1].decode())
                    except Exception as error:
                        status, body = 500, str(error)
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
