import ArgumentParser
import Delivery
import Glibc
import Planning
import Spec
import World

struct CICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ci", abstract: "Runs the pipeline of hauban.yaml, or some of its stages, as a runner does.",
        discussion: """
            Without a stage: everything in front of the first stage that touches an environment; with --env all of \
            `pipeline.stages`. Steps run beside each other where nothing stands between them, and what did not change is not \
            done again. Each step has a log; reports that its tools leave are judged by `pipeline.gates`.
            Exits 0 when all passed, 1 when a step or a gate stopped it, 3 when it was cancelled, 64 on wrong usage.

            EXAMPLES
              hauban ci
              hauban ci lint test
              hauban ci --env staging migrate deploy verify
              hauban ci --json --sarif ci.sarif --markdown ci.md
            """)

    @Argument(help: "Stages of `pipeline.stages`.") var stages: [String] = []
    @Option(name: .customLong("env"), help: "The environment that the stages are about.") var environment: String?
    @Option(help: "How many steps run at once; as many as there are processors when absent.") var jobs: Int?
    @Flag(name: .customLong("no-cache"), help: "Do everything anew.") var noCache = false
    @Option(help: "A SARIF report of the target branch by --sarif: with `gates.new-only` what it has does not stop.")
    var baseline: String?
    @Option(help: "Write all findings as SARIF 2.1.0 to this file.") var sarif: String?
    @Option(help: "Write the steps as JUnit XML to this file.") var junit: String?
    @Option(help: "Write a summary for a pull request to this file.") var markdown: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var file: FileOption

    func validate() throws {
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs is a number from 1 to 256.") }
    }

    func run() async throws {
        let variables = ProcessEnvironment.all
        let terminal = Terminal(environment: variables)
        let project = try Project.checked(file, terminal)
        let chosen = try environment.map { try project.environment($0) }
        guard let platform = chosen?.platform ?? project.parsed.base else { throw ExitCode(1) }
        let revision = await PipelineSurroundings.revision(variables, root: project.root)
        let wish = PipelineWish(
            platform: platform, environment: chosen?.name, files: RepositoryWalk.read(project.root),
            stages: try stages.map(stage), revision: revision)
        let outline: PipelineOutline
        do throws(PipelineWish.Refusal) {
            outline = try PipelineOutline(wish)
        } catch {
            throw ValidationError(error.text)
        }
        let known = try baseline.map(readBaseline)
        let setting = try PipelineSurroundings.setting(
            project, platform, environment: chosen?.name, jobs: jobs, usesKept: !noCache, baseline: known)
        let narrator = PipelineNarrator(terminal: terminal, isQuiet: json, variables: variables)
        let (interrupts, interrupt) = AsyncStream.makeStream(of: Void.self)
        let signals = SignalWatch.stream([SIGINT, SIGTERM, SIGHUP])
        let listening = Task { for await _ in signals { interrupt.yield(()) } }
        defer { listening.cancel() }
        let result = try await PipelineExecutor(outline, setting).run(interrupts: interrupts) { narrator.tell($0) }
        var remarks = outline.gaps
        if platform.pipeline.gates.newOnly, known == nil {
            remarks.append("`new-only`: no --baseline was given, so that every finding counts")
        }
        remarks += result.steps.flatMap(\.notes)
        for step in result.steps { remarks += setting.judge.endedWaivers(step.reading, of: step.step) }
        let report = PipelineReport(platform: platform.name, result: result, remarks: remarks)
        try write(report)
        narrator.conclude(report, outline)
        if json { terminal.line(try MachineOutput.text(PipelineDocument(report))) }
        switch result.verdict {
        case .passed: break
        case .failed: throw ExitCode(1)
        case .cancelled: throw ExitCode(3)
        }
    }

    private func stage(_ text: String) throws -> StageName {
        guard let name = StageName(text) else { throw ValidationError("'\(text)' is no name of a stage.") }
        return name
    }

    private func readBaseline(_ path: String) throws -> Set<String> {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: 64 << 20)
        } catch let error as SystemError {
            throw error.during("read \(path)")
        }
        guard let found = PipelineReport.fingerprints(ofSARIF: bytes) else {
            throw ValidationError("\(path) is no report that `hauban ci --sarif` wrote.")
        }
        return found
    }

    private func write(_ report: PipelineReport) throws {
        if let sarif { try AtomicFile.write(Array(report.sarif(version: Version.text).utf8), to: sarif, mode: 0o644) }
        if let junit { try AtomicFile.write(Array(report.junit.utf8), to: junit, mode: 0o644) }
        if let markdown { try AtomicFile.write(Array(report.markdown.utf8), to: markdown, mode: 0o644) }
    }
}

/// What `hauban ci --json` prints.
struct PipelineDocument: Encodable {
    struct Step: Encodable {
        var id: String
        var stage: String?
        var outcome: String
        var reason: String?
        var seconds: Double
        var attempts: Int
        var log: String?
        var tests: TestTally?
        var coverage: LineCoverage?
        var findings: [Finding]
        var artifacts: [String]
    }

    struct Finding: Encodable {
        var tool: String
        var kind: String
        var rule: String
        var level: String?
        var message: String
        var file: String?
        var line: Int?
        var package: String?
        var ruling: String
        var waiver: String?

        init(_ judged: JudgedFinding) {
            let finding = judged.finding
            tool = finding.tool
            kind = finding.kind.rawValue
            rule = finding.rule
            level = finding.level?.rawValue
            message = finding.message
            file = finding.file
            line = finding.line
            package = finding.package
            switch judged.ruling {
            case .stops: ruling = "stops"
            case .passes: ruling = "passes"
            case .known: ruling = "known"
            case .waived(let name):
                ruling = "waived"
                waiver = name.text
            }
        }
    }

    var platform: String
    var verdict: String
    var seconds: Double
    var folder: String
    var steps: [Step]
    var remarks: [String]

    init(_ report: PipelineReport) {
        platform = report.platform.text
        verdict = report.result.verdict.rawValue
        seconds = Self.seconds(report.result.took)
        folder = report.result.folder
        remarks = report.remarks
        steps = report.result.steps.map { step in
            Step(
                id: step.step.id.text, stage: step.step.stage?.text, outcome: step.outcome.word,
                reason: step.outcome.isGood ? nil : step.outcome.text, seconds: Self.seconds(step.took),
                attempts: step.attempts, log: step.log, tests: step.reading.tests, coverage: step.reading.coverage,
                findings: step.reading.findings.map(Finding.init), artifacts: step.artifacts)
        }
    }

    private static func seconds(_ duration: Duration) -> Double { Double(Int(duration / .milliseconds(1))) / 1000 }
}
