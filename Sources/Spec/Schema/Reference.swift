/// The reference of hauban.yaml as Markdown, printed from the same book as the parser and the JSON Schema.
package struct Reference: Sendable {
    private let book: SchemaBook

    package init(book: SchemaBook) { self.book = book }

    /// docs/reference.md.
    package static func markdown(of book: SchemaBook = Platform.schemaBook) -> String {
        let reference = Reference(book: book)
        return reference.sections.joined(separator: "\n")
    }

    private var sections: [String] {
        [Self.preamble, mergeRule, units, placeholders, signals, contents] + book.records.map(section)
    }

    private static let preamble = """
        # Reference of hauban.yaml

        This file is generated from the parser (`UPDATE_GOLDEN=1 make test`); do not edit it. The same description makes
        the parser and the JSON Schema (`hauban schema`, [hauban.schema.json](hauban.schema.json)), so that the three agree.

        One file describes one platform. It is YAML 1.2: `true` and `false` are the only truth values, and `yes`, `no`,
        `on` and `off` are text. Anchors, aliases, merge keys and tags are refused. The schema is closed: a key that this
        page does not name is an error. `hauban explain PATH` prints the value in force of any key and where it comes from,
        defaults and their reasons included.

        To have an editor complete and check it, put this line first:

        ```yaml
        # yaml-language-server: $schema=docs/hauban.schema.json
        ```

        """

    private var mergeRule: String {
        let sections = Environment.overlays.map { "`\($0)`" }.joined(separator: ", ")
        return """
            ## Environments override the base

            An environment may hold the platform's own sections: \(sections).
            What stands there is merged over the base by one rule:

            - maps merge by key, at every depth;
            - scalars and lists replace;
            - `null` removes.

            ```yaml
            hauban: 1
            platform: shop
            services:
              api: {source: services/api, port: 8080, scale: 2, env: {LOG_LEVEL: info, TRACE: "1"}}
            environments:
              prod:
                target: docker
                services:
                  api:
                    scale: 4                 # replaces 2
                    env: {TRACE: null}       # removes one variable; LOG_LEVEL stays
            ```

            """
    }

    private var units: String {
        var rows: [String] = []
        let name = PlatformName.pattern
        rows.append(
            "| a name | `shop`, `order-api` | \(Self.code(name)), at most \(PlatformName.longest) characters |\n")
        for (kind, pattern, examples) in book.texts where pattern != nil && pattern != name {
            let shown = examples.map { "`\($0)`" }.joined(separator: ", ")
            rows.append("| \(kind) | \(shown.isEmpty ? "" : shown) | \(Self.code(pattern ?? "")) |\n")
        }
        return """
            ## Kinds of text

            Units are part of the value: a number alone is an error where a unit belongs.

            | kind | for example | form |
            |---|---|---|
            \(rows.joined())
            """
    }

    private var placeholders: String {
        var rows = "| `${port}` | the port that the replica must listen on |\n"
        for kind in Resource.Kind.allCases {
            let names = kind.attributes.map { "`${EDGE.\($0)}`" }.joined(separator: " ")
            rows += "| \(names) | an edge to \(kind.meaning) |\n"
        }
        let names = Service.attributes.map { "`${EDGE.\($0)}`" }.joined(separator: " ")
        rows += "| \(names) | an edge to a service |\n"
        return """
            ## Placeholders

            Values of `env` and commands may name an attribute of an edge that the service declares under `uses`. They are no
            expressions. `$${` stands for a literal `${`.

            | placeholder | of |
            |---|---|
            \(rows)
            """
    }

    private var signals: String {
        var rows = ""
        for signal in Condition.Signal.allCases {
            let bound =
                switch signal.bound {
                case .percent: "a percentage"
                case .duration: "a duration"
                case .rate: "a rate"
                case .count: "a whole number"
                }
            let form =
                signal == .spend ? "spend()" : signal == .logs ? "logs(api, \"text\")" : "\(signal.rawValue)(api)"
            rows += "| `\(form)` | \(signal.meaning) | \(bound) |\n"
        }
        return """
            ## Conditions

            `signal(target) > bound` with `>`, `>=`, `<` or `<=`; the target is a service or a resource.

            | signal | what it measures | compared with |
            |---|---|---|
            \(rows)
            """
    }

    private var contents: String {
        let links = book.records.map { "[\($0.name)](#\(Self.anchor($0.name)))" }
        return "## Records\n\n" + links.joined(separator: " · ") + "\n"
    }

    private func section(_ record: RecordDescription) -> String {
        var out = "### \(record.name)\n\n\(record.meaning)\n"
        if let short = record.short {
            out += "\nShort form: \(type(short)) in place of the map.\n"
        }
        out += "\n| key | type | needed | meaning | example |\n|---|---|---|---|---|\n"
        for field in record.fields {
            let needed =
                switch field.presence {
                case .required: "required"
                case .optional: "optional"
                case .defaulted(let text, let reason):
                    text.contains("…") ? "default: \(reason)" : "default \(Self.code(text)): \(reason)"
                }
            let example = field.example.map { Self.code("\(field.key): \($0)") } ?? ""
            out += "| `\(field.key)` | \(type(field.type)) | \(Self.cell(needed)) | \(Self.cell(field.meaning)) "
            out += "| \(example) |\n"
        }
        for field in record.fields {
            guard case .choice(let choices) = field.type else { continue }
            out += "\n`\(field.key)`:\n\n"
            out += choices.map { "- `\($0.word)`: \($0.meaning)\n" }.joined()
        }
        return out
    }

    private func type(_ type: SchemaType) -> String {
        switch type {
        case .text(let kind, _, _): return kind
        case .integer(let range):
            return range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        case .boolean: return "`true` or `false`"
        case .choice(let choices): return choices.map { "`\($0.word)`" }.joined(separator: " ")
        case .list(let element): return "list, each " + self.type(element)
        case .map(let key, let value): return "map from \(self.type(key)) to \(self.type(value))"
        case .record(let name):
            let parts = name.split(separator: ".")
            if parts.count == 2 { return "as `\(parts[1])` of the [\(parts[0])](#\(Self.anchor(String(parts[0]))))" }
            return "[\(name)](#\(Self.anchor(name)))"
        case .either(let types): return types.map { self.type($0) }.joined(separator: ", or ")
        case .anything: return "anything"
        }
    }

    /// Text as code that may stand in a table's cell; a pipe would end the cell.
    private static func code(_ text: String) -> String {
        let fence = text.contains("`") ? "``" : "`"
        return fence + cell(text) + fence
    }

    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }

    private static func anchor(_ name: String) -> String {
        name.lowercased().split(separator: " ").joined(separator: "-")
    }
}

extension SchemaBook {
    /// Every kind of text with its form, each once, sorted by the kind's name.
    var texts: [(kind: String, pattern: String?, examples: [String])] {
        var found: [String: (pattern: String?, examples: [String])] = [:]
        func visit(_ type: SchemaType) {
            switch type {
            case .text(let kind, let pattern, let examples):
                if found[kind]?.pattern == nil { found[kind] = (pattern, examples) }
            case .list(let element): visit(element)
            case .map(let key, let value):
                visit(key)
                visit(value)
            case .either(let types): types.forEach(visit)
            case .integer, .boolean, .choice, .record, .anything: break
            }
        }
        for record in records {
            if let short = record.short { visit(short) }
            for field in record.fields { visit(field.type) }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.pattern, $0.value.examples) }
    }
}
