import Spec
import TestKit
import Testing

@testable import Planning

@Suite("The pipeline's gates")
struct GateJudgeTests {
    private static func judge(
        _ gates: Gates = .usual, waivers: String = "", today: String = "2026-11-22", baseline: Set<String>? = nil
    ) throws -> GateJudge {
        let text = """
            hauban: 1
            platform: shop
            owner: {team: shop}
            services: {api: {image: "shop/api:1"}}
            teams: {shop: {people: [ana]}}
            people: {ana: {email: ana@shop.example}}
            environments: {dev: {target: docker}}
            \(waivers)
            """
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        let platform = try #require(parsed.base)
        let parts = today.split(separator: "-").compactMap { Int($0) }
        return GateJudge(
            gates: gates, waivers: platform.waivers,
            today: try #require(CalendarDate(year: parts[0], month: parts[1], day: parts[2])), baseline: baseline)
    }

    private static func step(_ stage: String, gate: PipelineGraph.GateKind = .exit) -> PipelineGraph.Step {
        PipelineGraph.Step(StepID("\(stage)/x"), stage: StageName(stage), name: "x", work: .commands([]), gate: gate)
    }

    private static func hole(_ level: Level?, _ rule: String = "CVE-1", file: String? = nil) -> GateFinding {
        GateFinding(
            tool: "t", kind: .vulnerability, rule: rule, aliases: ["GHSA-1"], level: level, message: "m", file: file,
            package: "p 1")
    }

    @Test("A hole stops from the gate's level on, and one without a level always")
    func levels() throws {
        let judge = try Self.judge()
        let reading = judge.judge(
            [.findings([Self.hole(.critical), Self.hole(.high), Self.hole(.medium), Self.hole(nil)])],
            of: Self.step("audit"))
        #expect(reading.findings.map(\.ruling) == [.stops, .stops, .passes, .stops])
        #expect(
            reading.refusals == ["3 known holes stop it: CVE-1 (critical) in p 1, CVE-1 (high) in p 1, CVE-1 in p 1"])
    }

    @Test("What was skipped, a report that is not there and one that is broken stop")
    func unseen() throws {
        let judge = try Self.judge()
        let skipped = GateFinding(tool: "pip-audit", kind: .unseen, rule: "skipped", message: "m", package: "p")
        #expect(judge.judge([.findings([skipped])], of: Self.step("audit")).refusals.count == 1)
        let gate = PipelineGraph.GateKind.report(worked: [0])
        #expect(
            judge.judge([], of: Self.step("audit", gate: gate)).refusals == ["x left no report that could be judged"])
        #expect(judge.judge([.other], of: Self.step("audit", gate: gate)).refusals.count == 1)
        #expect(judge.judge([.findings([])], of: Self.step("audit", gate: gate)).refusals == [])
        #expect(
            judge.judge([.broken("r.json is no whole JSON")], of: Self.step("lint")).refusals == [
                "r.json is no whole JSON"
            ])
    }

    @Test("Coverage is compared in whole numbers, and a gate without a report stops")
    func coverage() throws {
        var gates = Gates.usual
        gates.coverage = Percent(millionths: 600_000)
        let judge = try Self.judge(gates)
        func refusals(_ covered: Int, _ lines: Int) -> [String] {
            judge.judge([.coverage(LineCoverage(covered: covered, lines: lines))], of: Self.step("test")).refusals
        }
        #expect(refusals(60, 100) == [])
        #expect(refusals(5999, 10000) == ["tests ran 59.9% of the lines (5999 of 10000), 60% are asked for"])
        #expect(refusals(0, 0).count == 1)
        #expect(
            judge.judge([], of: Self.step("test")).refusals == ["coverage of 60% is asked for, and no report tells it"])
        #expect(judge.judge([], of: Self.step("lint")).refusals == [])
        let both: [StepReports.Report] = [
            .coverage(.init(covered: 10, lines: 10)), .coverage(.init(covered: 0, lines: 10)),
        ]
        #expect(judge.judge(both, of: Self.step("test")).coverage == LineCoverage(covered: 10, lines: 20))
    }

    @Test("A suite in which nothing ran stops")
    func tests() throws {
        let judge = try Self.judge()
        var tally = TestTally()
        #expect(judge.judge([.tests(tally)], of: Self.step("test")).refusals == ["no test ran"])
        tally.run = 3
        tally.skipped = 3
        #expect(judge.judge([.tests(tally)], of: Self.step("test")).refusals == ["all 3 tests were skipped"])
    }

    @Test("A waiver sets its rule aside by any name, below its file, until its last day")
    func waivers() throws {
        let waivers = """
            waivers: {old: {rule: audit/GHSA-1, file: api, owner: shop, expires: 2026-11-22, reason: not reachable}}
            """
        let name = try #require(WaiverName("old"))
        func rulings(_ judge: GateJudge, _ stage: String, _ file: String?) -> [JudgedFinding.Ruling] {
            judge.judge([.findings([Self.hole(.high, file: file)])], of: Self.step(stage)).findings.map(\.ruling)
        }
        let judge = try Self.judge(waivers: waivers)
        #expect(rulings(judge, "audit", "api/requirements.txt") == [.waived(name)])
        #expect(rulings(judge, "audit", "web/package.json") == [.stops])
        #expect(rulings(judge, "audit", nil) == [.stops])
        #expect(rulings(judge, "scan", "api/requirements.txt") == [.stops])
        let later = try Self.judge(waivers: waivers, today: "2026-11-23")
        #expect(rulings(later, "audit", "api/requirements.txt") == [.stops])
        let reading = later.judge([.findings([Self.hole(.high, file: "api/x")])], of: Self.step("audit"))
        #expect(
            later.endedWaivers(reading, of: Self.step("audit")) == [
                "the waiver `old` of audit/GHSA-1 ended on 2026-11-22"
            ])
    }

    @Test("With `new-only` what the target branch has does not stop; without its report all counts")
    func newOnly() throws {
        var gates = Gates.usual
        gates.newOnly = true
        let found: [StepReports.Report] = [.findings([Self.hole(.high), Self.hole(.high, "CVE-2")])]
        let known = try Self.judge(gates, baseline: [Self.hole(.high).fingerprint])
        #expect(known.judge(found, of: Self.step("audit")).findings.map(\.ruling) == [.known, .stops])
        #expect(try Self.judge(gates).judge(found, of: Self.step("audit")).findings.map(\.ruling) == [.stops, .stops])
        let all = try Self.judge(baseline: [Self.hole(.high).fingerprint])
        #expect(all.judge(found, of: Self.step("audit")).findings.map(\.ruling) == [.stops, .stops])
    }

    @Test("A linter's findings are told; those of analysis stop from the gate's level on; a secret always stops")
    func code() throws {
        let judge = try Self.judge()
        let code = GateFinding(tool: "t", kind: .code, rule: "r", level: .high, message: "m")
        #expect(judge.judge([.findings([code])], of: Self.step("lint")).refusals == [])
        #expect(judge.judge([.findings([code])], of: Self.step("codeql")).refusals.count == 1)
        let secret = GateFinding(
            tool: "gitleaks", kind: .secret, rule: "k", level: .low, message: "m", file: "a", line: 2)
        #expect(
            judge.judge([.findings([secret])], of: Self.step("secrets")).refusals == [
                "1 secret stops it: k (low) in a:2"
            ])
    }

    @Test("Licences that are not on the list stop, unknown ones too, and a scan without a bill of materials")
    func licences() throws {
        var gates = Gates.usual
        gates.licences = ["MIT"]
        let judge = try Self.judge(gates)
        let components: StepReports.Report = .components([
            .init(name: "a", licence: "MIT"), .init(name: "b", licence: "GPL-3.0-only"), .init(name: "c", licence: nil),
        ])
        let reading = judge.judge([components], of: Self.step("scan"))
        #expect(reading.findings.map(\.finding.rule) == ["GPL-3.0-only", "licence-unknown"])
        #expect(reading.components == 3)
        #expect(judge.judge([.findings([])], of: Self.step("scan")).refusals.count == 1)
    }

    @Test("An image that runs as root or is too large stops")
    func image() throws {
        var gates = Gates.usual
        gates.imageSize = ByteCount(bytes: 500 << 20)
        let judge = try Self.judge(gates)
        func rules(_ user: String, _ size: Int) -> [String] {
            let text =
                #"[{"Id": "sha256:1", "RepoTags": ["shop/api:1"], "Size": \#(size), "Config": {"User": "\#(user)"}, "RootFS": {}}]"#
            let report = StepReports.read("image.json", Array(text.utf8))
            return judge.judge([report], of: Self.step("build")).findings.map(\.finding.rule)
        }
        #expect(rules("app", 100 << 20) == [])
        #expect(rules("", 100 << 20) == ["root"])
        #expect(rules("0:0", 600 << 20) == ["root", "size"])
    }
}
