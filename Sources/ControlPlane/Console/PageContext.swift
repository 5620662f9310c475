package import Response
import Spec

/// Everything about a page that is not its contents: who reads it, in which words, when.
package struct PageContext: Sendable {
    /// Who is signed in, and what they may do.
    package struct Viewer: Sendable, Hashable {
        /// The name that schedules and incidents know them by.
        package var name: String
        package var role: Role
        /// Whether a second factor is set.
        package var hasSecondFactor: Bool

        package init(name: String, role: Role, hasSecondFactor: Bool = false) {
            self.name = name
            self.role = role
            self.hasSecondFactor = hasSecondFactor
        }
    }

    package enum Role: String, Sendable, Hashable, CaseIterable, Comparable {
        case viewer, responder, administrator

        package static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }

        private var rank: Int {
            switch self {
            case .viewer: 0
            case .responder: 1
            case .administrator: 2
            }
        }
    }

    package enum Theme: String, Sendable, Hashable, CaseIterable {
        case system, light, dark
    }

    package var language: Language
    package var theme: Theme
    /// `nil`: nobody has signed in.
    package var viewer: Viewer?
    /// What each form carries; a form that carries another is refused. Empty: forms are not checked.
    package var csrf: String
    /// What comes before each path, without a slash at its end: empty, or `/hauban`.
    package var base: String
    package var now: Moment
    package var zone: ZoneRules
    package var platform: String
    package var version: String
    /// The path that is shown, with its query and without the base.
    package var address: String = "/"
    /// Whether pages listen for changes.
    package var isLive: Bool

    package init(
        language: Language, theme: Theme = .system, viewer: Viewer?, csrf: String = "", base: String = "",
        now: Moment, zone: ZoneRules = .utc, platform: String, version: String = "", isLive: Bool = true
    ) {
        self.language = language
        self.theme = theme
        self.viewer = viewer
        self.csrf = csrf
        self.base = base
        self.now = now
        self.zone = zone
        self.platform = platform
        self.version = version
        self.isLive = isLive
    }

    /// A phrase in the reader's language.
    subscript(_ phrase: Phrase) -> String { phrase.text(language) }

    /// Whether they may change what happens: acknowledge, silence, arrange.
    var mayRespond: Bool { (viewer?.role ?? .viewer) >= .responder }

    var mayAdminister: Bool { viewer?.role == .administrator }

    /// Where a path of the console is.
    func url(_ path: String) -> String { base + path }
}

extension PageContext {
    static let themeCookie = "hauban_theme"
    static let languageCookie = "hauban_language"

    /// The reader's language and theme, as their cookies or their browser says.
    package mutating func read(_ request: APIRequest) {
        language =
            request.cookie(Self.languageCookie).flatMap(Language.init(rawValue:))
            ?? Language(accepting: request.field("accept-language") ?? "")
        theme = request.cookie(Self.themeCookie).flatMap(Theme.init(rawValue:)) ?? .system
        address = request.path + (request.query.isEmpty ? "" : "?" + request.query)
        if !base.isEmpty, address.hasPrefix(base) { address.removeFirst(base.count) }
    }
}
