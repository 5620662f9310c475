import ArgumentParser
import Delivery
import FoundationEssentials
import Glibc
package import Planning
import Spec
import World

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Says what this machine lacks, and the command that mends it.",
        discussion: """
            With a hauban.yaml it asks for what the platform's environments need, the named one or the `local` ones above all; \
            without one for what `local` needs by itself, and shows what kinds of services and the other targets need.

            Exits 0 when nothing that was asked for is lacking, 1 otherwise. ✓ is there, ✗ is lacking, – is lacking and not \
            needed for what was asked.

            EXAMPLES
              hauban doctor
              hauban doctor prod
              hauban doctor --json | jq '.rows[] | select(.state == "lacking") | .mend'
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let visit = try DoctorVisit.plan(environment: argument.environment, file: file)
        let needs = Set((visit.asked + visit.others).flatMap { $0.needs(isRoot: geteuid() == 0) })
        let facts = await MachineProbe(variables: ProcessEnvironment.host).facts(
            needs: needs, state: visit.state, runtime: visit.runtime, publicPort: 8080, clock: Int(time(nil)))
        let examination = Examination.of(facts, asked: visit.asked, others: visit.others)
        if json {
            terminal.line(try MachineOutput.text(Report(examination, visit)))
        } else {
            for line in DoctorText.lines(examination, asked: visit.asked.map(\.title)) { terminal.line(line) }
        }
        if !examination.isWell { throw ExitCode(1) }
    }

    private struct Report: Encodable {
        struct Row: Encodable {
            let need: String
            let state: Examination.State
            let found: String
            let neededBy: [String]
            let mend: String?
        }

        let well: Bool
        let asked: [String]
        let rows: [Row]

        init(_ examination: Examination, _ visit: DoctorVisit) {
            well = examination.isWell
            asked = visit.asked.map(\.title)
            rows = examination.rows.map {
                Row(need: $0.need.title, state: $0.state, found: $0.found, neededBy: $0.neededBy, mend: $0.mend)
            }
        }
    }
}

/// What `doctor` asks about, and where state would live.
struct DoctorVisit {
    var asked: [DoctorSubject]
    var others: [DoctorSubject]
    var state: String
    var runtime: String

    /// - Throws: `ValidationError` when the named environment is none, `WorldError` when the named file is none.
    static func plan(environment: String?, file: FileOption) throws -> DoctorVisit {
        let project: Project
        do {
            project = try Project.read(file)
        } catch let error as WorldError where error.code == "no-platform" && environment == nil {
            let place = StateFolders.place(platform: Self.any, root: "/", environment: Self.any.cast())
            let (asked, others) = DoctorSubject.withoutPlatform
            return DoctorVisit(
                asked: asked, others: others, state: Self.parent(place.state, 2),
                runtime: Self.parent(place.runtime, 1))
        }
        let named = try environment.map { try project.environment($0).name }
        let files = RepositoryWalk.read(project.root)
        let subjects = project.parsed.environments.sorted { $0.key < $1.key }.compactMap { name, platform in
            platform.environments[name].map { settings in
                let stacks = PlatformStacks.of(platform, files: files)
                return (
                    name, DoctorSubject(platform: platform, environment: name, target: settings.target, stacks: stacks)
                )
            }
        }
        let isLocal = subjects.contains { $0.1.target == .local }
        let asked = subjects.filter { name, subject in
            named.map { $0 == name } ?? (!isLocal || subject.target == .local)
        }
        guard let first = asked.first, let platform = project.parsed.base?.name else {
            throw ValidationError(
                "\(project.parsed.source.name) has no environment that can be read; `hauban check` says why.")
        }
        let place = StateFolders.place(platform: platform, root: project.root, environment: first.0)
        let others = subjects.filter { subject in !asked.contains { $0.0 == subject.0 } }
        return DoctorVisit(
            asked: asked.map(\.1), others: others.map(\.1), state: place.state, runtime: Self.parent(place.runtime, 1))
    }

    private static var any: PlatformName {
        guard let name = PlatformName("any") else { preconditionFailure("`any` is a name") }
        return name
    }

    private static func parent(_ path: String, _ levels: Int) -> String {
        let kept = path.split(separator: "/").dropLast(levels)
        return "/" + kept.joined(separator: "/")
    }
}

/// The table of `doctor`.
package enum DoctorText {
    /// Rows, then what mends them, then one sentence on the whole.
    package static func lines(_ examination: Examination, asked: [String]) -> [String] {
        var table = TextTable(["", "NEED", "FOUND", "FOR"])
        for row in examination.rows {
            table.add([row.state.mark, row.need.title, row.found, row.neededBy.joined(separator: ", ")])
        }
        var lines = table.lines
        for (state, heading) in [
            (Examination.State.lacking, "To mend:"), (.notNeeded, "Only for what was not asked about:"),
        ] {
            let rows = examination.rows.filter { $0.state == state }
            guard !rows.isEmpty else { continue }
            lines += ["", heading]
            for row in rows { lines.append("  \(row.need.title): \(row.mend ?? "")") }
        }
        let lacking = examination.rows.count { $0.state == .lacking }
        let subject = asked.joined(separator: ", ")
        lines += [
            "",
            lacking == 0
                ? "\(subject): this machine has everything."
                : "\(subject): \(lacking) \(lacking == 1 ? "thing is" : "things are") lacking.",
        ]
        return lines
    }
}
