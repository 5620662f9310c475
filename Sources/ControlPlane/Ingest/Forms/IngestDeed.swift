package import Response

/// What a sender asks for; it is answered 2xx when it is on disk.
package enum IngestDeed: Hashable, Codable, Sendable {
    /// ``KeyedAlerts`` says which label set it is about where the sender names its alerts by a key.
    case report(AlertBook.Report)
    case resolve(AlertTarget)
    case acknowledge(AlertTarget, by: String)
    case note(AlertTarget, text: String, by: String)
    /// A sign of life of this name.
    case beat(String)
    /// Something was deployed elsewhere; Hauban cannot return it, so its migration is unknown.
    case change(ReleaseRecord, summary: String)
    /// Only a `GET` of this URL makes the sender go on: a subscription of SNS whose signature was right.
    case confirm(url: String)
}

/// Which alert a sender means.
package enum AlertTarget: Hashable, Codable, Sendable {
    /// Of an integration's own; `nil`: of anybody's.
    case fingerprint(Fingerprint, of: String? = nil)
    case key(AlertKey)
}

/// What a sender calls an alert, which is the same whatever else it says of it: a `dedup_key`, an alias, an incident's id.
package struct AlertKey: Hashable, Codable, Sendable {
    package var integration: String
    package var text: String

    package init(integration: String, text: String) {
        self.integration = integration
        self.text = text
    }

    /// The labels that say it of an alert.
    static let integrationLabel = "integration"
    static let keyLabel = "dedup_key"

    /// - Returns: `nil` for an alert that its labels alone identify.
    package init?(_ labels: LabelSet) {
        guard let integration = labels[Self.integrationLabel], let text = labels[Self.keyLabel] else { return nil }
        self.init(integration: integration, text: text)
    }
}

/// What is wrong with a message, or with one item of it.
struct IngestFault: Error, Hashable {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}
