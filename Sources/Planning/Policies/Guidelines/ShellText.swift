/// A shell script, as far as its commands can be told without running it.
struct ShellText {
    /// Commands with their words, in their order, and whether the one before feeds it through a pipe.
    private var commands: [(words: [Substring], isPiped: Bool)] = []

    init(_ text: String) {
        let joined = text.replacing("\\\n", with: " ")
        var isPiped = false
        var start = joined.startIndex
        var index = joined.startIndex
        var quote: Character?
        func close(_ end: String.Index, _ commands: inout [(words: [Substring], isPiped: Bool)]) {
            let words = joined[start..<end].split(whereSeparator: \.isWhitespace)
            if !words.isEmpty { commands.append((words, isPiped)) }
        }
        while index < joined.endIndex {
            let character = joined[index]
            let next = joined.index(after: index)
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "|" || character == "&" || character == ";" || character == "\n" {
                close(index, &commands)
                let isDouble = next < joined.endIndex && joined[next] == character
                isPiped = character == "|" && !isDouble
                index = isDouble ? joined.index(after: next) : next
                start = index
                continue
            }
            index = next
        }
        close(joined.endIndex, &commands)
    }

    /// Whether a command of this name is run, its variables and flags of `RUN` in front left out.
    func runs(_ name: String, with word: Substring? = nil) -> Bool {
        commands.contains { command in
            let words = Self.bare(command.words)
            guard words.first == Substring(name) else { return false }
            return word.map { words.dropFirst().contains($0) } ?? true
        }
    }

    /// `curl … | sh`, `wget … | sudo bash`.
    var pipesDownloadIntoShell: Bool {
        zip(commands, commands.dropFirst()).contains { fetch, run in
            guard run.isPiped, let first = Self.bare(fetch.words).first, first == "curl" || first == "wget" else {
                return false
            }
            let words = Self.bare(run.words).drop { $0 == "sudo" || $0.hasPrefix("-") }
            guard let shell = words.first?.split(separator: "/").last else { return false }
            return ["sh", "bash", "zsh", "ash", "dash", "python", "python3", "perl", "node"].contains(shell)
        }
    }

    /// The switch that leaves certificates unchecked, as written.
    var uncheckedTLS: String? {
        for command in commands {
            let words = Self.bare(command.words)
            for word in words {
                if ["--no-check-certificate", "--trusted-host", "--allow-unauthenticated"].contains(word) {
                    return String(word)
                }
                if words.first == "curl", word == "--insecure" || word == "-k" { return String(word) }
                if word.hasPrefix("GIT_SSL_NO_VERIFY=") || word.hasPrefix("NODE_TLS_REJECT_UNAUTHORIZED=0") {
                    return String(word)
                }
            }
        }
        return nil
    }

    /// `chmod 777`, `chmod -R a+rwx`.
    var opensToAll: Bool {
        commands.contains { command in
            let words = Self.bare(command.words)
            return words.first == "chmod" && words.contains { $0 == "777" || $0 == "0777" }
        }
    }

    private static func bare(_ words: [Substring]) -> [Substring] {
        Array(
            words.drop { word in
                word.hasPrefix("--mount=") || word.hasPrefix("--network=") || word.hasPrefix("--security=")
                    || word == "(" || word == "{" || word == "if" || word == "then"
                    || (word.contains("=") && word.first?.isLetter == true && !word.hasPrefix("GIT_SSL"))
            })
    }
}
