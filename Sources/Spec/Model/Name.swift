/// A key of one of the platform's maps: a lower-case letter, then letters, digits and single hyphens, at most 40 characters.
///
/// The same rule serves every target: it is the common part of a DNS label (RFC 1123, section 2.1), a Kubernetes object
/// name, a Cloud Run service name and a Compose service name. `Kind` keeps the names of different maps apart.
package struct Name<Kind>: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// The name as written.
    package let text: String

    /// - Returns: `nil` when the text breaks the rule.
    package init?(_ text: String) {
        guard Self.isValid(text) else { return nil }
        self.text = text
    }

    private init(kept text: String) { self.text = text }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard Self.isValid(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a name")
        }
        self.text = text
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    /// The rule as a regular expression, for the published schema.
    package static var pattern: String { "^[a-z](-?[a-z0-9])*$" }

    /// The longest name.
    package static var longest: Int { 40 }

    private static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= longest, (0x61...0x7a).contains(first) else { return false }
        var previous = first
        for byte in bytes {
            switch byte {
            case 0x61...0x7a, 0x30...0x39: break
            case 0x2d where previous != 0x2d: break
            default: return false
            }
            previous = byte
        }
        return previous != 0x2d
    }
}

/// The kinds of names: uninhabited marks for ``Name``.
package enum NameKind {
    package enum Platform {}
    package enum Service {}
    package enum Resource {}
    package enum Secret {}
    package enum Alert {}
    package enum Environment {}
    package enum Schedule {}
    package enum Party {}
    package enum Stage {}
    package enum Edge {}
    package enum Waiver {}
    package enum Action {}
    package enum Plain {}
}

package typealias PlatformName = Name<NameKind.Platform>
package typealias ServiceName = Name<NameKind.Service>
package typealias ResourceName = Name<NameKind.Resource>
package typealias SecretName = Name<NameKind.Secret>
package typealias AlertName = Name<NameKind.Alert>
package typealias EnvironmentName = Name<NameKind.Environment>
/// An on-call schedule under `oncall:`.
package typealias ScheduleName = Name<NameKind.Schedule>
/// A person or a team that can be told.
package typealias PartyName = Name<NameKind.Party>
package typealias StageName = Name<NameKind.Stage>
/// What a `uses:` key names: a service or a resource.
package typealias EdgeName = Name<NameKind.Edge>
package typealias WaiverName = Name<NameKind.Waiver>
/// What an escalation step or a person does: a remedy, or an entry under `actions:`.
package typealias ActionName = Name<NameKind.Action>
/// A key of a map whose names nothing else refers to: a KPI, a drill, a phase, a criterion.
package typealias PlainName = Name<NameKind.Plain>

extension Name {
    /// The same text as a name of another map.
    package func cast<Other>(to other: Name<Other>.Type = Name<Other>.self) -> Name<Other> {
        // Every kind of name has one rule, and this text keeps it.
        Name<Other>(kept: text)
    }
}
