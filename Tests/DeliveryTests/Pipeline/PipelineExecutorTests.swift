import Delivery
import Foundation
import Planning
import Spec
import Synchronization
import TestKit
import Testing
import World

/// A folder with a pipeline of shell commands.
private struct Bench: Sendable {
    let folder = TemporaryFolder()
    var gates = Gates.usual
    var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"]

    init() throws { try Folder.make(folder.path + "/root") }

    var root: String { folder.path + "/root" }

    static func step(
        _ id: String, _ lines: [String], needs: [String] = [], timeout: Duration = .seconds(120), retries: Int = 0,
        inputs: PipelineGraph.Inputs? = nil, gate: PipelineGraph.GateKind = .exit, stores: [PipelineStore] = []
    ) -> PipelineGraph.Step {
        PipelineGraph.Step(
            StepID(id), stage: StageName(String(id.prefix { $0 != "/" })), name: id,
            work: .commands(lines.map { .shell($0) }), needs: needs.map { StepID($0) }, timeout: timeout,
            grace: .milliseconds(300), retries: retries, inputs: inputs, stores: stores, gate: gate)
    }

    func run(
        _ steps: [PipelineGraph.Step], interrupts: AsyncStream<Void>? = nil,
        tell: @escaping @Sendable (PipelineNews) -> Void = { _ in }
    ) async throws -> PipelineResult {
        let (never, keep) = AsyncStream.makeStream(of: Void.self)
        let today = try #require(CalendarDate(year: 2026, month: 11, day: 22))
        let setting = PipelineSetting(
            root: root, file: root + "/hauban.yaml", program: "/bin/false",
            place: PipelinePlace(base: folder.path + "/pipeline"), environment: environment, jobs: 2,
            mask: SecretMask(secrets: [Secret("hunter2-planted")], environment: environment), day: today.description,
            judge: GateJudge(gates: gates, waivers: [:], today: today))
        let outline = PipelineOutline(graph: try PipelineGraph(steps), stages: [], gates: gates, gaps: [])
        let result = try await PipelineExecutor(outline, setting).run(interrupts: interrupts ?? never, tell: tell)
        keep.finish()
        return result
    }

    func write(_ name: String, _ text: String) throws { try folder.write("root/\(name)", text) }
    func read(_ name: String) -> String { folder.read("root/\(name)") }
}

@Suite("The pipeline's executor")
struct PipelineExecutorTests {
    @Test("runs what is needed first, keeps a log of each step without secrets, and a journal")
    func order() async throws {
        var bench = try Bench()
        bench.environment["DEPLOY_TOKEN"] = "planted-token-1"
        let result = try await bench.run([
            Bench.step("b", ["cat first"], needs: ["a"]),
            Bench.step("a", ["echo one > first", "echo hunter2-planted $DEPLOY_TOKEN; echo err >&2"]),
        ])
        #expect(result.verdict == .passed)
        #expect(result.steps.map(\.outcome) == [.passed, .passed])
        let path = try #require(result.steps[1].log)
        let log = try #require(SmallFile.text(path))
        #expect(log == "$ echo one > first\n$ echo *** $DEPLOY_TOKEN; echo err >&2\n*** ***\nerr\n")
        #expect(SmallFile.text(result.folder + "/logs/b.log") == "$ cat first\none\n")
        let journal = try #require(SmallFile.text(result.folder + "/journal.jsonl"))
        #expect(journal.split(separator: "\n").count == 5)
        #expect(journal.contains(#""event":"finished""#))
    }

    @Test(
        "does not repeat what did not change, and repeats it when a file, a command or a variable that it names changed"
    )
    func kept() async throws {
        var bench = try Bench()
        try bench.write("source", "1")
        let inputs = PipelineGraph.Inputs(folders: [""], files: ["source"], programs: ["sh"])
        let step = Bench.step("lint", ["echo x >> count; test \"$FLAVOUR\" != sour"], inputs: inputs)
        #expect(try await bench.run([step]).steps.map(\.outcome) == [.passed])
        #expect(try await bench.run([step]).steps.map(\.outcome) == [.kept])
        #expect(bench.read("count") == "x\n")
        try bench.write("source", "2")
        #expect(try await bench.run([step]).steps.map(\.outcome) == [.passed])
        bench.environment["FLAVOUR"] = "sweet"
        #expect(try await bench.run([step]).steps.map(\.outcome) == [.passed])
        bench.environment["UNRELATED"] = "sweet"
        #expect(try await bench.run([step]).steps.map(\.outcome) == [.kept])
        bench.environment["FLAVOUR"] = "sour"
        #expect(try await bench.run([step]).verdict == .failed)
        #expect(try await bench.run([step]).verdict == .failed, "a failure is not kept")
        #expect(bench.read("count") == "x\nx\nx\nx\nx\n")
    }

    @Test("judges the reports of a kept result anew")
    func judgedAnew() async throws {
        var bench = try Bench()
        try bench.write("source", "1")
        let report = "TN:\nSF:a.py\nDA:1,1\nDA:2,0\nend_of_record\n"
        try bench.write("report", report)
        let step = Bench.step(
            "test", ["cp report $HAUBAN_REPORTS/lcov.info"],
            inputs: PipelineGraph.Inputs(folders: [""], files: ["source"]))
        #expect(try await bench.run([step]).steps.map(\.outcome) == [.passed])
        let again = try await bench.run([step])
        #expect(again.steps.map(\.outcome) == [.kept])
        #expect(again.steps[0].reading.coverage == LineCoverage(covered: 1, lines: 2))
        bench.gates.coverage = Percent(millionths: 600_000)
        let stricter = try await bench.run([step])
        #expect(
            stricter.steps.map(\.outcome) == [
                .failed("tests ran 50% of the lines (1 of 2), 60% are asked for")
            ])
    }

    @Test("a failing test in a report stops a command that exits with 0, and what needs it is skipped")
    func report() async throws {
        let bench = try Bench()
        try bench.write(
            "junit.report",
            "<testsuite tests='9'><testcase classname='a' name='b'><failure/></testcase><testcase name='c'/></testsuite>"
        )
        let result = try await bench.run([
            Bench.step("test", ["cp junit.report $HAUBAN_REPORTS/junit.xml"]),
            Bench.step("build", ["true"], needs: ["test"]),
        ])
        #expect(
            result.steps.map(\.outcome) == [
                .failed("1 of 2 tests failed: a.b"), .skipped(because: StepID("test")),
            ])
    }

    @Test("a step that is late is ended with everything that it started, also what left its process group")
    func late() async throws {
        let bench = try Bench()
        let result = try await bench.run([
            Bench.step(
                "slow",
                [
                    "trap '' TERM; setsid sh -c 'trap \"\" TERM; echo $$ > far; while :; do sleep 1; done' & "
                        + "echo $$ > near; while :; do sleep 1; done"
                ], timeout: .seconds(2))
        ])
        #expect(result.steps.map(\.outcome) == [.late(.seconds(2))])
        for name in ["near", "far"] {
            let pid = try #require(Int32(bench.read(name).filter(\.isNumber)), "\(name) was written")
            try await eventually { ProcessEntry(pid: pid)?.isZombie ?? true }
        }
    }

    @Test("cancelling ends what runs and starts nothing more")
    func cancel() async throws {
        let bench = try Bench()
        let (interrupts, interrupt) = AsyncStream.makeStream(of: Void.self)
        let root = bench.root
        let result = try await bench.run(
            [
                Bench.step("a", ["echo $$ > pid; exec sleep 600"]), Bench.step("b", ["exec sleep 600"]),
                Bench.step("c", ["touch never"], needs: ["a"]),
            ], interrupts: interrupts
        ) { news in
            if case .started(let step, _) = news, step.id.text == "b" {
                Task {
                    while SmallFile.text(root + "/pid")?.contains("\n") != true {
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    interrupt.yield(())
                }
            }
        }
        #expect(result.verdict == .cancelled)
        #expect(result.steps.map(\.outcome) == [.cancelled, .cancelled, .cancelled])
        let pid = try #require(Int32(bench.read("pid").filter(\.isNumber)))
        try await eventually { ProcessEntry(pid: pid)?.isZombie ?? true }
        #expect(SmallFile.text(root + "/never") == nil)
    }

    @Test("tries again only as often as declared, and says what a missing program means")
    func retries() async throws {
        let bench = try Bench()
        let flaky = "echo x >> tries; test $(wc -l < tries) -ge 3"
        let result = try await bench.run([
            Bench.step("a", [flaky], retries: 2), Bench.step("b", ["no-such-program-here"]),
        ])
        #expect(
            result.steps.map(\.outcome) == [
                .passed, .failed("it exited with code 127: a program that it needs is not installed"),
            ])
        #expect(result.steps[0].attempts == 3)
    }

    @Test("a test has an empty PostgreSQL and Redis while it runs, and not a moment longer")
    func stores() async throws {
        var bench = try Bench()
        bench.environment["PATH"] = "/usr/lib/postgresql/15/bin:" + (bench.environment["PATH"] ?? "")
        let database = PipelineStore(
            name: try #require(ResourceName("db")), kind: .postgres, version: 15, database: "shop",
            variables: [.init("DATABASE_URL", [.url]), .init("PORT_OF_DB", [.port])])
        let cache = PipelineStore(
            name: try #require(ResourceName("cache")), kind: .redis, version: 7, database: "0",
            variables: [.init("REDIS_PORT", [.port])])
        let result = try await bench.run([
            Bench.step(
                "test",
                [
                    "psql -X -q \"$DATABASE_URL\" -c 'create table t (i int)' && echo $PORT_OF_DB $REDIS_PORT > ports",
                    "redis-cli -p $REDIS_PORT ping && psql -X -q \"$DATABASE_URL\" -c 'insert into t values (1)'",
                ], stores: [database, cache])
        ])
        let log = result.steps.first?.log.flatMap { SmallFile.text($0) } ?? ""
        #expect(result.steps.map(\.outcome) == [.passed], "\(log)")
        #expect(log.contains("PONG"))
        let ports = bench.read("ports").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        #expect(ports.count == 2)
        for port in ports { try await eventually { FreePort.isFree(port) } }
    }

    @Test("what the team's own commands write where tools usually do is read, and what lay there before is not")
    func ownReports() async throws {
        let bench = try Bench()
        try bench.write("lcov.info", "SF:a\nDA:1,0\nend_of_record\n")
        try await Task.sleep(for: .milliseconds(50))
        let result = try await bench.run([
            Bench.step("test", ["printf '<testsuite><testcase name=\"a\"/></testsuite>' > junit.xml"])
        ])
        #expect(result.steps[0].reading.tests?.run == 1)
        #expect(result.steps[0].reading.coverage == nil)
    }
}
