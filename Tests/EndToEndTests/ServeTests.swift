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
