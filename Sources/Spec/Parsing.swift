/// What one file says: the platform as it is in the base and in each environment, and everything that is wrong.
package struct ParsedPlatform: Sendable {
    package var source: SourceText
    /// The base without any overlay; `nil` when anything in it was wrong.
    package var base: Platform?
    /// Each environment with its overlay merged in; those in which anything was wrong are absent, so that none of them
    /// is ever planned or shipped.
    package var environments: [EnvironmentName: Platform]
    /// The base as far as it could be read, for rules.
    package var partialBase: PartialPlatform?
    /// Each environment as far as it could be read, for rules.
    package var partials: [EnvironmentName: PartialPlatform]
    package var diagnostics: [Diagnostic]
    private let document: Node?
    private let merged: [EnvironmentName: Node]
    private let positions: [EnvironmentName?: SectionIndex]

    /// Reads a platform. Total: any bytes give a platform or diagnostics, all findings in one run, never a throw.
    /// - Parameters:
    ///   - bytes: the file's contents.
    ///   - name: as the user named the file, for messages.
    package static func parse(bytes: [UInt8], name: String) -> ParsedPlatform {
        guard
            let text = String(
                validating: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...], as: UTF8.self)
        else {
            if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
                let finding = Diagnostic(
                    .notUTF8, "the file is UTF-16 text, not UTF-8", at: "", help: "Save it as UTF-8.")
                return ParsedPlatform(source: SourceText(name: name, text: ""), diagnostics: [finding])
            }
            let decoded = String(decoding: bytes, as: UTF8.self)
            let source = SourceText(name: name, text: decoded)
            let line = source.lines.firstIndex { $0.unicodeScalars.contains("\u{FFFD}") } ?? 0
            let column = source.lines[line].unicodeScalars.map { $0 }.firstIndex(of: "\u{FFFD}") ?? 0
            let finding = Diagnostic(
                .notUTF8, "the file is not UTF-8 text", at: "", span: Span(line: line + 1, column: column + 1),
                help: "Save it as UTF-8; this byte belongs to another encoding.")
            return ParsedPlatform(source: source, diagnostics: [finding])
        }
        return parse(text: text, name: name)
    }

    package static func parse(text: String, name: String) -> ParsedPlatform {
        let source = SourceText(name: name, text: text)
        let (document, problems) = YAMLReader.read(source)
        guard let document else { return ParsedPlatform(source: source, diagnostics: problems) }
        var diagnostics = problems
        let reading = Reading(environment: nil, explains: false)
        let base = Platform.shape.take(document, SpecPath(), reading)
        diagnostics += reading.findings

        let partialBase = base.map { PartialPlatform(platform: $0, gaps: reading.gaps) }
        var environments: [EnvironmentName: Platform] = [:]
        var partials: [EnvironmentName: PartialPlatform] = [:]
        var merged: [EnvironmentName: Node] = [:]
        for (name, tree) in Self.merge(document) {
            merged[name] = tree
            let reading = Reading(environment: name.text, explains: false)
            let platform = Platform.shape.take(tree, SpecPath(), reading)
            // A section that is misspelt there was not merged.
            for section in Environment.overlays
            where !reading.gaps.isKnown(SpecPath(["environments", name.text, section])) {
                reading.gap(at: SpecPath([section]))
            }
            partials[name] = platform.map { PartialPlatform(platform: $0, gaps: reading.gaps) }
            environments[name] = reading.isWhole ? platform : nil
            diagnostics += Self.only(new: reading.findings, beyond: diagnostics)
        }
        return ParsedPlatform(
            source: source, base: reading.isWhole && problems.isEmpty ? base : nil,
            environments: problems.isEmpty ? environments : [:], partialBase: partialBase, partials: partials,
            diagnostics: diagnostics.ordered, document: document, merged: merged)
    }

    /// Where a path stands: the value of its last key that exists, in an environment or in the base.
    package func span(of path: SpecPath, in environment: EnvironmentName? = nil) -> Span? {
        place(of: path, in: environment)?.value.span
    }

    /// Where the key itself stands.
    package func keySpan(of path: SpecPath, in environment: EnvironmentName? = nil) -> Span? {
        place(of: path, in: environment).map { $0.key ?? $0.value.span }
    }

    /// Whether the author wrote this path.
    package func isWritten(_ path: SpecPath, in environment: EnvironmentName? = nil) -> Bool {
        place(of: path, in: environment)?.exact == true
    }

    /// Value and origin of everything at and below a path, defaults included, in an environment or in the base.
    package func explain(_ path: SpecPath, in environment: EnvironmentName? = nil) -> [ExplainedValue] {
        guard let tree = environment.flatMap({ merged[$0] }) ?? document else { return [] }
        let reading = Reading(environment: environment?.text, explains: true)
        _ = Platform.shape.read(tree, SpecPath(), reading)
        return reading.explained.filter { $0.path.starts(with: path) }
    }

    private init(
        source: SourceText, base: Platform? = nil, environments: [EnvironmentName: Platform] = [:],
        partialBase: PartialPlatform? = nil, partials: [EnvironmentName: PartialPlatform] = [:],
        diagnostics: [Diagnostic], document: Node? = nil, merged: [EnvironmentName: Node] = [:]
    ) {
        self.source = source
        self.base = base
        self.environments = environments
        self.partialBase = partialBase
        self.partials = partials
        self.diagnostics = diagnostics
        self.document = document
        self.merged = merged
        var positions = merged.reduce(into: [EnvironmentName?: SectionIndex]()) { $0[$1.key] = SectionIndex($1.value) }
        positions[nil] = document.map(SectionIndex.init)
        self.positions = positions
    }

    private func place(of path: SpecPath, in environment: EnvironmentName?) -> (key: Span?, value: Node, exact: Bool)? {
        let isMerged = environment.map { merged[$0] != nil } ?? false
        guard var node = environment.flatMap({ merged[$0] }) ?? document else { return nil }
        var key: Span?
        var rest = path.components[...]
        if let entry = positions[isMerged ? environment : nil]?.entry(rest, in: node) {
            key = entry.keySpan
            node = entry.value
            rest = rest.dropFirst(2)
        }
        for component in rest {
            if component.hasPrefix("["), case .list(let items) = node.value,
                let index = Int(component.dropFirst().dropLast()), items.indices.contains(index)
            {
                key = nil
                node = items[index]
            } else if let entry = node.entry(component) {
                key = entry.keySpan
                node = entry.value
            } else {
                return (key, node, false)
            }
        }
        return (key, node, true)
    }

    /// Each environment's tree: the base with the environment's sections merged over it.
    private static func merge(_ document: Node) -> [(EnvironmentName, Node)] {
        guard let environments = document.entry("environments"), case .map(let entries) = environments.value.value
        else { return [] }
        return entries.compactMap { entry in
            guard let name = EnvironmentName(entry.key), case .map(let keys) = entry.value.value else { return nil }
            let sections = keys.filter { Environment.overlays.contains($0.key) }
            let overlay = Node(value: .map(sections), span: entry.value.span, environment: nil)
            return (name, document.merging(overlay.marked(environment: entry.key)))
        }
    }

    /// An environment repeats what is wrong in the base; only what its overlay adds is news.
    private static func only(new findings: [Diagnostic], beyond known: [Diagnostic]) -> [Diagnostic] {
        var seen: Set<Diagnostic> = []
        for finding in known {
            var plain = finding
            plain.environment = nil
            seen.insert(plain)
        }
        return findings.filter { finding in
            var plain = finding
            plain.environment = nil
            return seen.insert(plain).inserted
        }
    }
}
