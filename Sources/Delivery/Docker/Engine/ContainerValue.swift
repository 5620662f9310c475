/// A text for a container, of which parts are read inside it from files below `/run/secrets`.
struct ContainerValue: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case text(String)
        /// The name of a file below `/run/secrets`.
        case file(String)
    }

    var parts: [Part]

    init(parts: [Part]) { self.parts = parts }

    init(_ text: String) { parts = [.text(text)] }

    /// As it is, when nothing in it is secret.
    var plain: String? {
        var all = ""
        for part in parts {
            guard case .text(let text) = part else { return nil }
            all += text
        }
        return all
    }

    /// The file, when it is nothing but one.
    var file: String? {
        guard case .file(let name)? = parts.first, parts.count == 1 else { return nil }
        return name
    }

    /// For a double-quoted word of a shell.
    var shell: String {
        parts.map { part in
            switch part {
            case .text(let text): text.map { "\"$`\\".contains($0) ? "\\\($0)" : String($0) }.joined()
            case .file(let name): "$(cat /run/secrets/\(name))"
            }
        }.joined()
    }
}
