extension StackDetection {
    static func node(_ view: FolderView) -> Finding? {
        guard view.has("package.json") else { return nil }
        let text = view.text("package.json") ?? ""
        let scripts = JSONScripts.names(in: text)
        var reasons = ["package.json"]
        var steps: [BuildStep] = []
        if view.has("package-lock.json") || view.has("npm-shrinkwrap.json") {
            reasons.append("package-lock.json")
            steps.append(.run(["npm", "ci", "--no-audit", "--no-fund"]))
        } else if text.contains("\"dependencies\"") || text.contains("\"devDependencies\"") {
            // `npm ci` refuses without a lock file; what is installed then is not pinned.
            steps.append(.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]))
        }
        if scripts.contains("build") { steps.append(.run(["npm", "run", "build"])) }
        if scripts.contains("build"), let output = siteOutput(text), view.procfileRun == nil {
            return Finding(
                folder: view.folder, stack: .site, reasons: reasons + ["a site generator among its packages"],
                steps: steps, siteOutput: output)
        }
        var run = view.procfileRun
        if run == nil, scripts.contains("start") {
            run = .init(command: "npm start", reason: "the script `start` of package.json", isGuess: false)
        }
        for name in ["server.js", "index.js", "app.js", "server.mjs", "index.mjs"] where run == nil && view.has(name) {
            run = .init(command: "node \(name)", reason: name)
        }
        return Finding(folder: view.folder, stack: .node, reasons: reasons, steps: steps, run: run)
    }

    /// Where the known generators put a finished site: their documented defaults.
    private static func siteOutput(_ package: String) -> String? {
        let generators = [
            ("\"react-scripts\"", "build"), ("\"@sveltejs/adapter-static\"", "build"), ("\"gatsby\"", "public"),
            ("\"astro\"", "dist"), ("\"@11ty/eleventy\"", "_site"), ("\"vite\"", "dist"), ("\"parcel\"", "dist"),
        ]
        guard !package.contains("\"express\""), !package.contains("\"fastify\""), !package.contains("\"next\"") else {
            return nil
        }
        return generators.first { package.contains($0.0) }?.1
    }

    static func swift(_ view: FolderView) -> Finding? {
        guard view.has("Package.swift") else { return nil }
        var run = view.procfileRun
        if run == nil, let text = view.text("Package.swift"), let name = executable(text) {
            run = .init(command: ".build/release/\(name)", reason: "the executable `\(name)` of Package.swift")
        }
        return Finding(
            folder: view.folder, stack: .swift, reasons: ["Package.swift"],
            steps: [.run(["swift", "build", "-c", "release"])], run: run)
    }

    /// The first `.executableTarget(name: "…"` of a manifest.
    private static func executable(_ manifest: String) -> String? {
        guard let start = manifest.firstRange(of: ".executableTarget(") else { return nil }
        let rest = manifest[start.upperBound...].drop { $0.isWhitespace }
        guard rest.hasPrefix("name:"), let open = rest.firstIndex(of: "\"") else { return nil }
        let name = rest[rest.index(after: open)...].prefix { $0 != "\"" }
        return name.isEmpty || name.contains("\\") ? nil : String(name)
    }

    static func go(_ view: FolderView) -> Finding? {
        guard view.has("go.mod") else { return nil }
        var run = view.procfileRun
        let commands = Set(
            view.below.filter { $0.hasPrefix("cmd/") && $0.hasSuffix(".go") }
                .compactMap { name -> String? in
                    let parts = name.split(separator: "/")
                    return parts.count > 2 ? String(parts[1]) : nil
                })
        if run == nil, commands.count == 1, let only = commands.first {
            run = .init(command: "bin/\(only)", reason: "cmd/\(only)")
        } else if run == nil, view.has("main.go"), let module = moduleName(view.text("go.mod") ?? "") {
            run = .init(command: "bin/\(module)", reason: "main.go")
        }
        return Finding(
            folder: view.folder, stack: .go, reasons: ["go.mod"],
            // With a folder as its output `go build` puts each program there under its own name.
            steps: [.run(["go", "build", "-o", "bin/", "./..."])], run: run)
    }

    /// The last part of the module's path, which names its program; a version suffix such as `/v2` does not.
    private static func moduleName(_ text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("module ") {
            let parts = line.dropFirst(7).split(separator: " ").first?.split(separator: "/") ?? []
            let named = parts.last { !($0.first == "v" && $0.dropFirst().allSatisfy(\.isNumber) && $0.count > 1) }
            return named.map(String.init)
        }
        return nil
    }

    static func site(_ view: FolderView) -> Finding? {
        guard view.has("index.html") else { return nil }
        return Finding(folder: view.folder, stack: .site, reasons: ["index.html"], siteOutput: ".")
    }
}

/// The names in the `scripts` object of a package.json, read without a JSON parser: guesses need no more.
enum JSONScripts {
    static func names(in text: String) -> Set<String> {
        guard let start = text.firstRange(of: "\"scripts\"") else { return [] }
        let rest = text[start.upperBound...]
        guard let open = rest.firstIndex(of: "{") else { return [] }
        var names: Set<String> = []
        var current = ""
        var inString = false
        var isEscaped = false
        var last: String?
        for character in rest[rest.index(after: open)...] {
            if inString {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    inString = false
                    last = current
                } else {
                    current.append(character)
                }
            } else if character == "\"" {
                inString = true
                current = ""
            } else if character == ":" {
                if let name = last { names.insert(name) }
                last = nil
            } else if character == "}" {
                break
            }
        }
        return names
    }
}
