import Glibc
import TestKit
import Testing
import World

/// What a killed process leaves half done, and who ends it: the built binary, real processes, SIGKILL at a chosen point.
@Suite("A release that was broken off beside a control plane", .serialized, .timeLimit(.minutes(5)))
struct BrokenOffTests {
    @Test("a return that the pager began and was killed in is ended by the next serve, once, and its incident says so")
    func killedReturn() async throws {
        try await PagedPlatform.with { paged in
            try await paged.shop.deploy(expecting: 0)
            try paged.write(version: 2)
            try await paged.shop.deploy(expecting: 0)
            let port = try await paged.shop.port()
            let killed = try await paged.serve(["HAUBAN_TEST_KILL_AT": "written:switch.api"])
            try await paged.shop.eventually("it knows r2") { try await paged.verdict("r2") == "kept" }
            try await paged.alert("Errors", #""release":"r2""#)
            #expect(await ProcessExit.wait(for: killed, timeout: .seconds(60)) == .signalled(SIGKILL))
            #expect(try await paged.shop.version(port) == "2", "it was killed before it switched")
            try await paged.served { _ in
                try await paged.shop.eventually("version 1 serves again") { try await paged.shop.version(port) == "1" }
                try await paged.shop.eventually("the incident says so") {
                    try await paged.remedy("return-release", of: "i1")?.hasPrefix("succeeded") == true
                }
                let incident = try await paged.ask("GET", "/api/v1/incidents/i1").text
                #expect(
                    incident.contains("r3, which was broken off and then ended, went back from r2 to r1"), "\(incident)"
                )
                try await paged.shop.eventually("the release is told") { try await paged.verdict("r3") == "kept" }
            }
            let history = try await paged.shop.hauban("history", "dev", "--json")
            #expect(!history.output.contains("r4"), "one return, not two: \(history.output)")
            let log = SmallFile.text(paged.shop.root + "/serve.log") ?? ""
            #expect(log.contains("r3 had been broken off; it was ended: kept"), "\(log)")
        }
    }

    @Test("a deploy that is killed while serve runs is ended by it; one that stands still is left alone")
    func killedDeploy() async throws {
        try await PagedPlatform.with { paged in
            try await paged.shop.deploy(expecting: 0)
            let port = try await paged.shop.port()
            try await paged.served { _ in
                try paged.write(version: 2)
                let still = try paged.shop.start(
                    "deploy", "dev", output: "still.log", variables: ["HAUBAN_TEST_STOP_AT": "written:switch.api"])
                try await paged.shop.eventually("it stands still") { isStopped(still.pid) }
                // Longer than what is broken off is left to its own command.
                let end = ContinuousClock.now + .seconds(7)
                while ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(100)) }
                let log = SmallFile.text(paged.shop.root + "/serve.log") ?? ""
                #expect(!log.contains("broken off"), "its holder lives: \(log)")
                kill(still.pid, SIGCONT)
                #expect(await ProcessExit.wait(for: still, timeout: .seconds(60)) == .exited(code: 0))
                #expect(try await paged.shop.version(port) == "2")

                try paged.write(version: 3)
                let killed = try paged.shop.start(
                    "deploy", "dev", output: "killed.log", variables: ["HAUBAN_TEST_KILL_AT": "taken:switch.api"])
                #expect(await ProcessExit.wait(for: killed, timeout: .seconds(60)) == .signalled(SIGKILL))
                try await paged.shop.eventually("serve ends it, and hears of it") {
                    try await paged.verdict("r3") == "kept"
                }
                #expect(try await paged.shop.version(port) == "3")
            }
        }
    }

    @Test(
        "serve waits for a remedy when it is told to end, and what came of it stands in the incident after its next start"
    )
    func toldToEnd() async throws {
        try await PagedPlatform.with { paged in
            try await paged.shop.deploy(expecting: 0)
            func counted() -> String { SmallFile.text(paged.shop.root + "/count") ?? "" }
            let ended = try await paged.serve()
            try await paged.alert("Count", #""release":"r1""#)
            try await paged.shop.eventually("the command is under way") { counted() == "api\n" }
            kill(ended.pid, SIGTERM)
            #expect(await ProcessExit.wait(for: ended, timeout: .seconds(60)) == .exited(code: 0))
            try await paged.served { _ in
                try await paged.shop.eventually("its end is known") {
                    try await paged.remedy("count", of: "i1")?.hasPrefix("succeeded") == true
                }
                let incident = try await paged.ask("GET", "/api/v1/incidents/i1").text
                #expect(incident.contains("of api exited with"), "its output: \(incident)")
                #expect(counted() == "api\n", "begun once, and never again")
            }
        }
    }

    private func isStopped(_ pid: Int32) -> Bool {
        guard let text = SmallFile.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return false }
        return text[end...].dropFirst(2).first == "T"
    }
}
