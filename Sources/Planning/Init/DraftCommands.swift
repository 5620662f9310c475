/// Commands of other tools made to commands of the language.
enum DraftCommands {
    /// The port in place of `$PORT`, `${PORT:-8000}` and of its number, other `${…}` escaped.
    static func withPort(_ command: String, port: Int?) -> String {
        var out = ""
        var rest = command[...]
        while let dollar = rest.firstIndex(of: "$") {
            out += rest[..<dollar]
            let after = rest[dollar...]
            if after.hasPrefix("${port}") {
                out += "${port}"
                rest = after.dropFirst(7)
            } else if after.hasPrefix("${"), let end = after.firstIndex(of: "}") {
                let body = after.dropFirst(2)[..<end]
                let name = body.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                out += name == "PORT" ? "${port}" : "$${\(body)}"
                rest = after[after.index(after: end)...]
            } else if after.hasPrefix("$PORT"), !(after.dropFirst(5).first.map(isWord) ?? false) {
                out += "${port}"
                rest = after.dropFirst(5)
            } else {
                out += "$"
                rest = after.dropFirst()
            }
        }
        let text = out + rest
        return port.map { replacing($0, in: text) } ?? text
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// The number where it stands for an address: behind a colon, an equals sign or a space.
    private static func replacing(_ port: Int, in text: String) -> String {
        let number = "\(port)"
        var out = ""
        var rest = text[...]
        while let found = rest.firstRange(of: number) {
            let before = rest[..<found.lowerBound].last ?? out.last
            let after = rest[found.upperBound...].first
            let stands = before.map { ":= ".contains($0) } ?? false
            out += rest[..<found.lowerBound]
            out += stands && !(after.map { $0.isNumber || $0 == "." } ?? false) ? "${port}" : number
            rest = rest[found.upperBound...]
        }
        return out + rest
    }

    /// The port that a command names: `--port 8000`, `-p 8000`, `:8000`.
    static func port(in command: String) -> Int? {
        let words = command.split(whereSeparator: { $0 == " " || $0 == "=" || $0 == "'" || $0 == "\"" })
        for (word, next) in zip(words, words.dropFirst()) {
            guard ["--port", "-p", "-port", "--http-port"].contains(word), let port = Int(next) else { continue }
            return (1...65_535).contains(port) ? port : nil
        }
        for word in words where !word.contains("://") {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let port = Int(parts[1]), (80...65_535).contains(port) else { continue }
            return port
        }
        return nil
    }

    /// Paths of the image made relative where the working directory is the source.
    static func withoutImagePaths(_ command: String, workingDirectory: String?) -> String {
        guard let folder = workingDirectory, folder.hasPrefix("/"), folder.count > 1 else { return command }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        return command.split(separator: " ").map { $0.hasPrefix(prefix) ? "./" + $0.dropFirst(prefix.count) : $0 }
            .joined(separator: " ")
    }

    /// Whether a command only changes a database's schema and ends.
    static func isMigration(_ command: String) -> Bool {
        [
            "alembic upgrade", "manage.py migrate", "prisma migrate", "db:migrate", "flask db upgrade", "goose ",
            "dbmate ",
        ]
        .contains { command.contains($0) } && !command.contains("&&") && !command.contains(";")
    }

    /// The path that `curl` or `wget` asks in a health check.
    static func healthPath(_ test: [String]) -> String? {
        let text = test.dropFirst().joined(separator: " ")
        guard text.contains("curl") || text.contains("wget"), let start = text.firstRange(of: "http://") else {
            return nil
        }
        let url = text[start.lowerBound...].prefix { !" '\")|;".contains($0) }
        guard let parts = URLParts(String(url)) else { return nil }
        let path = String(parts.rest.prefix { $0 != "#" })
        return path.isEmpty ? "/" : path
    }
}
