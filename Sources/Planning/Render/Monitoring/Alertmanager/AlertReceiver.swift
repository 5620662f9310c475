import Spec

/// How Alertmanager tells one party (Alertmanager, "Configuration", `<receiver>`).
struct AlertReceiver {
    /// A way that Alertmanager cannot take, and why.
    struct Refusal: Sendable, Hashable {
        var key: String
        var value: String
    }

    let meant: AlertRouting.Receiver
    private var slack: [String] = []
    private var mail: [String] = []
    private var pages: [SecretName] = []
    private var hooks: [NotifySpec.Webhook.Address] = []
    private(set) var refused: Set<Refusal> = []
    private let platform: Platform

    init(_ meant: AlertRouting.Receiver, _ platform: Platform) {
        self.meant = meant
        self.platform = platform
        guard let party = meant.party else { return }
        let people = AlertRouting.people(party, platform)
        let schedule = platform.oncall[party.cast()]
        let own = meant.level.flatMap { schedule?.channels[$0] } ?? []
        for channel in own { add(channel, people) }
        if own.isEmpty {
            for channel in platform.teams[party]?.channels ?? [] { add(channel, people) }
            for person in people { add(person) }
        }
    }

    var isSilent: Bool { slack.isEmpty && mail.isEmpty && pages.isEmpty && hooks.isEmpty }

    /// A person by the ways of their own order, else by mail.
    private mutating func add(_ name: PartyName) {
        guard let person = platform.people[name] else { return }
        let ways = (meant.level.flatMap { person.order[$0] } ?? []).map(\.by)
        let before = slack.count + mail.count + pages.count + hooks.count
        for way in ways { add(way, [name]) }
        if slack.count + mail.count + pages.count + hooks.count == before, person.email != nil {
            add(Channel(kind: .email, address: nil), [name])
        }
    }

    private mutating func add(_ channel: Channel, _ people: [PartyName]) {
        guard platform.notify.carries(channel) else { return }
        switch channel.kind {
        case .slack:
            for place in channel.address.map({ [$0] }) ?? people.compactMap({ platform.people[$0]?.slack })
            where !slack.contains(place) { slack.append(place) }
        case .email:
            for address in channel.address.map({ [$0] }) ?? people.compactMap({ platform.people[$0]?.email })
            where !mail.contains(address) { mail.append(address) }
        case .pagerduty:
            if let key = PlainName(channel.address ?? "default").flatMap({ platform.notify.pagerduty?.keys[$0] }),
                !pages.contains(key)
            {
                pages.append(key)
            }
        case .webhook:
            guard let hook = PlainName(channel.address ?? "default").flatMap({ platform.notify.webhooks[$0] }) else {
                return
            }
            if hook.secret != nil {
                refused.insert(Refusal(key: "webhook", value: "it signs nothing that it sends"))
            } else if !hooks.contains(hook.address) {
                hooks.append(hook.address)
            }
        case .sms, .call, .push:
            refused.insert(Refusal(key: channel.kind.rawValue, value: "it sends no such messages"))
        }
    }

    /// Those that it reads from files.
    var secrets: [SecretName] {
        var names = pages
        if !slack.isEmpty, let token = platform.notify.slack?.token { names.append(token) }
        for case .secret(let address) in hooks { names.append(address) }
        return names
    }

    var tree: YAMLTree {
        var entries = [YAMLEntry("name", .text(meant.name))]
        if !mail.isEmpty {
            entries.append(
                YAMLEntry("email_configs", .list(mail.map { ["to": .text($0), "send_resolved": true] })))
        }
        if !pages.isEmpty, let url = platform.notify.pagerduty?.url {
            entries.append(
                YAMLEntry(
                    "pagerduty_configs",
                    .list(
                        pages.map { key in
                            [
                                "routing_key_file": .text("/run/secrets/\(key)"), "url": .text(url),
                                "severity": .text(Self.severity),
                            ]
                        })))
        }
        if !slack.isEmpty, let bot = platform.notify.slack {
            entries.append(YAMLEntry("slack_configs", .list(slack.map { message(to: $0, bot) })))
        }
        if !hooks.isEmpty {
            entries.append(
                YAMLEntry(
                    "webhook_configs",
                    .list(
                        hooks.map { address -> YAMLTree in
                            switch address {
                            case .url(let url): ["url": .text(url)]
                            case .secret(let name): ["url_file": .text("/run/secrets/\(name)")]
                            }
                        })))
        }
        return .map(entries)
    }

    /// PagerDuty's words for ours (PagerDuty, "Events API v2", `severity`).
    private static let severity =
        "{{ if eq .CommonLabels.severity \"critical\" }}critical{{ else if eq .CommonLabels.severity \"high\" }}error"
        + "{{ else if eq .CommonLabels.severity \"medium\" }}warning{{ else }}info{{ end }}"

    /// With the token of a bot, whose messages go to one address of Slack's, whatever channel is meant.
    private func message(to place: String, _ bot: NotifySpec.Slack) -> YAMLTree {
        [
            "api_url": .text("\(bot.url)/chat.postMessage"), "channel": .text(place), "send_resolved": true,
            "http_config": [
                "authorization": ["type": "Bearer", "credentials_file": .text("/run/secrets/\(bot.token)")]
            ],
            "title": "[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }} {{ .CommonLabels.service }}",
            "text": "{{ range .Alerts }}{{ .Annotations.summary }} {{ .Annotations.runbook_url }}\n{{ end }}",
        ]
    }
}
