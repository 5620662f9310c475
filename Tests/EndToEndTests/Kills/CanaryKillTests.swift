import Testing
import World

/// SIGKILL for `hauban` while a new release has a share of the requests.
@Suite("A hauban killed at a canary's share", .serialized, .timeLimit(.minutes(5)))
struct CanaryKillTests {
    private enum Next: CaseIterable { case same, rollback, status, another }

    @Test(
        "is no loss: the same deploy, a rollback, status and another deploy end as unbroken ones, and nobody is left at the share"
    )
    func everyPoint() async throws {
        // As the binary passes them, around each share and on the way back from the first.
        var good: [String] = []
        var bad: [String] = []
        _ = try await KillChain.use(inShares: true) { chain in
            good = try await chain.unbroken(.good)
            bad = try await chain.unbroken(.bad)
        }
        func isOfShare(_ point: String) -> Bool { point.contains("shift") || point.contains("hold") }
        good = good.filter { isOfShare($0) && ($0.hasPrefix("written:") || $0.hasPrefix("taken:")) }
        bad = bad.filter { $0.contains("undo") && isOfShare($0) }
        try #require(good.count == 8 && bad.count >= 2, "\(good) \(bad)")
        let jobs = good.enumerated().flatMap { index, point in
            // All four where the new release has its first share, else one of them in turn.
            (point == "written:hold.20%.api" ? Next.allCases : [Next.allCases[(index + index / 4) % 4]])
                .map { (point: point, next: $0) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0..<3 {
                let own = jobs.enumerated().filter { $0.offset % 3 == part }.map(\.element)
                let back = bad.enumerated().filter { $0.offset % 3 == part }.map(\.element)
                group.addTask {
                    _ = try await KillChain.use(inShares: true) { chain in
                        for job in own {
                            switch job.next {
                            case .same: _ = try await chain.kill(.good, .at(job.point), then: .deploy)
                            case .rollback: _ = try await chain.kill(.good, .at(job.point), then: .rollback)
                            case .status: _ = try await chain.kill(.good, .at(job.point), then: .status)
                            case .another: try await chain.killThenAnother(job.point)
                            }
                        }
                        for point in back { _ = try await chain.kill(.bad, .at(point), then: .status) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("and then down: everything stops, the release is over, and the next deploy begins anew")
    func down() async throws {
        try await TinyPlatform.make(inShares: true).used { shop in
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()
            let files = try EnvironmentFiles(shop)
            let reference = try await files.end().withoutVersion(1)
            try TinyPlatform.write(version: 2, to: shop)
            _ = try await Witness.watch(port: port, version: "1") { witness in
                witness.expect(1, 2)
                let record = try shop.start(
                    "deploy", "dev", output: "killed.log", variables: ["HAUBAN_TEST_KILL_AT": "written:hold.20%.api"])
                #expect(await ProcessExit.wait(for: record, timeout: .seconds(60)) == .signalled(9))
                let findings = witness.take()
                #expect(findings.count == 0, "\(findings.prefix(3))")
            }
            let down = try await shop.hauban("down", "dev")
            #expect(down.code == 0, "\(down.output)\(down.errors)")
            #expect(down.output.contains("r2 was interrupted: returned"), "\(down.output)")
            #expect(shop.processes().isEmpty, "no orphan: \(shop.processes())")
            #expect(try files.lastRelease()?.verdict == "returned")
            let again = try await shop.hauban("down", "dev")
            #expect(again.code == 0 && !again.output.contains("interrupted"), "\(again.output)\(again.errors)")

            let deploy = try await shop.hauban("deploy", "dev")
            #expect(deploy.code == 0, "\(deploy.output)\(deploy.errors)")
            #expect(try await EnvironmentFiles(shop).end().withoutVersion(2) == reference)
            #expect(try await shop.port() == port)
            #expect(try await shop.version(port) == "2")
        }
    }
}
