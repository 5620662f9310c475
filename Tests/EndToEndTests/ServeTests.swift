import Foundation
import Glibc
import Synchronization
import TestKit
import Testing
import World

/// `hauban serve`: the built binary, its real store, and SIGKILL.
@Suite("The control plane as a process")
struct ServeTests {
    @Test("says where it listens, keeps what it answered, and ends on SIGTERM; a second one is told who is there")
    func life() async throws {
        let folder = TemporaryFolder()
        let port = try FreePort().next()
        var process = try await ServeProcess.start(folder, port)
        let started = process
        try await eventually(within: .seconds(60)) {
            started.log.contains("listening on 127.0.0.1:\(port), data in \(folder.path)/data")
        }
        #expect(try PostingClient.post(port, name: "kept", round: 0))
        let second = try await CommandRunner.live(
            Command(
                arguments: [
                    PlatformFixture.binary, "serve", "--listen", "127.0.0.1:0", "--data", folder.path + "/data",
                ],
                environment: ServeProcess.environment(folder), workingDirectory: folder.path, deadline: .seconds(60)))
        #expect(second.status == .exited(code: 1))
        #expect(second.errors.contains("[store-locked]"), "\(second.errors)")
        #expect(await process.end(SIGTERM) == .exited(code: 0))
        process = try await ServeProcess.start(folder, port)
        #expect(try PostingClient.names(port, round: 0) == ["kept"])
        _ = await process.end(SIGTERM)
    }

    @Test("takes addresses of others only with TLS or a declared proxy")
    func listening() async throws {
        let folder = TemporaryFolder()
        for (address, code, words) in [
            ("9093", 64, "--listen takes an address and a port"), ("127.0.0.1:x", 64, "--listen takes"),
            ("0.0.0.0:9093", 1, "[listen-in-clear]"), ("example.org:80", 1, "[listen-in-clear]"),
        ] as [(String, Int32, String)] {
            let result = try await CommandRunner.live(
                Command(
                    arguments: [PlatformFixture.binary, "serve", "--listen", address, "--data", folder.path + "/data"],
                    environment: ServeProcess.environment(folder), workingDirectory: folder.path, deadline: .seconds(60)
                ))
            #expect(result.status == .exited(code: code), "\(address)")
            #expect(result.errors.contains(words), "\(address): \(result.errors)")
        }
    }

    @Test("killed 50 times while alerts come in: each alert that was answered 200 is there afterwards")
    func kills() async throws {
        let folder = TemporaryFolder()
        let port = try FreePort().next()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var answered = 0
        for round in 1...50 {
            let process = try await ServeProcess.start(folder, port)
            let load = PostingLoad(port: port, round: round)
            load.start()
            // At least one is answered in each round, so that each kill falls into work.
            try await eventually(within: .seconds(60)) { load.answered.count > 0 }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...40_000, using: &random)))
            _ = await process.end(SIGKILL)
            let names = try await load.stop()
            answered += names.count
            let next = try await ServeProcess.start(folder, port)
            let kept = try PostingClient.names(port, round: round)
            let lost = names.subtracting(kept)
            #expect(lost.isEmpty, "round \(round), seed \(seed): \(lost.count) of \(names.count) lost")
            _ = await next.end(SIGKILL)
        }
        #expect(answered >= 50)
        print("ServeTests: 50 kills, \(answered) alerts answered 200, seed \(seed)")
    }
}

/// A `hauban serve` of a test.
private struct ServeProcess {
    let record: ProcessRecord
    let folder: TemporaryFolder

    static func environment(_ folder: TemporaryFolder) -> [String: String] {
        ["PATH": "/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8"]
    }

    /// Starts it and waits until it is ready.
    static func start(_ folder: TemporaryFolder, _ port: Int) async throws -> ServeProcess {
        let log = folder.path + "/serve.log"
        let record = try ChildProcess(
            command: [
                PlatformFixture.binary, "serve", "--listen", "127.0.0.1:\(port)", "--data", folder.path + "/data",
            ],
            environment: environment(folder), workingDirectory: folder.path, standardOutput: log, standardError: log
        ).launch()
        let process = ServeProcess(record: record, folder: folder)
        try await eventually(within: .seconds(60)) {
            !record.isAlive || (try? PostingClient.get(port, "/-/ready").hasPrefix("HTTP/1.1 200")) == true
        }
        #expect(record.isAlive, "\(process.log)")
        return process
    }

    var log: String { folder.read("serve.log") }

    func end(_ signal: Int32) async -> World.ExitStatus? {
        kill(record.pid, signal)
        return await ProcessExit.wait(for: record, timeout: .seconds(60))
    }
}

/// Sends alerts over kept connections, each with a name of its own, until the server is gone.
private final class PostingLoad: Sendable {
    private let port: Int
    private let round: Int
    private let names = Mutex<Set<String>>([])
    private let isOver = Atomic(false)
    private let ended = Mutex(0)
    private let clients = 4

    init(port: Int, round: Int) {
        self.port = port
        self.round = round
    }

    /// What was answered 200.
    var answered: Set<String> { names.withLock { $0 } }

    func start() {
        for client in 1...clients {
            Thread.detachNewThread { [self] in
                defer { ended.withLock { $0 += 1 } }
                guard let connection = PostingClient(port: port) else { return }
                var number = 0
                while !isOver.load(ordering: .relaxed) {
                    number += 1
                    let name = "r\(round)c\(client)n\(number)"
                    guard connection.post(name: name, round: round) else { return }
                    names.withLock { _ = $0.insert(name) }
                }
            }
        }
    }

    func stop() async throws -> Set<String> {
        isOver.store(true, ordering: .relaxed)
        try await eventually(within: .seconds(120)) { ended.withLock { $0 } == clients }
        return answered
    }
}

/// A kept connection, on a thread that may wait.
private final class PostingClient {
    private let descriptor: Int32

    struct Unreachable: Error {}

    init?(port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    static func post(_ port: Int, name: String, round: Int) throws -> Bool {
        guard let client = PostingClient(port: port) else { throw Unreachable() }
        return client.post(name: name, round: round)
    }

    /// - Returns: whether it was answered 200.
    func post(name: String, round: Int) -> Bool {
        let body = "[{\"labels\":{\"alertname\":\"\(name)\",\"round\":\"\(round)\"}}]"
        let text =
            "POST /api/v2/alerts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        guard write(text) else { return false }
        var answer: [UInt8] = []
        while !answer.ends(with: "\r\n\r\n".utf8) {
            guard let part = receive() else { return false }
            answer += part
        }
        return answer.starts(with: "HTTP/1.1 200 ".utf8)
    }

    /// The whole answer to a GET.
    static func get(_ port: Int, _ target: String) throws -> String {
        guard let client = PostingClient(port: port),
            client.write("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        else { throw Unreachable() }
        var answer: [UInt8] = []
        while let part = client.receive() { answer += part }
        return String(decoding: answer, as: UTF8.self)
    }

    /// The names of a round's alerts.
    static func names(_ port: Int, round: Int) throws -> Set<String> {
        let answer = try get(port, "/api/v2/alerts?filter=round%3D\(round)")
        guard let body = answer.firstRange(of: "\r\n\r\n"),
            case .array(let list)? = JSONValue(parsing: Array(answer[body.upperBound...].utf8))
        else { throw Unreachable() }
        return Set(list.compactMap { $0["labels"]?["alertname"]?.string })
    }

    private func write(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }
}

extension [UInt8] {
    fileprivate func ends(with end: some Collection<UInt8>) -> Bool { suffix(end.count).elementsEqual(end) }
}
