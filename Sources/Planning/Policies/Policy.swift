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
    /// As far as it could be read; a rule concludes nothing from what ``gaps`` names.
    let platform: Platform
    let gaps: Gaps
    /// `nil` for the base.
    let environment: EnvironmentName?
    let today: CalendarDate
    /// `nil` when nobody looked at the files.
    let files: FileFacts?
    /// `nil` when nobody looked at zones and calendars.
    let duty: DutyFacts?
    /// The platform's services in the order of their names, so that findings do not depend on hashing.
    let services: [(name: ServiceName, service: Service)]
    let resources: [(name: ResourceName, resource: Resource)]

    init(
        parsed: ParsedPlatform, partial: PartialPlatform, environment: EnvironmentName?, today: CalendarDate,
        files: FileFacts?, duty: DutyFacts? = nil
    ) {
        let platform = partial.platform
        self.parsed = parsed
        self.platform = platform
        gaps = partial.gaps
        self.environment = environment
        self.today = today
        self.files = files
        self.duty = duty
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

    /// Whether a path holds what the author said, and not what stands in for something that could not be read; also of a
    /// path where nothing stands, unless a misspelt key may be meant.
    func isKnown(_ paths: SpecPath...) -> Bool { paths.allSatisfy(gaps.isKnown) }

    /// Whether everything at and below the paths is known.
    func isWhole(_ paths: SpecPath...) -> Bool { paths.allSatisfy(gaps.isWhole) }

    /// Whether a word that names nothing in these sections may name what could not be read there.
    func mayName(_ word: String, in sections: SpecPath...) -> Bool {
        sections.contains { gaps.mayName(word, in: $0) }
    }

    /// As ``mayName(_:in:)``, of what an edge may name.
    func mayBeEdge(_ word: String) -> Bool { mayName(word, in: "services", "resources") }

    /// As ``mayName(_:in:)``, of whom `to` may name. Without a `people` section rotations and teams say who exists.
    func mayBeTold(_ word: String) -> Bool {
        if gaps.isEmpty { return false }
        if mayName(word, in: "oncall", "teams", "people") { return true }
        guard platform.people.isEmpty else { return false }
        return platform.oncall.keys.contains {
            mayName(word, in: SpecPath(["oncall", $0.text, "rotation", "people"]))
                || !gaps.isWhole(SpecPath(["oncall", $0.text, "layers"]))
        }
            || platform.teams.keys.contains { mayName(word, in: SpecPath(["teams", $0.text, "people"])) }
    }

    /// Whether all edges that services draw are known by their names.
    var hasAllEdges: Bool {
        if gaps.isEmpty { return true }
        return gaps.isKnown("services") && services.allSatisfy { gaps.isNamed(.service($0.name, "uses")) }
    }
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
