import FoundationEssentials
import Glibc
import Planning
import Spec
import Synchronization
import World

/// Looks steps up and runs them; what the machine of a run asks for, it does.
final class StepDesk: Sendable {
    private struct Work {
        var control = StepControl()
        var key: ContentHash?
        var log: StepLog?
        var reading = StepReading()
        var began: Duration?
        var attempts = 0
        var keptTime: Double?
        var papers = ImagePapers.Made()
    }

    let outline: PipelineOutline
    let setting: PipelineSetting
    let folder: String
    private let keys: StepKeys
    private let kept: KeptResults
    private let tell: @Sendable (PipelineNews) -> Void
    private let works = Mutex<[StepID: Work]>([:])
    private let mark: String

    init(
        _ outline: PipelineOutline, _ setting: PipelineSetting, folder: String,
        tell: @escaping @Sendable (PipelineNews) -> Void
    ) {
        self.outline = outline
        self.setting = setting
        self.folder = folder
        self.tell = tell
        keys = StepKeys(
            root: setting.root, environment: setting.environment, runner: setting.runner, day: setting.day)
        kept = KeptResults(place: setting.place)
        mark = PipelineSweep.mark(of: folder)
    }

    func control(of id: StepID) -> StepControl { works.withLock { $0[id, default: Work()].control } }

    func result(of step: PipelineGraph.Step, _ outcome: PipelineRun.Outcome, now: Duration) -> StepResult {
        let work = works.withLock { $0[step.id] } ?? Work()
        return StepResult(
            step: step, outcome: outcome,
            took: work.began.map { now - $0 } ?? work.keptTime.map { .seconds($0) } ?? .zero,
            attempts: work.attempts, log: work.log == nil ? nil : logPath(step),
            lastLines: outcome.isGood ? [] : work.log?.lastLines ?? [], reading: work.reading,
            artifacts: work.papers.files, notes: work.papers.notes)
    }

    private func logPath(_ step: PipelineGraph.Step) -> String { "\(folder)/logs/\(step.id.fileName).log" }
    private func reportsPath(_ step: PipelineGraph.Step) -> String { "\(folder)/reports/\(step.id.fileName)" }

    // MARK: Looking

    /// Whether an earlier result holds, and the gates still say the same of it: a waiver may have expired since.
    func look(_ step: PipelineGraph.Step) async -> Bool {
        do {
            guard let key = try await key(of: step) else { return false }
            guard setting.usesKept || step.makesTools else { return false }
            if step.makesTools, access(setting.place.tools(key) + "/.complete", F_OK) != 0 { return false }
            let own = path(step.folder)
            for output in step.inputs?.outputs ?? [] where access("\(own)/\(output)", F_OK) != 0 { return false }
            let reports = reportsPath(step)
            try Folder.remove(reports)
            try Folder.make(reports)
            guard let entry = kept.find(key, reports: reports) else { return false }
            if step.makesTools { utimes(setting.place.tools(key), nil) }
            let reading = read(step, reports)
            guard reading.refusals.isEmpty else { return false }
            works.withLock { works in
                works[step.id, default: Work()].reading = reading
                works[step.id, default: Work()].keptTime = entry.took
            }
            return true
        } catch {
            // What cannot be hashed or read is done anew; if that matters, the step itself says so.
            return false
        }
    }

    private func key(of step: PipelineGraph.Step) async throws -> ContentHash? {
        let tools = step.tools.flatMap { id in works.withLock { $0[id]?.key } }
        let key = try await keys.key(of: step, tools: tools)
        works.withLock { $0[step.id, default: Work()].key = key }
        return key
    }

    // MARK: Running

    /// Makes the handle of a try, before anybody can wish its end.
    func begin(_ id: StepID, attempt: Int, now: Duration) {
        works.withLock { works in
            var work = works[id] ?? Work()
            work.control = StepControl()
            work.attempts = attempt
            work.began = work.began ?? now
            works[id] = work
        }
    }

    func run(_ step: PipelineGraph.Step, attempt: Int) async -> PipelineRun.Ending {
        let control = self.control(of: step.id)
        do {
            return try await perform(step, control, attempt)
        } catch let error as WorldError {
            let log = works.withLock { $0[step.id]?.log }
            log?.write("\(error)")
            return .failed("cannot \(error.operation): \(error.underlying) [\(error.code)]")
        } catch {
            return .failed("\(error)")
        }
    }

    private func perform(
        _ step: PipelineGraph.Step, _ control: StepControl, _ attempt: Int
    ) async throws -> PipelineRun.Ending {
        let scratch = "\(folder)/scratch/\(step.id.fileName)"
        let reports = reportsPath(step)
        for path in [reports, scratch] {
            try Folder.remove(path)
            try Folder.make(path)
        }
        defer { try? Folder.remove(scratch) }
        let id = step.id
        let log = try StepLog(path: logPath(step), mask: setting.mask) { [tell] in tell(.line(id, $0)) }
        works.withLock { $0[step.id, default: Work()].log = log }
        if attempt > 1 { log.write("-- attempt \(attempt)") }
        var lock: FileLock?
        defer { withExtendedLifetime(lock) {} }
        if step.makesTools, let key = works.withLock({ $0[step.id]?.key }) {
            lock = try await lockTools(key, control)
        }
        var environment = self.environment(of: step, reports: reports, scratch: scratch)
        let stores = try await startStores(step, &environment)
        let before = Self.wallClock()
        let ending: PipelineRun.Ending?
        do {
            ending = try await commands(step, control, log, environment, scratch)
        } catch {
            for store in stores { await store.stop() }
            throw error
        }
        for store in stores { await store.stop() }
        if step.inputs == nil || step.isOwn { await keys.forget() }
        if step.isOwn { Self.collect(from: setting.root, since: before, into: reports) }
        let reading = read(step, reports)
        works.withLock { $0[step.id, default: Work()].reading = reading }
        for refusal in reading.refusals { log.write("gate: \(refusal)") }
        if let ending, reading.refusals.isEmpty { return ending }
        if let refusal = reading.refusals.first {
            let more = reading.refusals.count - 1
            return .failed(refusal + (more > 0 ? " (and \(more) more)" : ""))
        }
        try await keepPapers(step, reports, began: before, log)
        try finish(step, reports)
        return .passed
    }

    /// What goes with an image: made here for one that was built; of one that was scanned, what the scanner wrote.
    private func keepPapers(
        _ step: PipelineGraph.Step, _ reports: String, began: Double, _ log: StepLog
    ) async throws {
        var made = ImagePapers.Made()
        if let image = step.image {
            made = try await ImagePapers(setting: setting, folder: folder).make(
                step, image, reports: reports, began: began, ended: Self.wallClock())
        } else if step.stage?.text == Pipeline.Known.scan.rawValue, access(reports + "/sbom.cdx.json", F_OK) == 0 {
            made.files = [reports + "/sbom.cdx.json"]
        }
        for note in made.notes { log.write(note) }
        for file in made.files { log.write("kept: \(file)") }
        works.withLock { $0[step.id, default: Work()].papers = made }
    }

    /// - Returns: `nil` when all went well.
    private func commands(
        _ step: PipelineGraph.Step, _ control: StepControl, _ log: StepLog, _ environment: [String: String],
        _ scratch: String
    ) async throws -> PipelineRun.Ending? {
        for (number, arguments) in lines(of: step.work).enumerated() {
            if control.isStopped { return .failed("it was stopped") }
            log.write("$ " + arguments.text)
            var marked: String?
            if case .commands = step.work { marked = "\(mark).\(step.id)" }
            let status = try await StepProcess(
                arguments: arguments.arguments, environment: environment, folder: path(step.folder),
                pipe: "\(scratch)/.pipe\(number)", mark: marked
            ).run(control, log)
            if case .report(let worked) = step.gate, case .exited(let code) = status, worked.contains(code) { continue }
            guard status.isSuccess else {
                let hint = status == .exited(code: 127) ? ": a program that it needs is not installed" : ""
                return .failed("it \(status)\(hint)")
            }
        }
        return nil
    }

    private func lines(of work: PipelineGraph.Work) -> [CommandLine] {
        switch work {
        case .commands(let lines): lines
        case .hauban(let words): [.words([setting.program] + words + ["--file", setting.file])]
        }
    }

    private func finish(_ step: PipelineGraph.Step, _ reports: String) throws {
        guard
            let (key, began) = works.withLock({ works in
                works[step.id].flatMap { work in work.key.map { ($0, work.began) } }
            })
        else { return }
        if step.makesTools {
            try AtomicFile.write([], to: setting.place.tools(key) + "/.complete", durable: false)
        }
        let took = began.map { setting.keeper.uptime() - setting.start - $0 } ?? .zero
        try kept.keep(KeptResults.Entry(step: step.id, took: took / .seconds(1)), key, reports: reports)
    }

    private func path(_ folder: String) -> String { folder.isEmpty ? setting.root : setting.root + "/" + folder }

    // MARK: What surrounds a step

    private func environment(of step: PipelineGraph.Step, reports: String, scratch: String) -> [String: String] {
        let isNested = if case .hauban = step.work { true } else { false }
        var values = setting.environment
        // A hook of git's tells the commands that it runs where the repository is; they find it by their folder.
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX", Command.workMark] {
            values[name] = nil
        }
        guard !isNested else { return values }
        values["HAUBAN_REPORTS"] = reports
        values["HAUBAN_SCRATCH"] = scratch
        values["HAUBAN_STAGE"] = step.stage?.text
        values["HAUBAN_ENVIRONMENT"] = setting.environmentName
        let caches = setting.place.caches
        values["PYTHONDONTWRITEBYTECODE"] = "1"
        values["PYTHONUNBUFFERED"] = "1"
        values["COVERAGE_FILE"] = scratch + "/.coverage"
        for (name, tool) in [("RUFF_CACHE_DIR", "ruff"), ("BLACK_CACHE_DIR", "black"), ("MYPY_CACHE_DIR", "mypy")] {
            values[name] = values[name] ?? "\(caches)/\(tool)"
        }
        let maker = step.makesTools ? step.id : step.tools
        if let maker, let key = works.withLock({ $0[maker]?.key }) {
            let tools = setting.place.tools(key)
            values["HAUBAN_TOOLS"] = tools
            if !step.makesTools {
                values["VIRTUAL_ENV"] = tools
                values["PATH"] = "\(tools)/bin:" + (values["PATH"] ?? "/usr/bin:/bin")
            }
        }
        return values
    }

    private func startStores(
        _ step: PipelineGraph.Step, _ environment: inout [String: String]
    ) async throws -> [ThrowawayStore] {
        var started: [ThrowawayStore] = []
        // A variable that is set already names one that somebody else keeps: a runner's own database for instance.
        for store in step.stores where !store.variables.contains(where: { environment[$0.name] != nil }) {
            do {
                let path = environment["PATH"] ?? "/usr/bin:/bin"
                let one = try await ThrowawayStore.start(
                    store, path: path, mark: "\(mark).\(step.id).\(store.name)", runner: setting.runner)
                started.append(one)
                environment.merge(one.variables) { old, _ in old }
            } catch {
                for one in started { await one.stop() }
                throw error
            }
        }
        return started
    }

    private func lockTools(_ key: ContentHash, _ control: StepControl) async throws -> FileLock {
        let tools = setting.place.tools(key)
        try Folder.make(setting.place.base + "/tools")
        while true {
            if let lock = try FileLock.take("\(setting.place.base)/tools.\(key.short).lock", holder: "pid \(getpid())")
            {
                unlink(tools + "/.complete")
                return lock
            }
            if control.isStopped { throw CancellationError() }
            try await setting.keeper.sleep(.milliseconds(100))
        }
    }

    // MARK: Reports

    private func read(_ step: PipelineGraph.Step, _ reports: String) -> StepReading {
        let found = Folder.names(in: reports).filter(StepReports.isReport).map { name in
            let bytes = (try? SmallFile.read("\(reports)/\(name)", limit: StepReports.largest + 1)) ?? []
            return StepReports.read(name, bytes, in: step.folder)
        }
        return setting.judge.judge(found, of: step)
    }

    /// Where tools leave reports when nobody says where: what was written there while the team's own commands ran.
    private static let usual = [
        "coverage.xml", "junit.xml", "lcov.info", "coverage/lcov.info", "coverage.out", "build", "reports",
    ]

    private static func collect(from root: String, since: Double, into reports: String) {
        for name in usual {
            let path = "\(root)/\(name)"
            if Folder.exists(path) {
                for file in Folder.names(in: path) where StepReports.isReport(file) {
                    copy("\(path)/\(file)", since, "\(reports)/\(name)-\(file)")
                }
            } else {
                copy(path, since, "\(reports)/\(name.replacing("/", with: "-"))")
            }
        }
    }

    private static func copy(_ source: String, _ since: Double, _ target: String) {
        var information = stat()
        guard lstat(source, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return }
        let written = Double(information.st_mtim.tv_sec) + Double(information.st_mtim.tv_nsec) / 1e9
        guard written >= since - 0.01, access(target, F_OK) != 0, let bytes = try? SmallFile.read(source) else {
            return
        }
        try? AtomicFile.write(bytes, to: target, durable: false)
    }

    private static func wallClock() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
