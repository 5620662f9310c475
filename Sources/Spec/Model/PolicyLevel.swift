/// How much a guideline weighs.
package enum PolicyLevel: String, Choice {
    case off, note, warning, error

    package var meaning: String {
        switch self {
        case .off: "not looked at"
        case .note: "said, and nothing more"
        case .warning: "said; `hauban check` still succeeds"
        case .error: "`hauban check` fails"
        }
    }

    /// `nil` where nothing is said.
    package var severity: Diagnostic.Severity? {
        switch self {
        case .off: nil
        case .note: .note
        case .warning: .warning
        case .error: .error
        }
    }
}
