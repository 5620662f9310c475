import Spec

/// One rule that needs the whole platform to judge: pure, total, its findings in any order.
struct Policy: Sendable {
    enum Reach: Sendable {
        /// What it judges is the same in every environment.
        case once
        /// It is judged in the base or in each environment's merged platform.
        case everywhere
        /// It is about one environment and its target; its findings always name the environment.
        case environment
    }

    var reach: Reach
    var check: @Sendable (PolicyContext) -> [Diagnostic]

    init(_ reach: Reach = .everywhere, _ check: @escaping @Sendable (PolicyContext) -> [Diagnostic]) {
        self.reach = reach
        self.check = check
    }
}

/// What a rule sees: one platform, where it was written, and what was learnt outside the file.
struct PolicyContext: Sendable {
    let parsed: ParsedPlatform
    let platform: Platform
    /// `nil` for the base.
    let environment: EnvironmentName?
    let today: CalendarDate
    /// `nil` when nobody looked at the files.
    let files: FileFacts?
    /// The platform's services in the order of their names, so that findings do not depend on hashing.
    let services: [(name: ServiceName, service: Service)]
    let resources: [(name: ResourceName, resource: Resource)]

    init(
        parsed: ParsedPlatform, platform: Platform, environment: EnvironmentName?, today: CalendarDate,
        files: FileFacts?
    ) {
        self.parsed = parsed
        self.platform = platform
        self.environment = environment
        self.today = today
        self.files = files
        // Sorted once: each of the rules walks them.
        services = platform.services.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        resources = platform.resources.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The environment that is judged; `nil` for the base.
    var settings: Environment? { environment.flatMap { platform.environments[$0] } }

    /// Which part of what stands at a path is meant.
    enum Place: Sendable {
        case value
        case key
        /// The first occurrence of a text within the value.
        case text(String)
    }

    func span(_ path: SpecPath, _ place: Place = .value) -> Span? {
        switch place {
        case .value: return parsed.span(of: path, in: environment)
        case .key: return parsed.keySpan(of: path, in: environment)
        case .text(let needle):
            guard let whole = parsed.span(of: path, in: environment) else { return nil }
            return parsed.source.span(of: needle, within: whole) ?? whole
        }
    }

    func finding(
        _ id: DiagnosticID, _ message: String, at path: SpecPath, _ place: Place = .value, help: String? = nil,
        fix: String? = nil, notes: [Diagnostic.Note] = []
    ) -> Diagnostic {
        Diagnostic(
            id, message, at: path, span: span(path, place), help: help, fix: fix.map { Diagnostic.Fix($0) },
            notes: notes, environment: environment?.text)
    }

    func note(_ message: String, at path: SpecPath, _ place: Place = .value) -> Diagnostic.Note {
        Diagnostic.Note(message, at: span(path, place))
    }

    func isWritten(_ path: SpecPath) -> Bool { parsed.isWritten(path, in: environment) }
}

extension SpecPath {
    static func service(_ name: ServiceName, _ keys: String...) -> SpecPath {
        SpecPath(["services", name.text] + keys)
    }

    static func resource(_ name: ResourceName, _ keys: String...) -> SpecPath {
        SpecPath(["resources", name.text] + keys)
    }

    static func environment(_ name: EnvironmentName, _ keys: String...) -> SpecPath {
        SpecPath(["environments", name.text] + keys)
    }
}

extension SourceText {
    /// Where a text first stands at or after a span's start, on the same line.
    func span(of needle: String, within whole: Span) -> Span? {
        guard let line = line(whole.line) else { return nil }
        let rest = Array(line.unicodeScalars.dropFirst(whole.column - 1))
        let wanted = Array(needle.unicodeScalars)
        guard !wanted.isEmpty, rest.count >= wanted.count else { return nil }
        for start in 0...(rest.count - wanted.count) where rest[start...].starts(with: wanted) {
            return Span(line: whole.line, column: whole.column + start, length: wanted.count)
        }
        return nil
    }
}

/// Sentences that several rules share.
enum Suggest {
    /// What to write in place of a word that names nothing, and the known words when none is near.
    static func name(_ word: String, among known: [String], kind: String) -> (help: String, fix: String?) {
        if let near = KeyHint.nearest(to: word, among: known) { return ("Did you mean `\(near)`?", near) }
        if known.isEmpty { return ("The platform has no \(kind).", nil) }
        return ("Known \(kind): " + list(known) + ".", nil)
    }

    /// `a, b, c` in order, at most twelve of them.
    static func list(_ words: [String]) -> String {
        let sorted = Set(words).sorted()
        let shown = sorted.prefix(12).map { "`\($0)`" }.joined(separator: ", ")
        return sorted.count > 12 ? shown + " and \(sorted.count - 12) more" : shown
    }
}
