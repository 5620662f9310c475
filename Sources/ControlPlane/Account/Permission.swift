package import World

/// What somebody may do; its text is the scope of a token.
package enum Permission: String, Sendable, Hashable, Codable, CaseIterable {
    case readAlerts = "alerts:read"
    case writeAlerts = "alerts:write"
    case readIncidents = "incidents:read"
    case writeIncidents = "incidents:write"
    case readOnCall = "oncall:read"
    case writeOnCall = "oncall:write"
    case writeSilences = "silences:write"
    /// Accounts, keys and settings.
    case administer = "admin"
    case readAudit = "audit:read"

    /// What comes with it: who writes reads what was written, and `admin` is everything.
    package var included: Set<Permission> {
        switch self {
        case .writeAlerts: [self, .readAlerts]
        case .writeIncidents: [self, .readIncidents]
        case .writeOnCall: [self, .readOnCall]
        case .writeSilences: [self, .readAlerts]
        case .administer: Set(Permission.allCases)
        case .readAlerts, .readIncidents, .readOnCall, .readAudit: [self]
        }
    }
}

/// What an account is for.
package enum Role: String, Sendable, Hashable, Codable, CaseIterable {
    /// Sees everything but the audit log.
    case viewer
    /// Answers pages: acknowledges, silences, swaps shifts.
    case responder
    /// Also decides who else may do so.
    case administrator

    package var permissions: Set<Permission> {
        let seen: Set<Permission> = [.readAlerts, .readIncidents, .readOnCall]
        return switch self {
        case .viewer: seen
        case .responder: seen.union([.writeAlerts, .writeIncidents, .writeOnCall, .writeSilences])
        case .administrator: Set(Permission.allCases)
        }
    }
}

/// Who asks, once it is known.
package struct Principal: Sendable, Hashable {
    /// The session of a browser.
    package struct Session: Sendable, Hashable {
        package var id: ContentHash
        /// What each form of this session carries as `csrf`, or a script as `X-CSRF-Token`.
        package var csrf: String
    }

    package var account: String
    package var name: String
    package var role: Role
    /// Of a token; `nil` for a session, which may do whatever its role may.
    package var scopes: Set<Permission>?
    package var session: Session?
    /// The id of the token that was shown.
    package var token: String?
    /// Where it asks from.
    package var address: String

    package func may(_ permission: Permission) -> Bool {
        guard role.permissions.contains(permission) else { return false }
        guard let scopes else { return true }
        return scopes.contains { $0.included.contains(permission) }
    }
}
