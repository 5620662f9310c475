import Planning
import Spec
import Testing

@Suite struct WaiverTests {
    private let platform = """
        hauban: 1
        platform: shop
        services:
          api: {source: api, port: 80, expose: {path: /}, size: {cpu: 1}}
          web: {source: web, port: 80, expose: {path: /web}, size: {cpu: 1}}
        oncall: {primary: {rotation: {people: [ana]}}}
        environments:
          dev: {target: local}
          test: {target: local}

        """

    private func judge(_ waiver: String, on day: Int = 21) throws -> Judgement {
        let today = try #require(CalendarDate(year: 2026, month: 11, day: day))
        let text = platform + "waivers: {w: {\(waiver), reason: it is a laptop, owner: ana, expires: 2026-11-21}}\n"
        return Policies.judge(ParsedPlatform.parse(text: text, name: "hauban.yaml"), today: today)
    }

    @Test("a waiver covers its scope in every environment and keeps what it set aside")
    func scope() throws {
        let judgement = try judge("rule: target-cannot-honour, scope: services.api")
        #expect(judgement.diagnostics.map(\.path) == ["services.web.size"])
        #expect(
            judgement.waived.map { "\($0.finding.path) \($0.finding.environment ?? "")" }.sorted() == [
                "services.api.size dev", "services.api.size test",
            ])
        #expect(judgement.waived.allSatisfy { $0.waiver.text == "w" })
    }

    @Test("a star covers any one key")
    func star() throws {
        #expect(try judge("rule: target-cannot-honour, scope: services.*.size").diagnostics.isEmpty)
    }

    @Test("a waiver for one environment leaves the others' findings")
    func environment() throws {
        for waiver in ["environment: dev", "scope: environments.dev", "scope: environments.dev.services"] {
            let judgement = try judge("rule: target-cannot-honour, \(waiver)")
            #expect(judgement.diagnostics.map(\.environment) == ["test", "test"])
            #expect(judgement.waived.count == 2)
        }
    }

    @Test("a waiver holds on its last day and not on the day after")
    func expiry() throws {
        #expect(try judge("rule: target-cannot-honour", on: 21).diagnostics.isEmpty)
        let late = try judge("rule: target-cannot-honour", on: 22)
        #expect(late.waived.isEmpty)
        #expect(
            late.diagnostics.map(\.id).sorted { $0.rawValue < $1.rawValue } == [
                .targetCannotHonour, .targetCannotHonour, .waiverExpired,
            ])
    }

    @Test("the waiver that a finding's help shows sets that finding aside")
    func helpIsRight() throws {
        let today = try #require(BadPlatform.today)
        let first = Policies.check(ParsedPlatform.parse(text: platform, name: "hauban.yaml"), today: today)
        let help = try #require(first.first?.help)
        let start = try #require(help.firstRange(of: "`waivers: "))
        let shown = help[start.upperBound...].prefix { $0 != "`" }
            .replacing("WHY", with: "it is a laptop").replacing("WHO", with: "ana")
        let after = Policies.check(
            ParsedPlatform.parse(text: platform + "waivers: " + shown + "\n", name: "hauban.yaml"), today: today)
        #expect(
            !after.contains { $0.path == first[0].path && $0.environment == first[0].environment && $0.notes.isEmpty })
        #expect(!after.contains { $0.id == .waiverUnused })
    }

    @Test("taking the field away as the help shows removes the finding")
    func overrideIsRight() throws {
        let today = try #require(BadPlatform.today)
        let text = """
            hauban: 1
            platform: shop
            services: {api: {source: api, port: 80, expose: {path: /}, size: {cpu: 1}}}
            environments: {dev: {target: local, services: {api: {size: null}}}}
            """
        #expect(Policies.check(ParsedPlatform.parse(text: text, name: "hauban.yaml"), today: today).isEmpty)
    }

    @Test("a waiver about files is not called unused when nobody looked at them")
    func aboutFiles() throws {
        let today = try #require(BadPlatform.today)
        let text = """
            hauban: 1
            platform: shop
            services: {api: {source: api, run: serve}}
            waivers: {later: {rule: source-missing, reason: it is to come, owner: ana, expires: 2027-01-01}}

            """
        let parsed = ParsedPlatform.parse(text: text, name: "hauban.yaml")
        #expect(Policies.check(parsed, today: today).isEmpty)
        #expect(Policies.judge(parsed, today: today, files: FileFacts(existing: [])).diagnostics.isEmpty)
        #expect(Policies.check(parsed, today: today, files: FileFacts(existing: ["api"])).map(\.id) == [.waiverUnused])
    }

    @Test("what one waiver sets aside everywhere is listed once")
    func listedOnce() throws {
        let today = try #require(BadPlatform.today)
        let text = platform + "waivers: {w: {rule: source-missing, reason: later, owner: ana, expires: 2027-01-01}}\n"
        let parsed = ParsedPlatform.parse(text: text, name: "hauban.yaml")
        let judgement = Policies.judge(parsed, today: today, files: FileFacts(existing: []))
        #expect(
            judgement.waived.map { "\($0.finding.path) \($0.finding.environment ?? "everywhere")" } == [
                "services.api.source everywhere", "services.web.source everywhere",
            ])
    }
}
