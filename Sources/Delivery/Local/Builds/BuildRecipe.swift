import Glibc
import Planning
import Spec
import World

/// Everything besides the source that a build depends on.
struct BuildRecipe: Sendable {
    let stack: Stack
    let steps: [BuildStep]
    let siteOutput: String?
    /// The versions of the tools that leave traces in the result.
    let tools: [String]
    /// What the virtual environment depends on; `nil` when it depends on the whole source.
    let requirements: ContentHash?

    init(_ request: BuildRequest, tree: SourceTree, builder: Builder) async throws {
        let files = Self.contents(of: tree)
        let finding = Self.choose(request.stack, files: files)
        let (steps, siteOutput) = Self.steps(request, finding)
        stack = finding.stack
        self.steps = steps
        self.siteOutput = siteOutput
        var tools: [String] = []
        var requirements: ContentHash?
        for step in steps {
            switch step {
            case .virtualEnvironment(let wanted):
                let version = try await Self.pythonVersion(builder)
                tools.append(version)
                if case .file(let name) = wanted,
                    let texts = RequirementsFile.closure(of: name, read: { SmallFile.text(tree.folder + "/" + $0) })
                {
                    requirements = ContentHash(of: [version] + texts)
                }
            case .run(let words):
                for tool in words[0] == "npm" ? ["node", "npm"] : [words[0]] {
                    tools.append(try Self.mark(of: tool, path: builder.path))
                }
            case .command: break
            }
        }
        self.tools = tools
        self.requirements = requirements
    }

    func identity(source: ContentHash) -> ContentHash {
        ContentHash(of: ["build 1", source.hex, stack.rawValue, siteOutput ?? ""] + tools + steps.map(\.text))
    }

    /// The stack's steps, with the author's command in place of those after the dependencies.
    static func steps(_ request: BuildRequest, _ finding: Finding) -> ([BuildStep], String?) {
        var steps = finding.steps
        if let command = request.command {
            steps = steps.filter { step in
                switch step {
                case .virtualEnvironment: true
                case .run(let words): words.first == "npm" && words.dropFirst().first != "run"
                case .command: false
                }
            }
            steps.append(.command(command))
        }
        let isFoundSite = finding.stack == .site && !request.isProgram
        return (steps, request.siteOutput ?? (isFoundSite ? finding.siteOutput : nil))
    }

    /// The stack that was told, with the steps that the files ask for; what the files say when none was told.
    static func choose(_ told: Stack?, files: [String: String?]) -> Finding {
        let found = StackDetection.root(files: files)
        guard let told, told != found.stack else { return found }
        switch told {
        case .plain: return Finding(folder: "", stack: .plain, reasons: ["told"])
        case .site:
            // The packages of a front end are those of its package.json.
            let steps = found.stack == .node ? found.steps : []
            return Finding(folder: "", stack: .site, reasons: ["told"], steps: steps, siteOutput: ".")
        case .python, .node, .swift, .go:
            return StackDetection.finding(of: told, files: files)
                ?? Finding(folder: "", stack: told, reasons: ["told"])
        }
    }

    private static func contents(of tree: SourceTree) -> [String: String?] {
        var files: [String: String?] = [:]
        for entry in tree.entries {
            let isManifest = !entry.path.contains("/") && !entry.path.hasSuffix(".py")
            let wanted = isManifest && entry.size < 1 << 20 && StackDetection.wantsContent(of: entry.path)
            files.updateValue(wanted ? SmallFile.text(tree.folder + "/" + entry.path) : nil, forKey: entry.path)
        }
        return files
    }

    /// Which program it is: another version of a tool builds anew. Asking each for its version would cost 40 ms.
    private static func mark(of tool: String, path: String) throws -> String {
        let program = try ProgramPath.findTool(tool, path: path, workingDirectory: "/")
        var information = stat()
        guard stat(program, &information) == 0 else { return program }
        return "\(program) \(information.st_size) \(information.st_mtim.tv_sec)"
    }

    private static func pythonVersion(_ builder: Builder) async throws -> String {
        let command = Command(
            arguments: [
                "python3", "-c", "import sys; print(sys.implementation.name, sys.version.split()[0], sys.prefix)",
            ],
            environment: builder.environment, workingDirectory: "/", deadline: .seconds(30))
        do {
            let result = try await builder.runner(command)
            guard result.isSuccess else {
                throw WorldError(
                    code: "tool-broken", operation: "ask python3 for its version", underlying: result.errors,
                    hint: "Run `python3 --version` and mend what it says.")
            }
            return result.output
        } catch let error as WorldError where error.code == "program-missing" {
            throw MissingTool.error("python3", operation: "build a Python service")
        }
    }
}

/// The texts that a requirements file reads, with those it includes (pip, "Requirements File Format").
package enum RequirementsFile {
    /// - Returns: `nil` when a line names something of the source itself, so that no list of files says it all.
    package static func closure(of name: String, read: (String) -> String?) -> [String]? {
        var texts: [String] = []
        var seen: Set<String> = []
        var waiting = [name]
        while let name = waiting.popLast() {
            guard seen.insert(name).inserted else { continue }
            guard seen.count <= 100, let text = read(name) else { return nil }
            texts.append(name)
            texts.append(text)
            for line in text.split(whereSeparator: \.isNewline) {
                let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "=" }).map(String.init)
                guard let first = words.first, !first.hasPrefix("#") else { continue }
                switch first {
                case "-r", "--requirement", "-c", "--constraint":
                    guard words.count > 1, !words[1].contains(".."), !words[1].hasPrefix("/"), !words[1].contains(":")
                    else { return nil }
                    let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
                    waiting.append(folder + words[1])
                case "-e", "--editable": return nil
                default:
                    if first.hasPrefix(".") || first.hasPrefix("/") || line.contains("file:") || first.hasPrefix("-r")
                        || first.hasPrefix("-c") || first.hasPrefix("-e") || first.contains("/")
                    {
                        return nil
                    }
                }
            }
        }
        return texts
    }
}
