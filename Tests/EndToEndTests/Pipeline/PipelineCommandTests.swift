import FoundationEssentials
import Glibc
import TestKit
import Testing
import World

/// The built binary with pipelines of a team's own commands, which need no package from anywhere.
@Suite("hauban ci")
struct PipelineCommandTests {
    private static let platform = """
        hauban: 1
        platform: shop
        services:
          api: {source: api, run: python3 server.py, port: 8080}
        environments: {dev: {target: local}}
        pipeline:
          stages: [lint, test, audit, types, deploy]
          steps:
            lint: {run: [test ! -e api/bad]}
            test: {run: [cp lcov.info $HAUBAN_REPORTS/, "echo token $API_TOKEN"]}
            audit: {run: [cp audit.json $HAUBAN_REPORTS/]}
            types: {run: [sh types.sh], timeout: 10m}
          gates: {coverage: 60%}

        """
    private static let clean = #"{"dependencies": [{"name": "a", "version": "1", "vulns": []}], "fixes": []}"#
    private static let hole =
        #"{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2"]}]}], "fixes": []}"#
    private static let waived = """
        waivers: {hole: {rule: audit/CVE-2026-1, owner: shop, expires: DATE, reason: not reachable}}
        owner: {team: shop}
        teams: {shop: {people: [ana]}}
        people: {ana: {email: ana@shop.example}}

        """

    /// A repository of git, which says what counts: the fixture's state does not.
    private static func fixture(_ text: String = platform) async throws -> PlatformFixture {
        let shop = try PlatformFixture(files: [
            "hauban.yaml": text, "api/server.py": "print('hello')\n", "types.sh": "exit 0\n", "audit.json": clean,
            "lcov.info": "SF:a\nDA:1,1\nDA:2,1\nDA:3,0\nend_of_record\n",
            ".gitignore": "state/\n",
        ])
        let made = try await CommandRunner.live(
            Command(
                arguments: ["git", "init", "--quiet"], environment: ["PATH": "/usr/bin:/bin", "HOME": shop.root],
                workingDirectory: shop.root, deadline: .seconds(60)))
        #expect(made.isSuccess)
        return shop
    }

    private static func outcomes(_ outcome: PlatformFixture.Outcome) -> [String] {
        guard case .array(let steps)? = outcome.json?["steps"] else { return [outcome.output, outcome.errors] }
        return steps.map { "\($0["id"]?.string ?? "?") \($0["outcome"]?.string ?? "?")" }
    }

    @Test("runs the stages in front of the release, keeps what did not change, and writes every report")
    func whole() async throws {
        try await Self.fixture().used { shop in
            let first = try await shop.hauban(
                "ci", "--json", "--sarif", "ci.sarif", "--junit", "ci.xml", "--markdown", "ci.md")
            #expect(first.code == 0, "\(first.output)\(first.errors)")
            #expect(Self.outcomes(first) == ["lint passed", "test passed", "audit passed", "types passed"])
            let sarif = JSONValue(parsing: try SmallFile.read(shop.root + "/ci.sarif"))
            #expect(sarif?["version"]?.string == "2.1.0")
            #expect(SmallFile.text(shop.root + "/ci.xml")?.contains("<testcase classname=\"lint\"") == true)
            #expect(SmallFile.text(shop.root + "/ci.md")?.contains("| test | passed |") == true)
            for name in ["ci.sarif", "ci.xml", "ci.md"] { unlink(shop.root + "/" + name) }
            let second = try await shop.hauban("ci", "--json")
            #expect(Self.outcomes(second) == ["lint kept", "test kept", "audit kept", "types passed"])
            let anew = try await shop.hauban("ci", "--json", "--no-cache", "lint")
            #expect(Self.outcomes(anew) == ["lint passed"])
        }
    }

    @Test("a gate stops it with exit code 1 and a table; a waiver lets it through until its day")
    func gates() async throws {
        try await Self.fixture().used { shop in
            try shop.write("audit.json", Self.hole)
            let stopped = try await shop.hauban("ci")
            #expect(stopped.code == 1)
            #expect(stopped.output.contains("1 known hole stops it: PYSEC-1 in requirements.txt"), "\(stopped.output)")
            #expect(stopped.output.contains("types  skipped"), "\(stopped.output)")
            try shop.write("hauban.yaml", Self.platform + Self.waived.replacing("DATE", with: "2099-12-31"))
            let waived = try await shop.hauban("ci", "audit")
            #expect(waived.code == 0, "\(waived.output)\(waived.errors)")
            #expect(waived.output.contains("1 waived"), "\(waived.output)")
            try shop.write("lcov.info", "SF:a\nDA:1,1\nDA:2,0\nend_of_record\n")
            let coverage = try await shop.hauban("ci", "test")
            #expect(coverage.code == 1)
            #expect(coverage.output.contains("tests ran 50% of the lines (1 of 2), 60% are asked for"))
        }
    }

    @Test("in a workflow of GitHub it groups logs, annotates findings, writes the summary and hides secrets")
    func gitHub() async throws {
        try await Self.fixture().used { shop in
            try shop.write("audit.json", Self.hole)
            let log = shop.root + "/workflow.log"
            let record = try shop.start(
                ["ci", "test", "audit"], output: "workflow.log",
                variables: [
                    "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": shop.root + "/summary.md",
                    "API_TOKEN": "planted-1234",
                ])
            _ = await ProcessExit.wait(for: record, timeout: .seconds(120))
            let text = SmallFile.text(log) ?? ""
            #expect(text.contains("::group::✗ audit (failed"), "\(text)")
            #expect(
                text.contains("::error file=requirements.txt,title=audit%3A PYSEC-1::a known hole in a 1"), "\(text)")
            #expect(text.contains("token ***") && !text.contains("planted-1234"), "\(text)")
            #expect(SmallFile.text(shop.root + "/summary.md")?.contains("## Pipeline of shop: failed") == true)
        }
    }

    @Test("a signal cancels it with exit code 3, and nothing that it started is left")
    func cancelled() async throws {
        try await Self.fixture().used { shop in
            try shop.write("types.sh", "echo $$ > pid; sleep 600 & wait\n")
            let record = try shop.start("ci", "types")
            try await eventually { SmallFile.text(shop.root + "/pid")?.contains("\n") == true }
            record.send(SIGTERM, toGroup: false)
            #expect(await ProcessExit.wait(for: record, timeout: .seconds(120)) == .exited(code: 3))
            let pid = try #require(Int32((SmallFile.text(shop.root + "/pid") ?? "").filter(\.isNumber)))
            try await eventually { ProcessEntry(pid: pid)?.isZombie ?? true }
        }
    }

    @Test("wrong usage exits 64 and says what is meant")
    func usage() async throws {
        try await Self.fixture().used { shop in
            let near = try await shop.hauban("ci", "tets")
            #expect(near.code == 64 && near.errors.contains("did you mean `test`?"), "\(near.errors)")
            let where_ = try await shop.hauban("ci", "deploy")
            #expect(where_.code == 64 && where_.errors.contains("--env"), "\(where_.errors)")
            #expect(try await shop.hauban("ci", "--jobs", "0").code == 64)
            for command in [["ci", "--help"], ["hooks", "install", "--help"]] {
                #expect(try await shop.hauban(command).output.contains("EXAMPLE"))
            }
        }
    }

    @Test("the hook is written where git looks for it, and one of somebody else's stays")
    func hooks() async throws {
        let text = Self.platform.replacing("  gates:", with: "  before-commit: [lint]\n  gates:")
        try await Self.fixture(text).used { shop in
            let path = shop.root + "/.git/hooks/pre-commit"
            try shop.write(".git/hooks/pre-commit", "#!/bin/sh\n")
            #expect(try await shop.hauban("hooks", "install").code == 1)
            #expect(try await shop.hauban("hooks", "install", "--force").code == 0)
            #expect(SmallFile.text(path)?.contains("ci lint\n") == true)
            #expect(access(path, X_OK) == 0)
            #expect(try await shop.hauban("hooks", "remove").code == 0)
            #expect(access(path, F_OK) != 0)
        }
    }
}
