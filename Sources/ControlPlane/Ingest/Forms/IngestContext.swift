package import Response

/// What reading a message takes besides its bytes.
package struct IngestContext: Sendable {
    package var now: Moment
    package var integration: Integration
    package var limits: IngestLimits
    /// A new id: a UUID of version 4, for what the sender left without a name and for the answer.
    package var id: String
    /// Certificates in PEM, by the URL that they were fetched from.
    package var certificates: [String: [UInt8]]

    package init(
        now: Moment, integration: Integration, limits: IngestLimits = IngestLimits(), id: String,
        certificates: [String: [UInt8]] = [:]
    ) {
        self.now = now
        self.integration = integration
        self.limits = limits
        self.id = id
        self.certificates = certificates
    }

    /// The end of an alert that fires until its sender says that it is over: senders of these forms tell once.
    var openEnd: Moment { now + (integration.endsAfter ?? .seconds(3650 * 86_400)) }

    func target(_ key: String) -> AlertTarget { .key(AlertKey(integration: integration.name, text: key)) }

    /// What a sender may call a person, and what that person may have to say (Opsgenie, "Alert API", limits of the fields).
    static let nameCharacters = 100
    static let noteCharacters = 25_000

    /// How long an alert lasts that a sender's test button made, which nobody ever ends.
    static let testLasts = Duration.seconds(300)
}
