/// The instructions of a Dockerfile's last stage that say how a container starts (Dockerfile reference).
struct DockerfileText: Sendable, Hashable {
    var from: String?
    var command: ComposeService.CommandText?
    var entrypoint: ComposeService.CommandText?
    var port: Int?
    var health: [String]?
    var workingDirectory: String?

    init(_ text: String) {
        self.init(from: nil)
        var logical: [String] = []
        var open = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.drop { $0.isWhitespace }
            if trimmed.first == "#" { continue }
            if trimmed.last == "\\" {
                open += trimmed.dropLast() + " "
            } else {
                logical.append(open + trimmed)
                open = ""
            }
        }
        for line in logical {
            let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
            guard parts.count == 2 else { continue }
            let rest = String(parts[1].drop { $0.isWhitespace })
            switch parts[0].uppercased() {
            case "FROM": self = DockerfileText(from: rest.split(separator: " ").first.map(String.init))
            case "CMD": command = Self.command(rest)
            case "ENTRYPOINT": entrypoint = Self.command(rest)
            case "EXPOSE": port = port ?? Int(rest.prefix { $0.isNumber })
            case "WORKDIR": workingDirectory = rest
            case "HEALTHCHECK": health = Self.health(rest)
            default: break
            }
        }
    }

    private init(from: String?) { self.from = from }

    /// What the container runs: the entrypoint with the command behind it.
    var start: String? {
        let texts = [entrypoint?.text, command?.text].compactMap { $0 }
        return texts.isEmpty ? nil : texts.joined(separator: " ")
    }

    /// Options such as `--interval=5s` stand before `CMD`.
    private static func health(_ text: String) -> [String]? {
        guard let mark = text.firstRange(of: "CMD") else { return nil }
        let rest = String(text[mark.upperBound...].drop { $0.isWhitespace })
        switch command(rest) {
        case .words(let words): return ["CMD"] + words
        case .line(let line): return ["CMD-SHELL", line]
        case nil: return nil
        }
    }

    /// `["a", "b"]` is a list of words, all else a line for the shell.
    static func command(_ text: String) -> ComposeService.CommandText? {
        guard text.first == "[" else { return text.isEmpty ? nil : .line(text) }
        var words: [String] = []
        var current: String?
        var isEscaped = false
        for character in text.dropFirst() {
            if var word = current {
                if isEscaped {
                    word.append(character)
                    isEscaped = false
                    current = word
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    words.append(word)
                    current = nil
                } else {
                    current = word + String(character)
                }
            } else if character == "\"" {
                current = ""
            } else if character == "]" {
                break
            }
        }
        return words.isEmpty ? nil : .words(words)
    }
}
