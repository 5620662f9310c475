package import Spec

/// A command of the author's as a container runs it.
package struct ContainerCommand: Sendable, Hashable {
    /// The program first.
    package var words: [String]
    /// Placeholders that no container engine fills in within a command.
    var unfilled: [String]

    /// - Parameter values: what `${port}` and the other words without an attribute stand for.
    package init(_ line: CommandLine, values: [String: String]) {
        var unfilled: [String] = []
        func filled(_ text: String) -> String { Self.fill(text, values, &unfilled) }
        switch line {
        case .words(let words): self.words = words.map(filled)
        case .shell(let text):
            let text = filled(text)
            // Without anything of the shell's own the words run by themselves: signals then reach the program.
            if text.utf8.contains(where: { "|&;<>()$`\\\"'*?[]#~=%{}!\n".utf8.contains($0) }) {
                words = ["/bin/sh", "-c", text]
            } else {
                words = text.split(separator: " ").map(String.init)
            }
        }
        self.unfilled = unfilled
    }

    private static func fill(_ text: String, _ values: [String: String], _ unfilled: inout [String]) -> String {
        var out = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            out += rest[..<dollar]
            let after = rest[dollar...]
            if after.hasPrefix("$${") {
                out += "${"
                rest = after.dropFirst(3)
                continue
            }
            guard after.hasPrefix("${"), let end = after.firstIndex(of: "}") else {
                out += "$"
                rest = after.dropFirst()
                continue
            }
            let body = String(after.dropFirst(2)[..<end])
            if let value = values[body] {
                out += value
            } else {
                if body.contains(".") { unfilled.append(body) }
                out += "${" + body + "}"
            }
            rest = after[after.index(after: end)...]
        }
        return out + rest
    }
}

/// Times and sizes in the forms that container engines read.
enum EngineText {
    /// Go's `time.ParseDuration`: `90s`, `1500ms`.
    static func duration(_ duration: Duration) -> String {
        let (seconds, rest) = duration.components
        let millis = rest / 1_000_000_000_000_000
        return millis == 0 ? "\(seconds)s" : "\(seconds * 1000 + millis)ms"
    }

    /// A JSON list of texts, as Dockerfiles write a command.
    static func words(_ words: [String]) -> String {
        "[" + words.map(quoted).joined(separator: ", ") + "]"
    }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
