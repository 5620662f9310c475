/// Telling from file names, and a few contents, what a folder of source is.
///
/// Pure: the caller lists the files. Contents are looked at for `pyproject.toml`, `package.json`, `Procfile`, `go.mod`,
/// `Package.swift` and `*.py`; a name without its content still counts as a name.
package enum StackDetection {
    /// The files whose content makes the findings better, by name.
    package static func wantsContent(of name: String) -> Bool {
        let base = name.split(separator: "/").last.map(String.init) ?? name
        return ["pyproject.toml", "package.json", "Procfile", "go.mod", "Package.swift"].contains(base)
            || (base.hasSuffix(".py") && name.split(separator: "/").count <= 4)
    }

    /// One finding for each folder that has the files of a stack, sorted by folder.
    ///
    /// - Parameter files: relative names with `/` between the parts, and the content where it was read.
    package static func detect(files: [String: String?]) -> [Finding] {
        var folders: [String: [String]] = [:]
        for name in files.keys.sorted() where !isLitter(name) {
            let (folder, base) = split(name)
            folders[folder, default: []].append(base)
        }
        var findings: [Finding] = []
        for folder in folders.keys.sorted() {
            let view = FolderView(folder: folder, names: Set(folders[folder] ?? []), files: files)
            guard let finding = finding(view) else { continue }
            // Parts of a project that was already found are not services of their own.
            let isInside = findings.contains { contains($0.folder, folder) && !standsAlone(finding, in: $0) }
            if !isInside { findings.append(finding) }
        }
        return findings
    }

    /// What the folder itself is; `plain` when no stack is known.
    package static func root(files: [String: String?]) -> Finding {
        detect(files: files).first { $0.folder.isEmpty }
            ?? Finding(folder: "", stack: .plain, reasons: ["no files of a known stack"])
    }

    /// The folder itself seen as a given stack; `nil` when it has none of that stack's files.
    package static func finding(of stack: Stack, files: [String: String?]) -> Finding? {
        let view = FolderView(folder: "", names: Set(files.keys.filter { !$0.contains("/") }), files: files)
        return switch stack {
        case .python: python(view)
        case .node: node(view)
        case .swift: swift(view)
        case .go: go(view)
        case .site: site(view)
        case .plain: nil
        }
    }

    private static func finding(_ view: FolderView) -> Finding? {
        // Python before node: a Django project with a package.json for its styles is a Python service.
        python(view) ?? go(view) ?? swift(view) ?? node(view) ?? site(view)
    }

    /// A site, or a Python module folder, below another project belongs to it; a package file of its own makes a service.
    private static func standsAlone(_ finding: Finding, in outer: Finding) -> Bool {
        switch finding.stack {
        case .site: finding.reasons.contains("package.json")
        case .plain: false
        case .python, .node, .swift, .go: true
        }
    }

    private static func contains(_ outer: String, _ inner: String) -> Bool {
        outer != inner && (outer.isEmpty || inner.hasPrefix(outer + "/"))
    }

    private static func split(_ name: String) -> (String, String) {
        guard let slash = name.lastIndex(of: "/") else { return ("", name) }
        return (String(name[..<slash]), String(name[name.index(after: slash)...]))
    }

    private static func isLitter(_ name: String) -> Bool {
        name.split(separator: "/").contains { part in
            part == "node_modules" || part == "__pycache__" || part == ".venv" || part == "venv" || part == ".git"
                || part == ".build" || part == "vendor" || part == "testdata" || part == "site-packages"
        }
    }
}

/// One folder's names, with the contents that are known.
struct FolderView {
    let folder: String
    let names: Set<String>
    let files: [String: String?]

    func has(_ name: String) -> Bool { names.contains(name) }

    func text(_ name: String) -> String? { files[folder.isEmpty ? name : folder + "/" + name] ?? nil }

    /// All names below this folder, relative to it, sorted.
    var below: [String] {
        let prefix = folder.isEmpty ? "" : folder + "/"
        return files.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    /// The `web:` line of a Procfile, the format of Heroku's process types: `TYPE: COMMAND`, a line each.
    var procfileRun: Finding.Run? {
        guard let text = text("Procfile") else { return nil }
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":"), line[..<colon] == "web" else { continue }
            let command = line[line.index(after: colon)...].trimmingSpaces
            guard !command.isEmpty else { continue }
            return Finding.Run(
                command: command.replacing("${PORT}", with: "${port}").replacing("$PORT", with: "${port}"),
                reason: "the `web:` line of Procfile", isGuess: false)
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
