import Spec

/// Who Cloud Monitoring tells, from what `oncall:`, `teams:` and `people:` say.
struct GoogleChannels {
    let platform: Platform

    /// A channel of Cloud Monitoring.
    enum Channel: Hashable, Comparable {
        case email(String)
        /// With the name of a key; empty for the only one.
        case pagerduty(String)
        case slack(String)

        /// Under which it stands in Terraform.
        var reference: String {
            switch self {
            case .email(let address): "google_monitoring_notification_channel.\(GoogleChannels.label(address)).id"
            case .pagerduty, .slack: "data.google_monitoring_notification_channel.\(label).name"
            }
        }

        var label: String {
            switch self {
            case .email(let address): GoogleChannels.label(address)
            case .pagerduty(let key): GoogleChannels.label(key.isEmpty ? "pagerduty" : "pagerduty-\(key)")
            case .slack(let channel): GoogleChannels.label("slack-" + channel)
            }
        }

        var kind: String {
            switch self {
            case .email: "email"
            case .pagerduty: "pagerduty"
            case .slack: "slack"
            }
        }

        /// By which an administrator names it and Terraform finds it.
        var displayName: String {
            switch self {
            case .email(let address): address
            case .pagerduty(let key): key.isEmpty ? "pagerduty" : "pagerduty:\(key)"
            case .slack(let channel): "slack:\(channel)"
            }
        }
    }

    /// What somebody is told through, and what of it Cloud Monitoring cannot do.
    struct Told: Hashable {
        var channels: [Channel] = []
        var impossible: [String] = []
    }

    /// A name of Terraform's: letters, digits and underscores.
    static func label(_ text: String) -> String {
        let plain = text.lowercased().unicodeScalars.map { scalar -> Character in
            ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
        }
        let words = String(plain).split(separator: "_").joined(separator: "_")
        return words.first?.isNumber == false ? words : "c_" + words
    }

    /// The secret that holds what a channel is opened with: the one that `notify` names, else one of the usual name.
    func secret(of channel: Channel) -> String? {
        switch channel {
        case .email: return nil
        case .pagerduty(let key):
            let declared = PlainName(key.isEmpty ? "default" : key).flatMap { platform.notify.pagerduty?.keys[$0] }
            return declared?.text ?? (key.isEmpty ? "pagerduty-key" : "pagerduty-key-\(key)")
        case .slack: return platform.notify.slack?.token.text ?? "slack-token"
        }
    }

    /// Whom an alert of a level reaches.
    func told(_ level: Level, to party: PartyName?) -> Told {
        var told = Told()
        let name = party?.text ?? platform.owner?.oncall?.text ?? platform.owner?.team?.text
        guard let name else { return told }
        if let schedule = ScheduleName(name).flatMap({ platform.oncall[$0] }) {
            let ways = schedule.channels[level] ?? []
            add(ways, of: schedule.rotations.flatMap(\.rotation.people), &told)
        } else if let team = PartyName(name).flatMap({ platform.teams[$0] }) {
            add(team.channels, of: team.people, &told)
        } else if let person = PartyName(name) {
            add([], of: [person], &told)
        }
        told.channels = Set(told.channels).sorted()
        told.impossible = Set(told.impossible).sorted()
        return told
    }

    private func add(_ ways: [Spec.Channel], of people: [PartyName], _ told: inout Told) {
        let emails = people.compactMap { platform.people[$0]?.email }.map { Channel.email($0) }
        if ways.isEmpty { told.channels += emails }
        for way in ways {
            switch way.kind {
            case .pagerduty: told.channels.append(.pagerduty(way.address ?? ""))
            case .slack: told.channels.append(.slack(way.address ?? ""))
            case .email: told.channels += way.address.map { [.email($0)] } ?? emails
            case .sms, .call, .webhook, .push:
                told.impossible.append(way.kind.rawValue)
                told.channels += emails
            }
        }
    }
}
