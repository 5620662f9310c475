import Delivery
import Glibc
import Spec
import TestKit
import World

/// A state folder and workloads of small real programs.
struct SupervisorFixture {
    let place = TemporaryFolder()

    var configuration: SupervisorConfiguration {
        Self.configuration(place.path)
    }

    /// For exit tests, which cannot carry a fixture over.
    static func configuration(_ path: String) -> SupervisorConfiguration {
        SupervisorConfiguration(state: path + "/state") { value in
            try value.parts.map { part in
                switch part {
                case .text(let text): return text
                case .secret("token"): return "s3cret"
                case .secret(let key):
                    throw WorldError(code: "secret-missing", operation: "read \(key)", underlying: "no such secret")
                }
            }.joined()
        }
    }

    func supervisor() async throws -> Supervisor {
        let supervisor = Supervisor(configuration)
        try await supervisor.takeOver()
        return supervisor
    }

    /// A service that runs a line of shell.
    func shell(_ id: String, _ script: String) -> Workload { Self.shell(id, script, place.path) }

    static func shell(_ id: String, _ script: String, _ path: String) -> Workload {
        Workload(
            id: id, kind: .service, name: id, release: "r1", command: ["sh", "-c", script],
            environment: ["PATH": "/usr/bin:/bin"], workingDirectory: path,
            restart: RestartPolicy(initialBackoff: .milliseconds(20), maximumBackoff: .milliseconds(200), limit: 3),
            stop: StopPolicy(grace: .seconds(5)))
    }

    /// A web server that answers 200 once the file `well` exists, else 503.
    func web(_ id: String, port: Int) -> Workload {
        var workload = shell(id, "")
        workload.command = [
            "python3", "-c",
            """
            import http.server, os, sys
            class H(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200 if os.path.exists('well') else 503)
                    self.send_header('Content-Length', '0')
                    self.end_headers()
                def log_message(self, *a): pass
            http.server.HTTPServer(('127.0.0.1', \(port)), H).serve_forever()
            """,
        ]
        workload.port = port
        workload.readiness = Probe(check: .http(path: "/"), interval: .milliseconds(50), timeout: .seconds(2))
        return workload
    }

    /// Whatever carries the mark of this fixture's supervisor.
    var processes: [ProcessEntry] { ProcessMark.find("HAUBAN_SUPERVISOR", configuration.state).map { $0.entry } }
}

extension Supervisor {
    func status(of id: String) async -> WorkloadStatus? { await status().first { $0.id == id } }
    func state(of id: String) async -> ReplicaState? { await status(of: id)?.state }
}
