import ArgumentParser
import FoundationEssentials
import Glibc
import Planning
import Response
import Spec
import World

/// Where hauban.yaml is.
struct FileOption: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: ArgumentHelp("The platform's file; looked for here and in the folders above.", valueName: "path"))
    var file: String?
}

/// The platform's file, read and checked.
struct Project {
    let parsed: ParsedPlatform
    /// Absolute path of the file's folder.
    let root: String
    /// Absolute path of the file.
    let path: String

    /// Reads the file without judging it.
    ///
    /// - Throws: `WorldError` when there is no such file.
    static func read(_ option: FileOption) throws -> Project {
        let path = try find(option.file)
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: YAMLReader.largestFile + 1)
        } catch let error as SystemError {
            throw error.during("read \(path)")
        }
        return Project(
            parsed: ParsedPlatform.parse(bytes: bytes, name: option.file ?? "hauban.yaml"), root: folder(of: path),
            path: path)
    }

    /// Reads the file and insists that it is right: prints what is wrong otherwise.
    ///
    /// - Throws: `ExitCode` 1 after printing.
    static func checked(_ option: FileOption, _ terminal: Terminal) throws -> Project {
        let project = try read(option)
        let diagnostics = project.diagnostics()
        if diagnostics.hasErrors {
            terminal.complain(TextReport(source: project.parsed.source, colour: terminal.colour).text(diagnostics))
            throw ExitCode(1)
        }
        return project
    }

    /// Everything that is wrong, the cross-checks included, and what a waiver sets aside.
    func judgement() -> Judgement {
        let asked = FileFacts.asked(by: parsed)
        let files = FileFacts(existing: asked.filter { access("\(root)/\($0)", F_OK) == 0 })
        let duty = Duty.facts(of: parsed, now: Moment(seconds: time(nil)), zones: ZoneFiles())
        return Policies.judge(parsed, today: Self.today(), files: files, duty: duty)
    }

    func diagnostics() -> [Diagnostic] { judgement().diagnostics }

    /// What careful people advise besides, of the platform and of the files that its team already has.
    func advice() -> (judgement: Judgement, files: [SourceText]) {
        let files = RepositoryWalk.read(root, wants: Guidelines.wantsContent(of:))
        let sources = files.files.compactMap { name, text in text.map { SourceText(name: name, text: $0) } }
        return (Guidelines.judge(parsed, today: Self.today(), files: files), sources)
    }

    /// The date in UTC.
    static func today() -> CalendarDate {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        guard
            let date = CalendarDate(
                year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday))
        else { preconditionFailure("the system's calendar has a day that is none") }
        return date
    }

    /// The environment of that name; without a name the only one, or the only `local` one.
    ///
    /// - Throws: `ValidationError`.
    func environment(_ text: String?) throws -> (name: EnvironmentName, platform: Platform) {
        let names = parsed.environments.keys.sorted()
        if let text {
            if let name = EnvironmentName(text), let platform = parsed.environments[name] { return (name, platform) }
            let near = KeyHint.nearest(to: text, among: names.map(\.text)).map { " Did you mean '\($0)'?" } ?? ""
            throw ValidationError(
                "There is no environment '\(text)' in \(parsed.source.name).\(near) It has: "
                    + names.map(\.text).joined(separator: ", ") + ".")
        }
        let local = names.filter { parsed.environments[$0]?.environments[$0]?.target == .local }
        let only = names.count == 1 ? names : local
        guard only.count == 1, let platform = parsed.environments[only[0]] else {
            throw ValidationError(
                "Name an environment: \(names.map(\.text).joined(separator: ", ")).")
        }
        return (only[0], platform)
    }

    private static func find(_ named: String?) throws -> String {
        var folder = FileManager.default.currentDirectoryPath
        if let named { return named.hasPrefix("/") ? named : folder + "/" + named }
        while true {
            let path = (folder == "/" ? "" : folder) + "/hauban.yaml"
            if access(path, F_OK) == 0 { return path }
            guard folder != "/", let slash = folder.lastIndex(of: "/") else { break }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
        throw WorldError(
            code: "no-platform", operation: "find hauban.yaml",
            underlying: "it is neither in this folder nor in one above",
            hint: "`hauban init` writes one for a repository; `--file` names one elsewhere.")
    }

    /// Where a file may have lain that is not there any more: its folder, or this one and those above.
    static func foldersOfNoFile(_ option: FileOption) -> [String] {
        let here = FileManager.default.currentDirectoryPath
        if let named = option.file {
            let path = named.hasPrefix("/") ? named : here + "/" + named
            let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? here
            return [resolved(parent.isEmpty ? "/" : parent)]
        }
        var folders: [String] = []
        var folder = resolved(here)
        while !folder.isEmpty {
            folders.append(folder)
            folder = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
        }
        return folders
    }

    private static func folder(of path: String) -> String {
        let text = resolved(path)
        return text.lastIndex(of: "/").map { String(text[..<$0]) } ?? "."
    }

    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return "." }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
