package import Response

/// A page of the console, as its address names it.
package enum ConsoleRoute: Sendable, Hashable {
    case asset(String)
    case overview
    case incidents
    case newIncident
    case incident(String)
    case postmortem(String, isFile: Bool)
    case alerts
    case alert(String)
    case onCall(String?)
    case feed(String)
    case releases
    case figures
    case silences
    case newSilence
    case maintenance
    case newMaintenance
    case integrations
    case people
    case person(String)
    case audit
    case account
    case signIn
    case setUp
    case invitation

    /// What has to be in ``ConsoleData`` besides the responder before a page can be shown.
    package enum Want: Sendable, Hashable {
        case nothing
        /// Archived incidents that the filter admits, the newest first, that come after a place: opened at a time or before,
        /// those of that time with a smaller number. One more than are shown, so that it is seen whether there are more.
        case incidents(IncidentFilter, before: Moment?, limit: Int)
        /// One archived incident with its pages and remedies, where the responder does not hold it.
        case incident(String)
        /// All incidents that were opened since the filter's beginning.
        case figures(FigureFilter)
        case integrations
        case accounts
        case audit(before: Int?, limit: Int)
        /// Sessions, tokens, scopes of who asks.
        case own
    }

    /// - Returns: `nil` where the path is none of the console's pages.
    package init?(_ segments: [String]) {
        switch (segments.count, segments.first ?? "") {
        case (0, _): self = .overview
        case (2, "assets"): self = .asset(segments[1])
        case (1, "incidents"): self = .incidents
        case (2, "incidents"): self = segments[1] == "new" ? .newIncident : .incident(segments[1])
        case (3, "incidents") where segments[2] == "postmortem": self = .postmortem(segments[1], isFile: false)
        case (3, "incidents") where segments[2] == "postmortem.md": self = .postmortem(segments[1], isFile: true)
        case (1, "alerts"): self = .alerts
        case (2, "alerts"): self = .alert(segments[1])
        case (1, "on-call"): self = .onCall(nil)
        case (2, "on-call"):
            self = segments[1].hasSuffix(".ics") ? .feed(String(segments[1].dropLast(4))) : .onCall(segments[1])
        case (1, "releases"): self = .releases
        case (1, "figures"): self = .figures
        case (1, "silences"): self = .silences
        case (2, "silences") where segments[1] == "new": self = .newSilence
        case (1, "maintenance"): self = .maintenance
        case (2, "maintenance") where segments[1] == "new": self = .newMaintenance
        case (1, "integrations"): self = .integrations
        case (1, "people"): self = .people
        case (2, "people"): self = .person(segments[1])
        case (1, "audit"): self = .audit
        case (1, "account"): self = .account
        case (1, "sign-in"): self = .signIn
        case (1, "set-up"): self = .setUp
        case (1, "invitation"): self = .invitation
        default: return nil
        }
    }

    /// Whether everybody may see it, signed in or not.
    package var isPublic: Bool {
        switch self {
        case .asset, .signIn, .setUp, .invitation: true
        default: false
        }
    }

    package func wants(_ query: QueryText) -> Want {
        switch self {
        case .incidents:
            let filter = IncidentFilter(query)
            guard filter.reachesBack else { return .nothing }
            let after = query.first("after").flatMap { ListCursor($0) }
            return .incidents(filter, before: after?.at, limit: IncidentListView.rows + 1)
        case .incident(let id), .postmortem(let id, _): return .incident(id)
        case .figures: return .figures(FigureFilter(query))
        case .integrations: return .integrations
        case .people, .person: return .accounts
        case .audit: return .audit(before: query.first("before").flatMap { Int($0) }, limit: 100)
        case .account: return .own
        default: return .nothing
        }
    }
}
