extension FrontDoorConfiguration {
    /// The world is asked to come back later; the team may look.
    package struct Maintenance: Codable, Sendable, Hashable {
        /// Seconds since 1970 at which it began.
        package var since: Int
        /// Seconds since 1970 at which it ends by itself; `nil` lasts until it is taken away.
        package var until: Int?
        /// Shown to visitors as it is.
        package var message: String?
        /// Lets a request pass that carries it, in the field `X-Hauban-Bypass` or the cookie `hauban-bypass`.
        package var token: String
        /// A whole HTML document in place of the front door's own.
        package var page: String?

        package init(
            since: Int, until: Int? = nil, message: String? = nil, token: String, page: String? = nil
        ) {
            self.since = since
            self.until = until
            self.message = message
            self.token = token
            self.page = page
        }

        /// Whether it is in force at a moment, in seconds since 1970.
        package func isOn(at now: Int) -> Bool { until.map { now < $0 } ?? true }

        /// Path on which a browser is given the cookie that lets it pass.
        package static let bypassPath = "/.well-known/hauban/bypass/"

        /// Compares in a time that tells nothing about where the texts differ.
        func hasToken(_ text: some Collection<UInt8>) -> Bool {
            guard text.count == token.utf8.count else { return false }
            return zip(text, token.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }
}
