import Delivery
import Glibc
import Testing
import World

/// SIGKILL for what `hauban` left running: the front door, a replica, the supervisor.
@Suite("A killed part of a platform", .serialized, .timeLimit(.minutes(10)))
struct KilledPartsTests {
    @Test(
        "a killed front door refuses nobody: who connects is answered by the next one, also after a killed supervisor")
    func newcomers() async throws {
        try await TinyPlatform.make().used { shop in
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()
            let files = try EnvironmentFiles(shop)
            let held = try #require(try await files.supervisor.ping().listeners)
            // The world's listener and those of the services that are called.
            let door = try #require(JSONValue(parsing: try SmallFile.read(files.folder + "/front-door.json")))
            guard case .array(let listeners)? = door["listeners"] else { throw FrontDoorLacks() }
            #expect(Set(held) == Set(listeners.map { "127.0.0.1:\($0["port"]?.text ?? "?")" }))
            #expect(held.count > 1 && held.contains("127.0.0.1:\(port)"), "\(held)")
            let report = try await Newcomers.come(port: port, paths: ["/api/version", "/api/chain", "/version.txt"]) {
                for round in 1...8 {
                    if round == 5 {
                        let supervisor = try #require(ProcessRecord(running: try await files.lasting()[0]))
                        supervisor.send(SIGKILL, toGroup: false)
                        try await shop.eventually("the supervisor is gone", within: .seconds(60)) {
                            !supervisor.isAlive
                        }
                        #expect(try await shop.hauban("status", "dev").code == 0)
                        try await shop.eventually("the next one holds the sockets", within: .seconds(60)) {
                            try await files.supervisor.ping().listeners.map(Set.init) == Set(held)
                        }
                    }
                    let door = try #require(ProcessRecord(running: try await files.lasting()[1]))
                    let began = ContinuousClock.now
                    door.send(SIGKILL, toGroup: false)
                    try await shop.eventually("the killed one is gone", within: .seconds(60)) { !door.isAlive }
                    $0.died(from: began, to: .now)
                    try await shop.eventually("another one runs", within: .seconds(60)) {
                        let pid = try await files.lasting()[1]
                        return pid > 0 && pid != door.pid
                    }
                    // Half of the deaths meet a front door that has begun to serve, half one that has not.
                    guard round % 2 == 0 else { continue }
                    #expect(try await answer(port, "/api/chain") == "1")
                }
            }
            #expect(report.refused == 0)
            #expect(report.failed.isEmpty, "\(report.failed.count): \(report.failed.prefix(3))")
            #expect(report.answered > 100)
            print(
                "\(report.answered) connections answered, the slowest after \(report.slowest.inMilliseconds); "
                    + "\(report.cut) of them cut with the front door that had accepted them")
            #expect(try await files.supervisor.ping().listeners.map(Set.init) == Set(held))
            #expect(try await shop.hauban("down", "dev").code == 0)
            #expect(await Newcomers.isRefused(port))
        }
    }

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
                try await shop.eventually("requests are answered again") {
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

    private struct FrontDoorLacks: Error {}

    private func answer(_ port: Int, _ path: String) async throws -> String? {
        let answer = try? await HTTPRequest(url: "http://127.0.0.1:\(port)\(path)").send(within: .seconds(60))
        return answer?.status == 200 ? answer?.body : nil
    }
}

extension Duration {
    /// `12 ms`.
    var inMilliseconds: String { "\(Int(self / .milliseconds(1))) ms" }
}
