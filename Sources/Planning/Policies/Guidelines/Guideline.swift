package import Spec

/// Advice with an id: what those who run such platforms would say in review of a file that is right.
///
/// One a file, beside its reason, its mend and two examples, which are its tests.
package struct Guideline: Sendable {
    /// Kebab-case, for waivers, `policies:` and reports; never renamed.
    package let id: String
    /// One line, no full stop.
    package let title: String
    /// Why: whole sentences.
    package let reason: String
    /// What to do: whole sentences; the help of findings that have none of their own.
    package let fix: String
    /// Ids of the requirements that it serves.
    package let serves: [String]
    package let levels: GuidelineLevels
    let judge: Judge
    /// Text that has the finding: a hauban.yaml without its first two lines, or a whole file of the team's.
    package let bad: String
    /// The same without it.
    package let good: String

    /// What it looks at.
    enum Judge: Sendable {
        /// hauban.yaml, in each environment.
        case platform(@Sendable (PolicyContext) -> [Diagnostic])
        case dockerfile(@Sendable (Dockerfile) -> [Diagnostic])
        case compose(@Sendable (ComposeFile) -> [Diagnostic])
        case workflow(@Sendable (Workflow) -> [Diagnostic])
    }

    /// The kind of file that it looks at.
    package enum Subject: String, Sendable, CaseIterable {
        case platform = "hauban.yaml"
        case dockerfile = "Dockerfile"
        case compose = "docker-compose.yml"
        case workflow = ".github/workflows/ci.yml"
    }

    package var subject: Subject {
        switch judge {
        case .platform: .platform
        case .dockerfile: .dockerfile
        case .compose: .compose
        case .workflow: .workflow
        }
    }

    /// As reports tell of it.
    package var rule: Diagnostic.Rule { Diagnostic.Rule(id: id, title: title, reason: reason, fix: fix) }
}

/// How much a guideline weighs by what an environment is for; `nil` where it is silent.
package struct GuidelineLevels: Sendable, Hashable {
    package var production: Diagnostic.Severity?
    package var staging: Diagnostic.Severity?
    package var development: Diagnostic.Severity?

    /// The same wherever it is found.
    static func everywhere(_ level: Diagnostic.Severity) -> GuidelineLevels {
        GuidelineLevels(production: level, staging: level, development: level)
    }

    /// Only where users are, and where it is tried what they will get.
    static func production(
        _ level: Diagnostic.Severity, staging: Diagnostic.Severity? = nil, development: Diagnostic.Severity? = nil
    ) -> GuidelineLevels {
        GuidelineLevels(production: level, staging: staging, development: development)
    }

    package subscript(purpose: Environment.Purpose) -> Diagnostic.Severity? {
        switch purpose {
        case .production: production
        case .staging: staging
        case .development: development
        }
    }
}

extension PolicyContext {
    /// A guideline's finding; the guideline, its level and its mend are added by ``Guidelines``.
    func flag(
        _ message: String, at path: SpecPath, _ place: Place = .value, help: String? = nil, fix: String? = nil,
        notes: [Diagnostic.Note] = []
    ) -> Diagnostic {
        finding(.guideline, message, at: path, place, help: help, fix: fix, notes: notes)
    }

    /// What the judged environment is for; a base that stands alone is judged as staging.
    var purpose: Environment.Purpose { environment.map { platform.purpose(of: $0) } ?? .staging }

    var target: Environment.Target? { settings?.target }

    /// Whether what is judged runs away from the author's machine, or may.
    var isRemote: Bool { target != .local }
}
