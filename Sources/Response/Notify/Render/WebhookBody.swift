package import Spec

/// A message as JSON for programs of others: version 1 of our own form, to which members may be added.
package enum WebhookBody {
    package static func body(_ message: Message) -> JSONTree {
        .some([
            ("version", .number(1)), ("id", .text(message.page)), ("key", .text(message.key)),
            ("event", .text(event(message.kind))), ("at", .text(message.at.description)),
            ("platform", .text(message.platform)), ("person", .text(orNull: message.person)),
            ("language", .text(message.language.rawValue)), ("text", .text(message.headline)),
            ("why", .text(message.because)),
            ("url", .text(orNull: message.address)), ("incident", message.subject.map(subject) ?? .null),
            ("incidents", message.others.isEmpty ? .null : .list(message.others.map(subject))),
        ])
    }

    private static func event(_ kind: Page.Kind) -> String {
        switch kind {
        case .page: "incident.page"
        case .acknowledged: "incident.acknowledged"
        case .resolved: "incident.resolved"
        case .update: "incident.updated"
        case .summary: "incidents.summary"
        case .test: "test"
        }
    }

    private static func subject(_ subject: Message.Subject) -> JSONTree {
        let status =
            switch subject.status {
            case .triggered: "triggered"
            case .acknowledged: "acknowledged"
            case .resolved: "resolved"
            case .merged: "merged"
            }
        return .some([
            ("id", .text(subject.id)), ("title", .text(subject.title)), ("severity", .text(subject.severity.rawValue)),
            ("status", .text(status)), ("service", .text(orNull: subject.service)),
            ("assignee", .text(orNull: subject.assignee)), ("opened", .text(subject.opened.description)),
            ("firing", .number(subject.firing)),
            (
                "alerts",
                .list(
                    subject.alerts.map { alert in
                        .some([
                            ("name", .text(alert.name)), ("summary", .text(orNull: alert.summary)),
                            ("labels", .object(alert.labels.labels.map { .init($0.name, .text($0.value)) })),
                            ("startsAt", .text(alert.startsAt.description)),
                        ])
                    })
            ), ("runbook", .text(orNull: subject.runbook)),
            (
                "releases",
                .list(
                    subject.releases.map { release in
                        .some([
                            ("id", .text(release.id)), ("version", .text(orNull: release.version)),
                            ("by", .text(release.by)), ("began", .text(release.began.description)),
                        ])
                    })
            ), ("lastGoodRelease", .text(orNull: subject.lastGood)),
        ])
    }
}

/// A request to a provider that we do not know, as somebody wrote it down: `${to}`, `${text}`, `${key}`, `${incident}`.
package struct ProviderTemplate: Hashable, Codable, Sendable {
    package enum Form: String, Hashable, Codable, Sendable {
        case json
        /// `application/x-www-form-urlencoded`.
        case form
        case plain
    }

    package var url: String
    package var form: Form
    package var body: String

    package init(url: String, form: Form, body: String) {
        self.url = url
        self.form = form
        self.body = body
    }

    /// The address and the body with the values in place, each written as the form needs it. Other placeholders stay.
    ///
    /// - Parameter token: what `${token}` stands for: a secret of the caller's.
    package func fill(_ message: Message, to: String, token: String? = nil) -> (url: String, body: String) {
        var values = [
            "to": to, "text": PlainText.short(message), "key": message.key, "incident": message.subject?.id ?? "",
        ]
        values["token"] = token
        return (
            Self.fill(url, values, Self.percentEncoded),
            Self.fill(body, values) { value in
                switch form {
                case .json: String(JSONText.quoted(value).dropFirst().dropLast())
                case .form: Self.percentEncoded(value)
                case .plain: value
                }
            }
        )
    }

    private static func fill(_ text: String, _ values: [String: String], _ write: (String) -> String) -> String {
        var out = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            out += rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: "}"), let value = values[String(rest[..<end])] else {
                out += "${"
                continue
            }
            out += write(value)
            rest = rest[rest.index(after: end)...]
        }
        return out + rest
    }

    /// RFC 3986 §2.3 leaves these as they are.
    static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    /// Pairs as `application/x-www-form-urlencoded`: what Twilio's API takes (`To`, `From`, `Body`).
    package static func formBody(_ pairs: [(String, String)]) -> String {
        pairs.map { percentEncoded($0.0) + "=" + percentEncoded($0.1) }.joined(separator: "&")
    }
}
