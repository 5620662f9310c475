import Response
import Spec
import Testing

@Suite("Stories of releases and remedies")
struct ReleaseStories {
    /// Step 0 returns the release, then people are told.
    private static func returning(_ rules: inout Rulebook) {
        rules.policies["levels"] = EscalationPolicy(steps: [
            .init(after: .zero, deed: .perform("return-release")), .init(after: .zero, deed: .tell("primary")),
            .init(after: .seconds(300), deed: .tell("secondary")),
        ])
    }

    /// A good release, then another some time later, which ended five minutes ago.
    private func shipped(
        _ memory: Memory, migration: ReleaseRecord.Migration = .none,
        _ change: (inout Rulebook) -> Void = { _ in }
    ) -> Story {
        var story = Story(memory) { rules in
            Self.returning(&rules)
            change(&rules)
        }
        story.ships("r1")
        story.settles("r1")
        story.pass(minutes: 600)
        story.ships("r2", migration: migration)
        story.pass(minutes: 1)
        story.settles("r2", migration: migration)
        story.pass(minutes: 5)
        return story
    }

    @Test(
        "an incident opens with what was shipped before it, by whom, and the last good release",
        arguments: Memory.allCases)
    func suspects(memory: Memory) {
        var story = shipped(memory)
        story.fires("Down")
        let released = story.deeds().compactMap { deed in
            if case .released(let record) = deed { return "\(record.id) by \(record.by)" }
            return nil
        }
        #expect(released == ["r2 by eva"])
        #expect(story.deeds().contains(.lastGood(service: "api", release: "r1")))
        #expect(story.responder.subject("i1")?.lastGood == "r1")
    }

    @Test("a release that is older than an hour is no suspect", arguments: Memory.allCases)
    func old(memory: Memory) {
        var story = shipped(memory)
        story.pass(minutes: 61)
        story.fires("Down")
        #expect(story.performed.isEmpty && story.told.count == 1)
        #expect(story.decisions() == [.remedyRefused("return-release", why: .noRecentRelease)])
    }

    @Test("a release that begins while an incident is open is in its timeline", arguments: Memory.allCases)
    func during(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.ships("r5")
        story.pass(minutes: 1)
        story.settles("r5", .failed(reason: "not ready"))
        let verdicts = story.deeds().compactMap { deed -> ReleaseRecord.Verdict? in
            if case .released(let record) = deed { return record.verdict }
            return nil
        }
        #expect(verdicts == [.switching, .failed(reason: "not ready")])
    }

    @Test("going back to the last good release comes before waking anybody", arguments: Memory.allCases)
    func returns(memory: Memory) {
        var story = shipped(memory)
        story.fires("Down")
        #expect(story.performed.map(\.key) == ["i1/return-release"])
        #expect(story.performed[0].release == "r2" && story.performed[0].target == "r1")
        #expect(story.told.isEmpty)
        story.pass(seconds: 20)
        story.happen(.remedied(key: "i1/return-release", succeeded: true, output: "r1 serves"))
        story.settles("r2", .returned(reason: "incident i1"))
        story.pass(seconds: 30)
        story.ends("Down")
        story.pass(minutes: 60)
        #expect(story.told.isEmpty && story.status() == .resolved)
        #expect(story.remedy("return-release") == .succeeded(output: "r1 serves"))
    }

    @Test("what the return did not cure wakes somebody a minute later", arguments: Memory.allCases)
    func notCured(memory: Memory) {
        var story = shipped(memory)
        let base = story.now
        story.fires("Down")
        story.pass(seconds: 20)
        story.happen(.remedied(key: "i1/return-release", succeeded: true, output: ""))
        story.pass(minutes: 10)
        #expect(
            story.told == [
                "\(Story.clock(base + .seconds(80))) sms ana: page i1",
                "\(Story.clock(base + .seconds(300))) sms ben: page i1",
            ])
    }

    @Test("a return that fails wakes somebody at once", arguments: Memory.allCases)
    func failed(memory: Memory) {
        var story = shipped(memory)
        story.fires("Down")
        story.pass(seconds: 20)
        story.happen(.remedied(key: "i1/return-release", succeeded: false, output: "the old one does not start"))
        #expect(story.told.count == 1)
        #expect(story.remedy("return-release") == .failed(output: "the old one does not start"))
    }

    @Test(
        "a return of which nothing is heard wakes somebody after its time, and is not run again",
        arguments: Memory.allCases)
    func silent(memory: Memory) {
        var story = shipped(memory)
        let base = story.now
        story.fires("Down")
        story.pass(minutes: 4)
        #expect(story.told.isEmpty)
        story.pass(minutes: 60)
        #expect(story.told.first == "\(Story.clock(base + .seconds(300))) sms ana: page i1")
        #expect(story.performed.count == 1 && story.remedy("return-release") == .silent(after: .seconds(300)))
    }

    @Test("killed while a remedy runs, it is not run again")
    func killed() {
        var story = shipped(.kept)
        story.fires("Down")
        story.crash(for: .seconds(30))
        #expect(story.performed.count == 1 && story.told.isEmpty)
        story.happen(.remedied(key: "i1/return-release", succeeded: true, output: "done"))
        #expect(story.remedy("return-release") == .succeeded(output: "done"))
    }

    @Test("a second incident of the same release does not return it a second time", arguments: Memory.allCases)
    func once(memory: Memory) {
        var story = shipped(memory)
        story.fires("Down")
        story.happen(.remedied(key: "i1/return-release", succeeded: true, output: ""))
        story.does("ana", .resolve)
        story.ends("Down")
        story.pass(minutes: 20)
        story.fires("Slow")
        #expect(story.performed.count == 1)
        #expect(story.decisions("i2").contains(.remedyRefused("return-release", why: .releaseAlreadyReturned("r2"))))
    }

    @Test(
        "no return across a migration that the version before cannot run after, or of which nobody knows",
        arguments: Memory.allCases)
    func migrations(memory: Memory) {
        for (migration, why) in [
            (ReleaseRecord.Migration.incompatible, RemedyRefusal.incompatibleMigration(release: "r2")),
            (.unknown, .migrationUnknown(release: "r2")),
        ] {
            var story = shipped(memory, migration: migration)
            story.fires("Down")
            #expect(story.performed.isEmpty && story.told.count == 1)
            #expect(story.decisions() == [.remedyRefused("return-release", why: why)])
        }
        var story = shipped(memory, migration: .compatible)
        story.fires("Down")
        #expect(story.performed.count == 1)
    }

    @Test("a failed release in between that migrated counts too", arguments: Memory.allCases)
    func failedBetween(memory: Memory) {
        var story = Story(memory, Self.returning)
        story.ships("r1")
        story.settles("r1")
        story.ships("r2", migration: .incompatible)
        story.pass(seconds: 1)
        story.settles("r2", .failed(reason: "x"), migration: .incompatible)
        story.pass(seconds: 1)
        story.ships("r3")
        story.pass(seconds: 1)
        story.settles("r3")
        story.pass(minutes: 5)
        story.fires("Down")
        #expect(story.decisions() == [.remedyRefused("return-release", why: .incompatibleMigration(release: "r2"))])
    }

    @Test("missing data returns nothing, unless a person asks", arguments: Memory.allCases)
    func missingData(memory: Memory) {
        var story = shipped(memory)
        story.fires("DatasourceNoData")
        #expect(story.performed.isEmpty && story.told.count == 1)
        #expect(story.decisions() == [.remedyRefused("return-release", why: .missingData)])
        story.does("ana", .run(action: "return-release"))
        #expect(story.performed.count == 1 && story.remedy("return-release") == .running(approvedBy: "ana"))
    }

    @Test("the first release has none before it to go back to", arguments: Memory.allCases)
    func firstRelease(memory: Memory) {
        var story = Story(memory, Self.returning)
        story.ships("r1")
        story.settles("r1")
        story.pass(minutes: 5)
        story.fires("Down")
        #expect(story.decisions() == [.remedyRefused("return-release", why: .noLastGoodRelease)])
    }

    @Test("while a release is under way it settles the matter itself", arguments: Memory.allCases)
    func underWay(memory: Memory) {
        var story = shipped(memory)
        story.ships("r3")
        story.happen(.burn(service: "api", isBurning: true))
        story.fires("Down")
        #expect(story.decisions() == [.remedyRefused("return-release", why: .releaseUnderWay("r3"))])
        #expect(story.told.count == 1)
    }

    // MARK: Switching

    @Test(
        "alerts of a service that switches are held back, and told when the switch is over", arguments: Memory.allCases)
    func heldBack(memory: Memory) {
        var story = Story(memory)
        story.ships("r1")
        story.pass(seconds: 10)
        story.fires("Down")
        story.fires("Down", "web")
        #expect(story.told == ["0:10 sms ana: page i1"])
        #expect(story.standing("Down")?.mutes == [.switching(release: "r1", service: "api")])
        story.pass(seconds: 20)
        story.settles("r1")
        story.pass(seconds: 70)
        #expect(story.told == ["0:10 sms ana: page i1", "1:30 sms ana: page i2"])
    }

    @Test("an alert about a release that ended is no symptom of its switch", arguments: Memory.allCases)
    func aboutTheRelease(memory: Memory) {
        var story = Story(memory)
        story.ships("r1")
        story.pass(seconds: 10)
        story.fires("Early", "api", "high", ["release": "r1"])
        #expect(story.told.isEmpty, "while it switches nobody knows what is about it")
        story.settles("r1", .returned(reason: "5xx"))
        story.fires("Down", "api", "high", ["release": "r0"])
        #expect(story.told.isEmpty)
        story.fires("ReleaseReturned", "api", "high", ["release": "r1"])
        #expect(story.told == ["0:10 sms ana: page i1"])
    }

    @Test("what was only the switch tells nobody", arguments: Memory.allCases)
    func onlyTheSwitch(memory: Memory) {
        var story = Story(memory)
        story.ships("r1")
        story.fires("Down")
        story.pass(seconds: 30)
        story.ends("Down")
        story.settles("r1")
        story.pass(minutes: 10)
        #expect(story.told.isEmpty && story.responder.incidents.isEmpty)
    }

    @Test("when the service burns its objective the switch holds nothing back", arguments: Memory.allCases)
    func burns(memory: Memory) {
        var story = Story(memory)
        story.ships("r1")
        story.fires("Down")
        #expect(story.told.isEmpty)
        story.pass(seconds: 15)
        story.happen(.burn(service: "api", isBurning: true))
        #expect(story.told == ["0:15 sms ana: page i1"])
        story.happen(.burn(service: "api", isBurning: false))
        story.fires("Slow")
        #expect(story.standing("Slow")?.mutes.count == 1)
    }

    @Test("what fired before the release began is not about its switch", arguments: Memory.allCases)
    func before(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.pass(minutes: 1)
        story.ships("r1")
        story.pass(minutes: 5)
        #expect(story.told.count == 2)
    }

    @Test(
        "a release that never says how it ended holds alerts back for half an hour at most", arguments: Memory.allCases)
    func neverEnds(memory: Memory) {
        var story = Story(memory)
        story.ships("r1")
        story.pass(minutes: 1)
        story.fires("Down")
        story.pass(minutes: 40)
        #expect(story.told.first == "30:00 sms ana: page i1")
    }

    // MARK: Runbooks

    private static func runbook(_ rules: inout Rulebook) {
        rules.actions["clear-cache"] = RunbookAction(
            name: "clear-cache", deed: .command("clear-cache"), needsApproval: true)
        rules.policies["levels"] = EscalationPolicy(steps: [
            .init(after: .zero, deed: .perform("clear-cache")), .init(after: .zero, deed: .tell("primary")),
        ])
    }

    @Test("what needs approval waits for it, and people are told meanwhile", arguments: Memory.allCases)
    func approval(memory: Memory) {
        var story = Story(memory, Self.runbook)
        story.fires("Down")
        #expect(story.performed.isEmpty && story.told.count == 1)
        #expect(story.remedy("clear-cache") == .awaitsApproval)
        story.pass(minutes: 1)
        story.does("ana", .approve(action: "clear-cache"))
        #expect(story.performed.count == 1 && story.remedy("clear-cache") == .running(approvedBy: "ana"))
        story.happen(.remedied(key: "i1/clear-cache", succeeded: true, output: "12 keys"))
        #expect(story.deeds().contains(.remedy("clear-cache", .succeeded(output: "12 keys"))))
        story.does("ana", .approve(action: "clear-cache"))
        story.does("ana", .run(action: "clear-cache"))
        #expect(story.refused == [.awaitsNoApproval("clear-cache"), .remedy(.alreadyTried)])
        #expect(story.performed.count == 1)
    }

    @Test("declined, it is not run", arguments: Memory.allCases)
    func declined(memory: Memory) {
        var story = Story(memory, Self.runbook)
        story.fires("Down")
        story.does("ana", .decline(action: "clear-cache"))
        story.does("ben", .approve(action: "clear-cache"))
        #expect(story.performed.isEmpty && story.remedy("clear-cache") == .declined(by: "ana"))
        #expect(story.refused == [.awaitsNoApproval("clear-cache")])
    }

    @Test("approval of a return judges again what may have changed", arguments: Memory.allCases)
    func approvedLate(memory: Memory) {
        var story = shipped(memory) {
            $0.actions["return-release"] = RunbookAction(
                name: "return-release", deed: .returnRelease, needsApproval: true)
        }
        story.fires("Down")
        #expect(story.remedy("return-release") == .awaitsApproval)
        story.pass(minutes: 1)
        story.ships("r3")
        story.does("ana", .approve(action: "return-release"))
        #expect(story.refused == [.remedy(.releaseUnderWay("r3"))] && story.performed.isEmpty)
    }

    @Test("a person runs an action, and only one is run in a service at a time", arguments: Memory.allCases)
    func oneAtATime(memory: Memory) {
        var story = Story(memory) { $0.routes[0].joinsService = false }
        story.fires("Down")
        story.fires("Slow")
        story.does("ana", .run(action: "restart"), to: "i1")
        story.does("ben", .run(action: "restart"), to: "i2")
        #expect(story.performed.map(\.incident) == ["i1"])
        #expect(story.refused == [.remedy(.serviceIsBeingRemedied(incident: "i1"))])
        story.happen(.remedied(key: "i1/restart", succeeded: true, output: ""))
        story.does("ben", .run(action: "restart"), to: "i2")
        #expect(story.performed.map(\.incident) == ["i1", "i2"])
    }

    @Test("what is not declared, not about a service, or too late, is refused with the reason")
    func refusals() {
        var story = Story()
        story.fires("DiskFull", nil)
        story.does("ana", .run(action: "dance"))
        story.does("ana", .run(action: "restart"))
        story.does("ana", .resolve)
        story.does("ana", .run(action: "scale-up"))
        story.happen(.remedied(key: "i1/none", succeeded: true, output: ""))
        #expect(
            story.refused == [
                .remedy(.unknown), .remedy(.noService), .remedy(.incidentIsOver), .unknownRemedy("i1/none"),
            ])
    }

    @Test("output that is long keeps its end")
    func output() {
        var story = Story()
        story.fires("Down")
        story.does("ana", .run(action: "restart"))
        let text = String(repeating: "é", count: 10_000) + "done"
        story.happen(.remedied(key: "i1/restart", succeeded: true, output: text))
        guard case .succeeded(let kept) = story.remedy("restart") else {
            Issue.record("it did not succeed")
            return
        }
        #expect(kept.hasSuffix("done") && kept.hasPrefix("[…]\n") && kept.utf8.count < 8300)
    }
}
