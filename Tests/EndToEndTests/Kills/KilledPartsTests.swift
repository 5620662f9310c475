import Delivery
import Glibc
import Testing
import World

/// SIGKILL for what `hauban` left running: the front door, a replica, the supervisor.
@Suite("A killed part of a platform", .serialized, .timeLimit(.minutes(3)))
struct KilledPartsTests {
    @Test("a killed front door is back at once, on its addresses and with its routes")
    func frontDoor() async throws {
        try await TinyPlatform.make().used { shop in
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()
            let files = try EnvironmentFiles(shop)
            let before = try await files.end()
            let state = try SmallFile.read(files.folder + "/front-door.json")
            var figures: [Duration] = []
            for _ in 1...8 {
                let door = try await files.lasting()[1]
                #expect(door > 0)
                kill(door, SIGKILL)
                let began = ContinuousClock.now
                let gone = ProcessRecord(running: door)
                try await shop.eventually("the killed one is gone") { gone?.isAlive != true }
                try await shop.eventually("requests are answered again", within: .seconds(5)) {
                    // Across two services, so that the listener between them is back too.
                    try await answer(port, "/api/chain") == "1"
                }
                figures.append(began.duration(to: .now))
                #expect(try SmallFile.read(files.folder + "/front-door.json") == state)
                #expect(try await files.lasting()[1] != door)
            }
            print("a killed front door answered again after \(figures.sorted().map(\.inMilliseconds))")
            try await shop.eventually("all is as before") { try await files.end() == before }
        }
    }

    @Test("a killed replica costs no request, and is replaced")
    func replica() async throws {
        try await TinyPlatform.make().used { shop in
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()
            let files = try EnvironmentFiles(shop)
            let sent = try await Witness.watch(port: port, version: "1", pause: .milliseconds(2)) { witness in
                for round in 0..<6 {
                    let replicas = try await files.supervisor.status().filter { $0.name == "api" }
                    #expect(replicas.count == 2 && replicas.allSatisfy { $0.state == .ready })
                    let victim = replicas[round % 2]
                    let pid = try #require(victim.pid)
                    kill(pid, SIGKILL)
                    try await shop.eventually("\(victim.id) is replaced") {
                        let now = try await files.supervisor.status().first { $0.id == victim.id }
                        return now?.state == .ready && now?.pid != pid && now?.port == victim.port
                    }
                    let findings = witness.take()
                    #expect(findings.count == 0, "round \(round): \(findings.prefix(3))")
                }
            }
            #expect(sent > 100)
            let status = try await shop.hauban("status", "dev", "--json")
            #expect(status.code == 0)
        }
    }

    @Test("a process that was given the number of a dead one is neither adopted nor ended")
    func reusedNumber() async throws {
        try await TinyPlatform.make().used { shop in
            try await shop.deploy(expecting: 0)
            let files = try EnvironmentFiles(shop)
            let supervisor = try await files.lasting()[0]
            let worker = try #require(try await files.supervisor.status().first { $0.name == "worker" }?.pid)
            let innocent = try ChildProcess(
                command: ["/bin/sleep", "600"], environment: [:], workingDirectory: "/",
                standardOutput: "/dev/null", standardError: "/dev/null"
            ).launch()
            defer {
                innocent.send(SIGKILL, toGroup: false)
                _ = ProcessExit.reap(innocent.pid)
            }
            kill(supervisor, SIGKILL)
            kill(worker, SIGKILL)
            try await shop.eventually("both are gone") {
                [supervisor, worker].allSatisfy { ProcessEntry(pid: $0)?.isZombie ?? true }
            }
            // As if the kernel had come round to the worker's number.
            let path = files.folder + "/supervisor.json"
            let text = try #require(SmallFile.text(path))
            #expect(text.contains("\"pid\":\(worker),"))
            try AtomicFile.write(
                Array(text.replacing("\"pid\":\(worker),", with: "\"pid\":\(innocent.pid),").utf8), to: path)
            _ = try await shop.hauban("status", "dev")
            try await shop.eventually("the worker is started anew") {
                let now = try await files.supervisor.status().first { $0.name == "worker" }
                return now?.state == .ready && now?.pid != innocent.pid && now?.restarts == 1
            }
            #expect(try await shop.hauban("down", "dev").code == 0)
            #expect(innocent.isAlive)
        }
    }

    private func answer(_ port: Int, _ path: String) async throws -> String? {
        let answer = try? await HTTPRequest(url: "http://127.0.0.1:\(port)\(path)").send(within: .seconds(2))
        return answer?.status == 200 ? answer?.body : nil
    }
}

extension Duration {
    /// `12 ms`.
    var inMilliseconds: String { "\(Int(self / .milliseconds(1))) ms" }
}
