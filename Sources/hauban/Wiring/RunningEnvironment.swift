import ArgumentParser
import Delivery
import Glibc
import Planning
import Spec
import World

/// An environment as commands need it that look at what runs, close it to visitors or stop it.
///
/// They work while hauban.yaml is being changed: where it has errors, what was released says what there is.
struct RunningEnvironment: Sendable {
    let platform: PlatformName
    let name: EnvironmentName
    let place: LocalPlace
    let engine: any PlatformEngine
    let services: [ServiceName]
    /// Those that visitors reach.
    let exposed: Set<ServiceName>
    let resources: [ResourceName]

    /// An environment of a file that is right.
    init(_ project: Project, _ environment: String?) throws {
        self.init(try Session(project, environment))
    }

    init(_ session: Session) {
        platform = session.platform.name
        name = session.name
        place = session.place
        engine = session.engine
        services = session.platform.services.keys.sorted()
        exposed = Set(session.platform.services.filter { !$0.value.expose.isEmpty }.keys)
        resources = session.platform.resources.keys.sorted()
    }

    /// An environment by the release that it runs, or ran last.
    private init(_ state: DesiredState, place: LocalPlace) throws {
        platform = state.platform
        name = state.environment
        self.place = place
        let target = state.target ?? .local
        engine = try Engines.engine(
            of: target, platform: state.platform, environment: state.environment, place: place,
            wish: .init(keepReleases: Release.usual.keep))
        services = state.services.map(\.name)
        exposed = Set(state.routes.map(\.service))
        resources = state.resources.map(\.name)
    }

    /// The environment of that name; without a name the only one.
    ///
    /// - Throws: `ExitCode` 1 after printing what is wrong with a file of which nothing was released.
    static func find(_ option: FileOption, _ environment: String?, _ terminal: Terminal) throws -> RunningEnvironment {
        try find(option, [environment].compactMap { $0 }, terminal).environment
    }

    /// The environment that the first word names, if it names one, and the other words.
    static func find(
        _ option: FileOption, words: [String], _ terminal: Terminal
    ) throws -> (environment: RunningEnvironment, rest: [String]) {
        try find(option, words, terminal, wordsMayBeOthers: true)
    }

    private static func find(
        _ option: FileOption, _ words: [String], _ terminal: Terminal, wordsMayBeOthers: Bool = false
    ) throws -> (environment: RunningEnvironment, rest: [String]) {
        let project: Project
        do {
            project = try Project.read(option)
        } catch let error as WorldError where error.code == "no-platform" || error.code == "system-\(ENOENT)" {
            return try gone(option, words, terminal, wordsMayBeOthers: wordsMayBeOthers, error)
        }
        let findings = project.diagnostics()
        guard findings.hasErrors else {
            let isName =
                words.first.flatMap { EnvironmentName($0) }.map { project.parsed.environments[$0] != nil } ?? false
            let name = isName || !wordsMayBeOthers ? words.first : nil
            return (try RunningEnvironment(project, name), isName ? Array(words.dropFirst()) : words)
        }
        let released = StateFolders.released(root: project.root)
        guard let (only, rest) = chosen(from: released, words, wordsMayBeOthers) else {
            terminal.complain(
                TextReport(source: project.parsed.source, colour: terminal.colour).text(findings))
            if released.isEmpty { throw ExitCode(1) }
            throw oneOf(released)
        }
        let count = findings.filter { $0.severity == .error }.count
        terminal.complain(
            "note: \(project.parsed.source.name) has \(count == 1 ? "an error" : "\(count) errors"), which `hauban check` "
                + "shows; this goes by what was released")
        return (try RunningEnvironment(only.state, place: only.place), rest)
    }

    /// Where the file itself is gone: what was released from its folder, or from the nearest one above it.
    private static func gone(
        _ option: FileOption, _ words: [String], _ terminal: Terminal, wordsMayBeOthers: Bool, _ error: WorldError
    ) throws -> (environment: RunningEnvironment, rest: [String]) {
        for folder in Project.foldersOfNoFile(option) {
            let released = StateFolders.released(root: folder)
            if released.isEmpty { continue }
            guard let (only, rest) = chosen(from: released, words, wordsMayBeOthers) else { throw oneOf(released) }
            terminal.complain("note: there is no hauban.yaml in \(folder); this goes by what was released")
            return (try RunningEnvironment(only.state, place: only.place), rest)
        }
        throw error
    }

    private typealias Released = (state: DesiredState, place: LocalPlace)

    /// The one that the first word names, or the only one, and the other words.
    private static func chosen(
        from released: [Released], _ words: [String], _ wordsMayBeOthers: Bool
    ) -> (Released, rest: [String])? {
        let isName = words.first.map { word in released.contains { $0.state.environment.text == word } } ?? false
        let wanted = isName || !wordsMayBeOthers ? words.first : nil
        let fitting = released.filter { wanted == nil || $0.state.environment.text == wanted }
        guard fitting.count == 1 else { return nil }
        return (fitting[0], isName ? Array(words.dropFirst()) : words)
    }

    private static func oneOf(_ released: [Released]) -> ValidationError {
        let names = released.map(\.state.environment.text).sorted()
        return ValidationError("Name an environment that was released: \(names.joined(separator: ", ")).")
    }

    /// `shop to dev`.
    var title: String { "\(platform) to \(name)" }

    /// What ends a release.
    ///
    /// - Parameter progress: told what a release does while it does it.
    func executor(progress: @escaping @Sendable (ReleaseEvent) -> Void = { _ in }) throws -> ReleaseExecutor {
        try Session.executor(engine, place, progress: progress)
    }

    /// An executor for looking only, which works on a disk that is full or closed too.
    ///
    /// - Returns: the executor, and why nothing can be written down, if so.
    func observer() throws -> (ReleaseExecutor, trouble: WorldError?) { try Session.observer(engine, place) }
}

extension StateFolders {
    /// What was released from a folder, by the state that it left.
    ///
    /// An environment whose journal cannot be read, or in which no release was kept, is none.
    static func released(root folder: String) -> [(state: DesiredState, place: LocalPlace)] {
        let mark = "-" + mark(of: folder)
        let base = root(ProcessEnvironment.all)
        var found: [(state: DesiredState, place: LocalPlace)] = []
        for own in Folder.names(in: base).sorted() where own.hasSuffix(mark) {
            guard let platform = PlatformName(String(own.dropLast(mark.count))) else { continue }
            for name in Folder.names(in: base + "/" + own).sorted() {
                guard let environment = EnvironmentName(name) else { continue }
                let place = place(platform: platform, root: folder, environment: environment)
                guard access(place.journal, R_OK) == 0, let (journal, _) = try? Journal.reading(path: place.journal),
                    let last = try? journal.lastKept() ?? journal.open()
                else { continue }
                found.append((last.desired, place))
            }
        }
        return found
    }
}
