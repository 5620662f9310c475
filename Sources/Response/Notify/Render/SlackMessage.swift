package import Spec

/// A message as the body of Slack's `chat.postMessage`, with blocks and buttons (Block Kit).
///
/// Limits are Slack's: 150 characters in a header, 3000 in a section, 2000 in a field, 10 fields, 50 blocks.
package enum SlackMessage {
    /// What the buttons are called when Slack tells that one was pressed; its value is the incident's identity.
    package enum Button: String, CaseIterable, Sendable {
        case acknowledge = "hauban_acknowledge"
        case resolve = "hauban_resolve"
    }

    /// - Parameters:
    ///   - thread: the time stamp of the message that this one answers.
    ///   - withButtons: whether somebody hears of it when one is pressed.
    package static func body(
        _ message: Message, channel: String, thread: String? = nil, withButtons: Bool = true
    ) -> JSONTree {
        .some([
            ("channel", .text(channel)),
            // What a notification shows, and what is read out.
            ("text", .text(escaped(message.headline).cut(3000))),
            ("thread_ts", .text(orNull: thread)),
            ("unfurl_links", .bool(false)),
            ("blocks", .list(blocks(message, withButtons))),
        ])
    }

    private static func blocks(_ message: Message, _ withButtons: Bool) -> [JSONTree] {
        switch message.kind {
        case .page:
            guard let subject = message.subject else { return [line(message.headline)] }
            return [header(message.headline), fields(subject, message)] + alerts(subject, message)
                + releases(subject, message)
                + buttons(subject, message, withButtons) + [context(message)]
        case .acknowledged, .resolved, .update: return [line(linked(message.headline, message.address))]
        case .summary:
            let lines = message.others.prefix(20).map { subject in
                "• "
                    + linked(message.line(subject), address(message, subject))
            }
            return [header(message.headline), section(lines.joined(separator: "\n")), context(message)]
        case .test: return [line(escaped(message.headline))]
        }
    }

    private static func header(_ text: String) -> JSONTree {
        ["type": "header", "text": ["type": "plain_text", "text": .text(text.cut(150)), "emoji": .bool(false)]]
    }

    private static func section(_ text: String) -> JSONTree {
        ["type": "section", "text": ["type": "mrkdwn", "text": .text(text.cut(3000))]]
    }

    private static func line(_ text: String) -> JSONTree { section(text) }

    private static func fields(_ subject: Message.Subject, _ message: Message) -> JSONTree {
        var fields: [(MessageWord, String)] = [
            (.severity, message[subject.severity.phrase.lowercased]), (.service, subject.service ?? message[.none]),
            (.alerts, message[.number(subject.firing)]), (.since, date(subject.opened)),
        ]
        if let runbook = subject.runbook {
            let isLink = runbook.hasPrefix("http")
            fields.append((.runbook, isLink ? linked(message[.openRunbook], runbook) : escaped(runbook)))
        }
        if let good = subject.lastGood { fields.append((.lastGoodRelease, escaped(good))) }
        return [
            "type": "section",
            "fields": .list(
                fields.map { name, value in
                    ["type": "mrkdwn", "text": .text("*\(message[name])*\n\(value)".cut(2000))]
                }),
        ]
    }

    private static func alerts(_ subject: Message.Subject, _ message: Message) -> [JSONTree] {
        guard !subject.alerts.isEmpty else { return [] }
        var lines = subject.alerts.map { "• *\(escaped($0.name))* \(escaped($0.summary ?? $0.labels.description))" }
        if subject.firing > subject.alerts.count {
            lines.append(message[.andMore(subject.firing - subject.alerts.count)])
        }
        return [section(lines.joined(separator: "\n"))]
    }

    private static func releases(_ subject: Message.Subject, _ message: Message) -> [JSONTree] {
        guard let release = subject.releases.first else { return [] }
        return [section(escaped(message[.labelled(.shippedBefore, release.sentence)]))]
    }

    private static func buttons(
        _ subject: Message.Subject, _ message: Message, _ withButtons: Bool
    ) -> [JSONTree] {
        func button(_ text: String, _ members: [(String, JSONTree)]) -> JSONTree {
            .some([("type", "button"), ("text", ["type": "plain_text", "text": .text(text)])] + members)
        }
        var elements: [JSONTree] = []
        if withButtons {
            elements = [
                button(
                    message[.acknowledge],
                    [
                        ("action_id", .text(Button.acknowledge.rawValue)), ("value", .text(subject.id)),
                        ("style", "primary"),
                    ]),
                button(
                    message[.resolve], [("action_id", .text(Button.resolve.rawValue)), ("value", .text(subject.id))]),
            ]
        }
        if let address = message.address {
            elements.append(button(message[.open], [("action_id", "hauban_open"), ("url", .text(address))]))
        }
        guard !elements.isEmpty else { return [] }
        return [
            .some([
                ("type", "actions"), ("block_id", .text("hauban-\(subject.id)")), ("elements", .list(elements)),
            ])
        ]
    }

    private static func context(_ message: Message) -> JSONTree {
        ["type": "context", "elements": [["type": "mrkdwn", "text": .text(escaped(message.because).cut(2000))]]]
    }

    private static func address(_ message: Message, _ subject: Message.Subject) -> String? {
        message.console.map { "\($0)/incidents/\(subject.id)" }
    }

    private static func linked(_ text: String, _ address: String?) -> String {
        address.map { "<\($0)|\(escaped(text))>" } ?? escaped(text)
    }

    /// Each reader's own time; the text is for those who have none.
    private static func date(_ moment: Moment) -> String {
        "<!date^\(moment.seconds)^{date_short_pretty} {time}|\(moment)>"
    }

    /// The three characters that mean something to Slack ("Formatting text for app surfaces").
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    package init(stringLiteral value: String) { self = .text(value) }

    package init(arrayLiteral elements: JSONTree...) { self = .list(elements) }
}
