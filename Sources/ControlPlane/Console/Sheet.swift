import Response

/// A page before its frame: what it is called, where it belongs, what it says.
struct Sheet: Sendable {
    /// The parts of the console, in the order of the navigation.
    enum Section: String, CaseIterable, Sendable {
        case overview, incidents, alerts, onCall, releases, figures, silences, maintenance, integrations, people, audit

        var path: String {
            switch self {
            case .overview: "/"
            case .onCall: "/on-call"
            default: "/\(rawValue)"
            }
        }

        var title: Phrase {
            switch self {
            case .overview: .overview
            case .incidents: .incidents
            case .alerts: .alerts
            case .onCall: .onCall
            case .releases: .releases
            case .figures: .figures
            case .silences: .silences
            case .maintenance: .maintenance
            case .integrations: .integrations
            case .people: .people
            case .audit: .audit
            }
        }

        var icon: Icon {
            switch self {
            case .overview: .overview
            case .incidents: .incident
            case .alerts: .bell
            case .onCall: .phone
            case .releases: .rocket
            case .figures: .chart
            case .silences: .muted
            case .maintenance: .wrench
            case .integrations: .plug
            case .people: .people
            case .audit: .scroll
            }
        }

        /// The key after `g` that goes there.
        var key: Character {
            switch self {
            case .overview: "o"
            case .incidents: "i"
            case .alerts: "a"
            case .onCall: "c"
            case .releases: "r"
            case .figures: "f"
            case .silences: "s"
            case .maintenance: "m"
            case .integrations: "n"
            case .people: "p"
            case .audit: "l"
            }
        }
    }

    /// The first part of the window's title.
    var title: String
    /// What the navigation marks; `nil` for pages outside of it.
    var section: Section?
    var body: HTML
    var status = 200
}
