/// The files of a repository by name, with the contents that were read.
package struct RepositoryFiles: Sendable {
    /// Relative names with `/` between the parts.
    package let files: [String: String?]

    private let sorted: [String]

    package init(_ files: [String: String?]) {
        self.files = files
        sorted = files.keys.sorted()
    }

    /// Names of the files below a folder, sorted; of all of them when it is empty.
    func names(below folder: String) -> ArraySlice<String> {
        guard !folder.isEmpty else { return sorted[...] }
        let prefix = folder + "/"
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < prefix { low = middle + 1 } else { high = middle }
        }
        return sorted[low...].prefix { $0.hasPrefix(prefix) }
    }

    /// The files whose content ``PlatformDraft`` looks at. `.env` itself is not among them: it holds a person's own values.
    package static func wantsContent(of name: String) -> Bool {
        let base = Paths.last(name)
        return StackDetection.wantsContent(of: name) || ComposeProject.isComposeFile(base) || isDockerfile(base)
            || isExample(base) || base == "requirements.txt" || base == ".dockerignore"
    }

    static func isDockerfile(_ base: String) -> Bool {
        base == "Dockerfile" || base.hasPrefix("Dockerfile.") || base.hasSuffix(".Dockerfile")
            || base.hasSuffix(".dockerfile")
    }

    private static let examples = [".env.example", ".env.sample", ".env.template", ".env.dist", "env.example"]

    static func isExample(_ base: String) -> Bool { examples.contains(base) }

    func text(_ name: String) -> String? { files[name] ?? nil }

    func has(_ name: String) -> Bool { files.keys.contains(name) }

    /// The example of variables in a folder, in the order of the file: `NAME=value`, comments and quotes taken off.
    func example(in folder: String) -> (file: String, variables: [(name: String, value: String)])? {
        for base in Self.examples {
            let name = Paths.join(folder, base)
            guard let text = text(name) else { continue }
            return (name, Self.variables(in: text))
        }
        return nil
    }

    func exampleVariables(in folder: String) -> [String: String] {
        let top = folder.isEmpty ? [] : example(in: "")?.variables ?? []
        let all = top + (example(in: folder)?.variables ?? [])
        return Dictionary(all.map { ($0.name, $0.value) }) { _, later in later }
    }

    private static func variables(in text: String) -> [(name: String, value: String)] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            var rest = line.drop { $0.isWhitespace }
            if rest.hasPrefix("export ") { rest = rest.dropFirst(7) }
            guard let equals = rest.firstIndex(of: "="), rest.first != "#" else { return nil }
            let name = rest[..<equals]
            guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }), !name.isEmpty,
                name.first?.isNumber == false
            else { return nil }
            var value = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
            if let quote = value.first, quote == "\"" || quote == "'" {
                value = value.dropFirst()
                value = value.prefix { $0 != quote }
            } else {
                value = value.firstRange(of: " #").map { value[..<$0.lowerBound] } ?? value
                while value.last?.isWhitespace == true { value.removeLast() }
            }
            return (String(name), String(value))
        }
    }
}

/// Relative paths with `/` between the parts; the empty path is the repository itself.
enum Paths {
    static func join(_ folder: String, _ name: String) -> String {
        folder.isEmpty ? name : name.isEmpty ? folder : folder + "/" + name
    }

    static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    /// - Returns: `nil` when the path is absolute, a URL, or leaves the repository.
    static func resolve(_ path: String, from folder: String) -> String? {
        guard !path.hasPrefix("/"), !path.hasPrefix("~"), !path.contains("://"), !path.hasPrefix("git@") else {
            return nil
        }
        var parts = folder.split(separator: "/")
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.joined(separator: "/")
    }

    static func isBelow(_ path: String, _ folder: String) -> Bool {
        folder.isEmpty || path == folder || path.hasPrefix(folder + "/")
    }
}
