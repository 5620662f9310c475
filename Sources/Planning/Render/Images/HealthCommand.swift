import Spec

/// How a container asks itself whether it is well.
enum HealthCommand {
    /// What an image is known to hold.
    enum Tools: Sendable, Hashable {
        case bash, busybox, python, node, unknown
    }

    /// - Returns: an argument list.
    static func words(_ question: Health.Question, port: Int?, timeout: Duration, tools: Tools) -> [String]? {
        switch question {
        case .exec(let line): return ContainerCommand(line, values: port.map { ["port": "\($0)"] } ?? [:]).words
        case .tcp: return port.map { tcp($0, tools) }
        case .http(let path): return port.map { http($0, path, max(1, Int(timeout.components.seconds)), tools) }
        }
    }

    private static func tcp(_ port: Int, _ tools: Tools) -> [String] {
        switch tools {
        case .bash: ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/\(port)"]
        case .python: ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', \(port)), 3)"]
        case .node:
            [
                "node", "-e",
                "require('net').connect(\(port), '127.0.0.1').on('connect', () => process.exit(0))"
                    + ".on('error', () => process.exit(1))",
            ]
        case .busybox, .unknown: ["/bin/sh", "-c", "nc -z 127.0.0.1 \(port)"]
        }
    }

    private static func http(_ port: Int, _ path: String, _ seconds: Int, _ tools: Tools) -> [String] {
        let url = "http://127.0.0.1:\(port)\(path)"
        return switch tools {
        // Bash alone: a slim image holds no curl, and an interpreter every few seconds costs more than the question.
        case .bash:
            [
                "bash", "-c",
                "exec 3<>/dev/tcp/127.0.0.1/\(port); printf 'GET \(path) HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3; "
                    + "read -r _ status _ <&3; [[ $status == [23]?? ]]",
            ]
        case .python: ["python", "-c", "import urllib.request; urllib.request.urlopen('\(url)', timeout=\(seconds))"]
        case .node:
            ["node", "-e", "fetch('\(url)').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
        case .busybox: ["wget", "-q", "-T", "\(seconds)", "-O", "/dev/null", url]
        case .unknown:
            [
                "/bin/sh", "-c",
                "wget -q -T \(seconds) -O /dev/null \(url) || curl -fsS -m \(seconds) -o /dev/null \(url)",
            ]
        }
    }
}
