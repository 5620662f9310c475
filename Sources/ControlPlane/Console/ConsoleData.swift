package import Response

/// What the pages show: the responder as it stands, and what others know, as plain values.
package struct ConsoleData: Sendable {
    package var responder: Responder
    /// The platform's services in the order of its file; those that alerts and releases name are shown besides.
    package var services: [String] = []
    /// What is measured of services.
    package var signals = SignalBoard(isMeasured: false)
    /// Incidents that the responder no longer holds, the newest first: those that ``ConsoleRoute/wants`` asked for.
    package var archive: [Incident] = []
    /// Pages and remedies of an archived incident that is shown.
    package var archivedPages: [Page] = []
    package var archivedRemedies: [RemedyRun] = []
    package var integrations: [Integration] = []
    /// The newest first.
    package var audit: AuditPage = AuditPage()
    package var accounts: [Account] = []
    package var own = OwnAccount()
    package var health = Health()
    /// Where the console is for others: `https://hauban.shop.example`, without a slash at its end.
    package var address: String = ""
    /// Where calendars find a schedule's feed, by the schedule's name; without one the console's own is shown.
    package var feeds: [String: String] = [:]
    /// For what a form makes: a silence, an override, a key.
    package var newID: @Sendable () -> String

    package init(responder: Responder, newID: @escaping @Sendable () -> String) {
        self.responder = responder
        self.newID = newID
    }

    /// Somebody outside who sends to us, with the keys of it.
    package struct Integration: Sendable, Hashable {
        /// Whose messages it takes.
        package enum Sender: String, Sendable, Hashable, CaseIterable {
            case alertmanager, grafana, pagerduty, opsgenie
            case googleCloud = "google-cloud"
            case sns, heartbeat, json
        }

        package var name: String
        package var sender: Sender
        package var created: Moment
        package var lastUsed: Moment?
        /// The public part of its key.
        package var key: String
        /// The whole key, once: right after it was made.
        package var secret: String?

        package init(
            name: String, sender: Sender, created: Moment, lastUsed: Moment? = nil, key: String, secret: String? = nil
        ) {
            self.name = name
            self.sender = sender
            self.created = created
            self.lastUsed = lastUsed
            self.key = key
            self.secret = secret
        }
    }

    /// A part of the audit log.
    package struct AuditPage: Sendable, Hashable {
        package struct Line: Sendable, Hashable {
            package var number: Int
            package var at: Moment
            package var who: String
            package var what: String
            /// Where they were: an address.
            package var from: String

            package init(number: Int, at: Moment, who: String, what: String, from: String = "") {
                self.number = number
                self.at = at
                self.who = who
                self.what = what
                self.from = from
            }
        }

        /// The newest first.
        package var lines: [Line] = []
        /// What comes after the last line, as ``ConsoleRoute/Want/audit(before:limit:)`` takes it.
        package var next: Int?
        /// The first line whose chain does not hold; `nil`: none.
        package var broken: Int?

        package init(lines: [Line] = [], next: Int? = nil, broken: Int? = nil) {
            self.lines = lines
            self.next = next
            self.broken = broken
        }
    }

    /// Somebody who can sign in.
    package struct Account: Sendable, Hashable {
        package var name: String
        package var role: PageContext.Role
        package var hasSecondFactor: Bool
        package var state: State
        package var lastSeen: Moment?

        package enum State: String, Sendable, Hashable {
            case invited, active, disabled
        }

        package init(
            name: String, role: PageContext.Role, hasSecondFactor: Bool = false, state: State = .active,
            lastSeen: Moment? = nil
        ) {
            self.name = name
            self.role = role
            self.hasSecondFactor = hasSecondFactor
            self.state = state
            self.lastSeen = lastSeen
        }
    }

    /// How the control plane itself does.
    package struct Health: Sendable, Hashable {
        package var lateness: Duration = .zero
        package var waitingPages = 0
        package var deadPages = 0
        /// Whether the sign of life to the outside goes out; `nil`: none is set up.
        package var signOfLife: Bool?

        package init() {}
    }
}
