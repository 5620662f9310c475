import Foundation
import Planning
import Spec
import TestKit
import Testing

@Suite("What a deploy to containers does not do")
struct DeployGapsTests {
    private static let file = """
        hauban: 1
        platform: shop
        services:
          api:
            source: api
            run: ./api
            port: 80
            health: {ready: /health, live: /live}
            expose: [{path: /, filter: true}]
            egress: [pay.example]
            scale: {min: 2, max: 4, cpu: 70%}
            uses: {db: write}
          report: {source: api, run: ./report, schedule: "0 3 * * *"}
        resources:
          db: {kind: postgres, version: 16, storage: 1Gi, encrypt: true, standby: true, backup: {every: 6h}}
        telemetry: {stack: prometheus, traces: otlp, logs-keep: 90d, logs-encrypt: true}
        oncall: {primary: {rotation: {people: [ana]}}}
        environments:
          box: {target: docker, patch: {docker: {services: {api: {init: true}}}}}
          fleet: {target: swarm, failover: cluster, patch: {swarm: {services: {api: {init: true}}}}}
          cluster: {target: kubernetes}
          bare: {target: docker, services: {api: null, report: null}, resources: {db: null}, telemetry: null}

        """

    private func judge(_ environment: String, _ waivers: String = "", on day: Int = 21) throws -> Judgement {
        let parsed = ParsedPlatform.parse(text: Self.file + waivers, name: "hauban.yaml")
        #expect(parsed.diagnostics.isEmpty, "\(TextReport(source: parsed.source).text(parsed.diagnostics))")
        let name = try #require(EnvironmentName(environment))
        return DeployGaps.judge(parsed, in: name, today: try today(day))
    }

    private func today(_ day: Int = 21) throws -> CalendarDate {
        try #require(CalendarDate(year: 2026, month: 11, day: day))
    }

    @Test("each thing that is written and not done is an error with a place, where containers run and nowhere else")
    func told() throws {
        let box = try judge("box").diagnostics
        let both = [
            "backup", "egress", "encrypt", "filter", "live", "logs-encrypt", "logs-keep", "patch", "schedule",
            "storage", "telemetry", "traces",
        ]
        #expect(box.map(\.code).sorted() == both.map { "deploy/\($0)" })
        #expect(box.allSatisfy { $0.severity == .error && $0.span != nil && $0.environment == "box" })
        let backup = try #require(box.first { $0.code == "deploy/backup" })
        #expect(backup.path == "resources.db.backup" && backup.span?.line == 15)
        let fleet = try judge("fleet").diagnostics.map(\.code).sorted()
        #expect(fleet == (both + ["failover", "scale", "standby"]).sorted().map { "deploy/\($0)" })
        #expect(try judge("cluster").diagnostics == [])
        #expect(try judge("bare").diagnostics == [], "what nobody wrote is not refused")
    }

    @Test("every rule is found by this platform")
    func whole() throws {
        let found = Set(try (judge("box").diagnostics + judge("fleet").diagnostics).map(\.code))
        #expect(found == Set(DeployRule.all.map(\.id)))
        #expect(Set(DeployRule.all.map(\.id)).count == DeployRule.all.count)
    }

    @Test("a Swarm starts again what fails `ready`, so that the same question is no gap there")
    func sameQuestion() throws {
        let text = Self.file.replacing("live: /live", with: "live: /health")
        let parsed = ParsedPlatform.parse(text: text, name: "hauban.yaml")
        func hasGap(_ name: String) throws -> Bool {
            let name = try #require(EnvironmentName(name))
            return DeployGaps.judge(parsed, in: name, today: try today()).diagnostics.contains {
                $0.code == "deploy/live"
            }
        }
        #expect(try hasGap("box"))
        #expect(try !hasGap("fleet"))
    }

    @Test("a waiver sets one aside until its last day, in its environment, and the others stay")
    func waived() throws {
        let waiver =
            "waivers: {w: {rule: deploy/backup, scope: resources.db, environment: box, reason: a timer dumps "
            + "it, owner: ana, expires: 2026-11-21}}\n"
        let judgement = try judge("box", waiver)
        #expect(judgement.waived.map(\.finding.code) == ["deploy/backup"])
        #expect(!judgement.diagnostics.contains { $0.code == "deploy/backup" })
        #expect(judgement.diagnostics.count == 11)
        #expect(try judge("box", waiver, on: 22).diagnostics.count == 12)
        #expect(try judge("fleet", waiver).waived.isEmpty)
        let elsewhere = waiver.replacing("resources.db", with: "resources.cache")
        #expect(try judge("box", elsewhere).waived.isEmpty)
    }

    @Test("the waiver that a finding's help shows sets that finding aside")
    func helpIsRight() throws {
        for finding in try judge("box").diagnostics {
            let help = try #require(finding.help)
            let start = try #require(help.firstRange(of: "`waivers: "))
            let shown = help[start.upperBound...].prefix { $0 != "`" }
                .replacing("WHY", with: "it is a trial").replacing("WHO", with: "ana")
            let judgement = try judge("box", "waivers: \(shown)\n")
            #expect(judgement.waived.map(\.finding.path) == [finding.path])
        }
    }

    @Test("`check` says them as notes, and which waivers of them set nothing aside")
    func notes() throws {
        let waivers = """
            waivers:
              used: {rule: deploy/backup, reason: a timer dumps it, owner: ana, expires: 2027-01-31}
              idle: {rule: deploy/standby, environment: box, reason: one is enough, owner: ana, expires: 2027-01-31}
              wrong: {rule: deploy/backups, reason: one is enough, owner: ana, expires: 2027-01-31}

            """
        let parsed = ParsedPlatform.parse(text: Self.file + waivers, name: "hauban.yaml")
        let notes = DeployGaps.notes(parsed, today: try today())
        let gaps = notes.diagnostics.filter { $0.id == .deployGap }
        #expect(gaps.allSatisfy { $0.severity == .note })
        #expect(!gaps.contains { $0.code == "deploy/backup" })
        #expect(notes.waived.map(\.finding.environment) == ["box", "fleet"])
        #expect(notes.diagnostics.filter { $0.id == .waiverUnused }.map(\.path) == ["waivers.idle"])
        let wrong = Policies.check(parsed, today: try today()).filter { $0.id == .unknownRule }
        #expect(wrong.map(\.path) == ["waivers.wrong.rule"])
        #expect(wrong.first?.help?.contains("`deploy/backup`") == true)
    }

    @Test(
        "what examples deploy to docker here is waived whole",
        arguments: [
            ("cognitive-sprint", "staging"), ("incident-platform", "demo"), ("personal-assistant", "dev"),
        ])
    func examples(_ name: String, _ environment: String) throws {
        let file = Golden.repository().appendingPathComponent("Examples/\(name)/hauban.yaml")
        let parsed = ParsedPlatform.parse(bytes: Array(try Data(contentsOf: file)), name: "hauban.yaml")
        let today = try #require(BadPlatform.today)
        let judgement = DeployGaps.judge(parsed, in: try #require(EnvironmentName(environment)), today: today)
        #expect(judgement.diagnostics.isEmpty, "\(TextReport(source: parsed.source).text(judgement.diagnostics))")
        #expect(!judgement.waived.isEmpty)
        let unused = DeployGaps.notes(parsed, today: today).diagnostics.filter { $0.id == .waiverUnused }
        #expect(unused.isEmpty, "\(TextReport(source: parsed.source).text(unused))")
    }

    @Test("the table of docs/docker.md is the table of the rules")
    func tableIsFresh() throws {
        let file = Golden.repository().appendingPathComponent("docs/docker.md")
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let start = try #require(text.firstRange(of: "<!-- deploys: begin -->\n"))
        let end = try #require(text.firstRange(of: "<!-- deploys: end -->"))
        let fresh = text[..<start.upperBound] + "\n" + DeployRule.markdown + "\n\n" + text[end.lowerBound...]
        Golden.expect(String(fresh), in: file)
    }
}
