/// Writes a draft as YAML, a comment on each line that was guessed or read elsewhere.
struct DraftText {
    private let builder: DraftBuilder
    private var lines: [String] = []

    init(_ builder: DraftBuilder) {
        self.builder = builder
        head()
        services()
        resources()
        secrets()
        environments()
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func head() {
        let sources = builder.sources
        paragraph(
            "Written by `hauban init`" + (sources.isEmpty ? "" : " from " + sources.joined(separator: ", "))
                + ". The comments say where values come from and what is a guess: read it once, then `hauban check`.", 0
        )
        for remark in builder.remarks { paragraph(remark, 0) }
        lines.append("")
        put(0, "hauban", "1")
        put(0, "platform", builder.platform, "the folder's name")
    }

    private mutating func services() {
        lines += ["", "services:"]
        for (index, service) in builder.services.enumerated() {
            if index > 0 { lines.append("") }
            for remark in service.remarks { paragraph(remark, 1) }
            lines.append("  \(service.name):")
            if let source = service.source {
                put(2, "source", source.value.isEmpty ? "." : source.value, source.comment)
            }
            if let image = service.image { put(2, "image", image.value, image.comment) }
            if service.needsContainer { put(2, "stack", "docker") }
            if let dockerfile = service.dockerfile, builder.target == "docker" {
                lines.append("    build:")
                put(3, "dockerfile", dockerfile)
            }
            if let site = service.site { put(site) }
            if let run = service.run { put(2, "run", run.value, run.comment) }
            if let port = service.port { put(2, "port", "\(port.value)", port.comment) }
            if let health = service.health { put(health) }
            if let migrate = service.migrate { put(2, "migrate", migrate.value, migrate.comment) }
            if !service.uses.isEmpty {
                lines.append("    uses:")
                for edge in service.uses { put(3, edge.target, edge.access, edge.comment) }
            }
            if !service.secrets.isEmpty {
                lines.append("    secrets:")
                for use in service.secrets { put(3, use.secret, use.variable, use.comment) }
            }
            if !service.env.isEmpty {
                lines.append("    env:")
                for variable in service.env { put(3, variable.name, variable.value, variable.comment) }
            }
            if let path = service.exposePath {
                line(2, "expose: {path: \(path.value)\(service.strips ? ", strip: true" : "")}", path.comment)
            }
            if let scale = service.scale { put(2, "scale", "\(scale.value)", scale.comment) }
            if let stop = service.stop { put(2, "stop", stop.value, stop.comment) }
        }
    }

    private mutating func put(_ site: DraftService.Noted<DraftService.Site>) {
        line(2, "site:", site.comment)
        if let build = site.value.build { put(3, "build", build) }
        put(3, "output", site.value.output)
        if site.value.isOnePage { put(3, "spa", "true", "a guess: unknown paths show index.html") }
    }

    private mutating func put(_ health: DraftService.Noted<DraftService.Health>) {
        if let ready = health.value.ready, health.value.times.isEmpty {
            put(2, "health", ready, health.comment)
            return
        }
        line(2, "health:", health.comment)
        if let ready = health.value.ready { put(3, "ready", ready) }
        if let words = health.value.exec {
            line(3, "exec: [" + words.map { "\"" + Self.escaped($0) + "\"" }.joined(separator: ", ") + "]", nil)
        }
        for (key, value) in health.value.times { put(3, key, value) }
    }

    private mutating func resources() {
        guard !builder.resources.isEmpty else { return }
        lines += ["", "resources:"]
        for resource in builder.resources {
            lines.append("  \(resource.name):")
            put(2, "kind", resource.kind, resource.comment)
            if let version = resource.version { put(2, "version", "\(version)") }
            if let database = resource.database { put(2, "database", database) }
            if !resource.extensions.isEmpty {
                line(2, "extensions: [\(resource.extensions.joined(separator: ", "))]", "the image brings them")
            }
        }
    }

    private mutating func secrets() {
        let names = builder.secretNames.sorted()
        guard !names.isEmpty else { return }
        lines += ["", "# Values are given with `hauban secrets set NAME`; none was copied.", "secrets:"]
        for name in names { lines.append("  \(name): {}") }
    }

    private mutating func environments() {
        lines += ["", "environments:", "  dev:"]
        let isLocal = builder.target == "local"
        put(2, "target", builder.target, isLocal ? "processes of this machine" : "containers: see the services above")
        let first = builder.services.first { $0.port != nil }?.name ?? builder.services.first?.name ?? "app"
        let isSite = builder.services.first { $0.name == first }?.site != nil
        lines += [
            "  # An example of another place:", "  # prod:", "  #   target: docker", "  #   branch: main",
            "  #   domain: \(builder.platform).example",
        ]
        if !isSite { lines += ["  #   services:", "  #     \(first): {scale: 2}"] }
    }

    // MARK: Lines

    private mutating func put(_ level: Int, _ key: String, _ value: String, _ comment: String? = nil) {
        line(level, "\(key): \(Self.scalar(value))", comment)
    }

    /// The comment behind the line, or above it where the two are too long.
    private mutating func line(_ level: Int, _ text: String, _ comment: String?) {
        let indent = String(repeating: "  ", count: level)
        guard let comment else {
            lines.append(indent + text)
            return
        }
        if indent.count + text.count + comment.count + 4 <= 120 {
            lines.append("\(indent)\(text)  # \(comment)")
        } else {
            lines += ["\(indent)# \(comment)", indent + text]
        }
    }

    private mutating func paragraph(_ text: String, _ level: Int) {
        let indent = String(repeating: "  ", count: level) + "#"
        var line = indent
        for word in text.split(separator: " ") {
            if line.count + word.count + 1 > 120, line != indent {
                lines.append(line)
                line = indent
            }
            line += " " + word
        }
        lines.append(line)
    }

    /// Plain where YAML 1.2 reads it back as the same text, else in double quotes.
    static func scalar(_ text: String) -> String {
        let first = text.first
        let isPlain =
            !text.isEmpty && first != " " && text.last != " " && !text.contains(": ") && !text.contains(" #")
            && text.last != ":" && !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
            && !(first.map { "-?:,[]{}#&*!|>'\"%@`".contains($0) } ?? true)
            && !["null", "~", "Null", "NULL"].contains(text)
        return isPlain ? text : "\"" + escaped(text) + "\""
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let hex = String(scalar.value, radix: 16)
                out += "\\x" + (hex.count == 1 ? "0" : "") + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
