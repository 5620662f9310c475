/// The providers that carry messages. Secrets stand here by their names.
package struct NotifySpec: Sendable, Hashable {
    package var slack: Slack?
    package var pagerduty: PagerDuty?
    package var email: Mail?
    package var twilio: Twilio?
    /// In the place of Twilio, by channel.
    package var sms: Provider?
    package var call: Provider?
    package var push: Provider?
    package var webhooks: [PlainName: Webhook]
    package var heartbeatTo: DeadMansSwitch?
    package var limit: Limit
    package var retry: Retry
    package var language: Person.Language

    package static let nothing = NotifySpec(webhooks: [:], limit: .usual, retry: .usual, language: .english)

    static let shape: Shape<NotifySpec> = .record(
        "notify", "The providers that carry messages. Secrets stand here by their names."
    ) { f in
        let slack = f.optional("slack", Slack.shape, "A Slack app.")
        let pagerduty = f.optional("pagerduty", PagerDuty.shape, "PagerDuty's Events API v2.")
        let email = f.optional("email", Mail.shape, "A mail server.")
        let twilio = f.optional("twilio", Twilio.shape, "Twilio, for text messages and calls.")
        let sms = f.optional("sms", Provider.shape, "Another provider of text messages, in Twilio's place.")
        let call = f.optional("call", Provider.shape, "Another provider of calls, in Twilio's place.")
        let push = f.optional("push", Provider.shape, "A provider of push messages.")
        let webhooks = f.value(
            "webhooks", .map(of: Webhook.shape, key: PlainName.shape("a webhook's name")), default: [:],
            because: "none", "Who else is told, as `webhook:NAME`; `default` is meant by `webhook` alone.")
        let heartbeatTo = f.optional(
            "heartbeat-to", DeadMansSwitch.shape,
            "Somebody outside who raises an alarm when this pager itself falls silent.")
        let limit = f.value(
            "limit", Limit.shape, default: .usual, because: "nobody reads more",
            "Messages to one reader by one way, before the rest is summed up.")
        let retry = f.value(
            "retry", Retry.shape, default: .usual, because: "about an hour in all",
            "How a message is tried again that nobody took.")
        let language = f.value(
            "language", Person.Language.shape("a language"), default: .english, because: "the first of the two",
            "What Slack channels, webhooks and everybody whose own language is not said are told in.")
        return NotifySpec(
            slack: slack, pagerduty: pagerduty, email: email, twilio: twilio, sms: sms, call: call, push: push,
            webhooks: webhooks, heartbeatTo: heartbeatTo, limit: limit, retry: retry,
            language: language)
    }

    /// Whether anything at all carries messages.
    package var hasProviders: Bool {
        slack != nil || pagerduty != nil || email != nil || twilio != nil || sms != nil || call != nil || push != nil
            || !webhooks.isEmpty
    }

    /// Whether a way leads anywhere: to a provider that is declared here, by a name that it has.
    package func carries(_ channel: Channel) -> Bool {
        switch channel.kind {
        case .slack: slack != nil
        case .pagerduty: PlainName(channel.address ?? "default").map { pagerduty?.keys[$0] != nil } ?? false
        case .email: email != nil
        case .sms: twilio != nil || sms != nil
        case .call: twilio != nil || call != nil
        case .push: push != nil
        case .webhook: PlainName(channel.address ?? "default").map { webhooks[$0] != nil } ?? false
        }
    }

    /// Every secret that a provider needs, with the keys below `notify` that name it.
    package var secrets: [(path: [String], secret: SecretName)] {
        var all: [(path: [String], secret: SecretName)] = []
        func add(_ path: [String], _ secret: SecretName?) { if let secret { all.append((path, secret)) } }
        add(["slack", "token"], slack?.token)
        add(["slack", "signing"], slack?.signing)
        for (name, key) in (pagerduty?.keys ?? [:]).sorted(by: { $0.key < $1.key }) {
            add(["pagerduty", "keys", name.text], key)
        }
        add(["email", "password"], email?.password)
        add(["twilio", "token"], twilio?.token)
        add(["twilio", "signing"], twilio?.signing)
        for (key, provider) in [("sms", sms), ("call", call), ("push", push)] {
            add([key, "token"], provider?.token)
            for (header, secret) in (provider?.headers ?? [:]).sorted(by: { $0.key < $1.key }) {
                add([key, "headers", header], secret)
            }
        }
        for (name, hook) in webhooks.sorted(by: { $0.key < $1.key }) {
            add(["webhooks", name.text, "secret"], hook.secret)
            if case .secret(let address) = hook.address { add(["webhooks", name.text, "secret-url"], address) }
        }
        return all
    }
}

extension NotifySpec {
    package struct Slack: Sendable, Hashable {
        /// A bot's token with the scope `chat:write`.
        package var token: SecretName
        /// Proves that a pressed button comes from Slack.
        package var signing: SecretName?
        package var url: String

        static let shape: Shape<Slack> = .record("slack", "A Slack app.") { f in
            let token = f.required(
                "token", SecretName.shape("a secret"), "The bot's token (scope `chat:write`).", example: "slack-token")
            let signing = f.optional(
                "signing", SecretName.shape("a secret"),
                "The app's signing secret; without it buttons are not shown.", example: "slack-signing")
            let url = f.value("url", .webAddress, default: "https://slack.com/api", because: "Slack", "Its Web API.")
            guard let token else { return nil }
            return Slack(token: token, signing: signing, url: url)
        }
    }

    package struct PagerDuty: Sendable, Hashable {
        /// Integration keys by the name that a channel gives: `pagerduty:payments`; `default` is meant by `pagerduty` alone.
        package var keys: [PlainName: SecretName]
        package var url: String

        static let shape: Shape<PagerDuty> = .record(
            "pagerduty", "PagerDuty's Events API v2."
        ) { f in
            let keys = f.required(
                "keys", .map(of: SecretName.shape("a secret"), key: PlainName.shape("a key's name")),
                "Integration keys, as `pagerduty:NAME`; `default` is meant by `pagerduty` alone.",
                example: "{default: pagerduty-key}")
            let url = f.value(
                "url", .webAddress, default: "https://events.pagerduty.com/v2/enqueue",
                because: "its servers in America",
                "Where events go.", example: "https://events.eu.pagerduty.com/v2/enqueue")
            if let keys, keys.isEmpty, f.isSound("keys") {
                f.report(
                    .wrongValue, "there is no key", at: "keys", help: "For example `keys: {default: pagerduty-key}`.")
            }
            guard let keys else { return nil }
            return PagerDuty(keys: keys, url: url)
        }
    }

    package struct Mail: Sendable, Hashable {
        package enum Security: String, Choice {
            case starttls, tls, none

            package var meaning: String {
                switch self {
                case .starttls: "in the clear at first, then TLS or nothing is sent"
                case .tls: "TLS from the first byte"
                case .none: "in the clear; only for a server on this machine"
                }
            }

            var port: Port {
                let number =
                    switch self {
                    case .starttls: 587
                    case .tls: 465
                    case .none: 25
                    }
                guard let port = Port(number) else { preconditionFailure("these are ports") }
                return port
            }
        }

        package var server: String
        package var port: Port
        package var tls: Security
        package var user: String?
        package var password: SecretName?
        package var from: String
        /// What this machine calls itself to the server; the sender's domain when absent.
        package var name: String?
        /// A file of certificates (PEM) that are trusted in the place of the system's, from the folder of hauban.yaml.
        package var certificates: String?

        static let shape: Shape<Mail> = .record("mail", "A mail server.") { f in
            let server = f.required("server", .host, "Its host.", example: "smtp.shop.example")
            let tls = f.value(
                "tls", Security.shape("a kind of security"), default: Security.starttls, "How it is secured.")
            let port = f.value(
                "port", .port, default: tls.port, because: "the usual one for `tls: \(tls.rawValue)`", "Its port.",
                example: "587", varies: "587 for `starttls`, 465 for `tls`, 25 for `none`")
            let user = f.optional("user", .text("a user's name"), "Who signs in.", example: "hauban")
            let password = f.optional(
                "password", SecretName.shape("a secret"), "Their password.", example: "smtp-password")
            let from = f.required("from", .emailAddress, "The sender.", example: "hauban@shop.example")
            let name = f.optional(
                "name", .host, "What this machine calls itself to the server; the sender's domain when absent.")
            let certificates = f.optional(
                "certificates", .text("a path of a PEM file"),
                "Certificates that are trusted in the place of the system's, from the folder of hauban.yaml or absolute."
            )
            for (key, other) in [("user", "password"), ("password", "user")]
            where f.has(key) && !f.has(other) && f.isSound(other) {
                f.report(.missingKey, "`\(key)` needs `\(other)`", at: key, help: "Both sign in, or nobody does.")
            }
            if password != nil, tls == .none, f.isSound("tls", "password") {
                f.reportKey(
                    .conflictingKeys, "the password would be sent in the clear", "password", with: "tls",
                    help: "Use `tls: starttls`.")
            }
            guard let server, let from else { return nil }
            return Mail(
                server: server, port: port, tls: tls, user: user, password: password, from: from, name: name,
                certificates: certificates)
        }
    }

    package struct Twilio: Sendable, Hashable {
        package var account: String
        /// An API key's SID; the account itself signs in when absent.
        package var user: String?
        /// The account's auth token, or the API key's secret.
        package var token: SecretName
        /// What Twilio signs its own requests with: the account's auth token; `token` when absent.
        package var signing: SecretName?
        /// A number, or a messaging service's SID.
        package var from: String
        package var url: String

        static let shape: Shape<Twilio> = .record("twilio", "Twilio, for text messages and calls.") { f in
            let account = f.required("account", .text("an account"), "The account's SID.", example: "AC0123")
            let user = f.optional(
                "user", .text("an API key"), "An API key's SID; the account itself signs in when absent.",
                example: "SK0123")
            let token = f.required(
                "token", SecretName.shape("a secret"), "The account's auth token, or the API key's secret.",
                example: "twilio-token")
            let signing = f.optional(
                "signing", SecretName.shape("a secret"),
                "With an API key, the account's auth token, which Twilio signs the answers of calls with.")
            let from = f.required(
                "from",
                .text(
                    "a sender", pattern: "^(\\+[0-9]{6,15}|MG[0-9a-zA-Z]+)$", examples: ["+33912345678", "MG0123"],
                    help: "A number with a plus and the country, or a messaging service's SID.",
                    where: { text in
                        let digits = text.dropFirst()
                        if text.hasPrefix("MG") {
                            return digits.count > 1 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
                        }
                        return text.hasPrefix("+") && (6...15).contains(digits.count)
                            && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
                    }),
                "The number that messages and calls come from, or a messaging service.", example: "\"+33912345678\"")
            let url = f.value(
                "url", .webAddress, default: "https://api.twilio.com", because: "Twilio", "Its API.")
            guard let account, let token, let from else { return nil }
            return Twilio(account: account, user: user, token: token, signing: signing, from: from, url: url)
        }
    }

    /// A provider that we do not know, by the request that it takes.
    package struct Provider: Sendable, Hashable {
        package enum Form: String, Choice {
            case json, form, plain

            package var meaning: String {
                switch self {
                case .json: "application/json"
                case .form: "application/x-www-form-urlencoded"
                case .plain: "text/plain"
                }
            }
        }

        package var url: String
        package var form: Form
        /// With `${to}`, `${text}`, `${key}`, `${incident}` and `${token}`.
        package var body: String
        /// What `${token}` stands for.
        package var token: SecretName?
        /// Headers whose values are secrets.
        package var headers: [String: SecretName]

        /// What the address and the body may hold.
        static let placeholders = ["to", "text", "key", "incident", "token"]

        static let shape: Shape<Provider> = .record("provider", "A provider of messages, by the request that it takes.")
        { f in
            let url = f.required(
                "url", .webAddress, "Where a message is posted.", example: "https://sms.example/v1/messages")
            let form = f.value("form", Form.shape("a form"), default: Form.json, "How the body is written.")
            let body = f.required(
                "body", .text("a body"),
                "The body with `${to}`, `${text}`, `${key}` and `${incident}` in their places.",
                example: "'{\"to\": \"${to}\", \"message\": \"${text}\"}'")
            let token = f.optional(
                "token", SecretName.shape("a secret"), "A declared secret, for which `${token}` stands.")
            let headers = f.value(
                "headers", .map(of: SecretName.shape("a secret"), key: .token("a header", examples: ["X-Api-Key"])),
                default: [:], because: "none", "Headers whose values are declared secrets.",
                example: "{X-Api-Key: sms-key}")
            for (key, text) in [("url", url), ("body", body)] {
                guard let text, f.isSound(key), let template = try? Template(text) else { continue }
                for placeholder in template.placeholders
                where placeholder.attribute != nil || !placeholders.contains(placeholder.owner) {
                    f.report(
                        .badPlaceholder, "a message has no `\(placeholder.owner)`", at: key,
                        help: "It has `${to}`, `${text}`, `${key}`, `${incident}` and `${token}`.")
                }
            }
            if let body, !body.contains("${text}"), f.isSound("body"), url?.contains("${text}") == false {
                f.report(
                    .wrongValue, "the message is nowhere in it", at: "body", help: "Write `${text}` where it belongs.")
            }
            guard let url, let body else { return nil }
            return Provider(url: url, form: form, body: body, token: token, headers: headers)
        }
    }

    package struct Webhook: Sendable, Hashable {
        package enum Address: Sendable, Hashable {
            case url(String)
            /// The whole address is a secret, as that of many hooks is.
            case secret(SecretName)
        }

        package var address: Address
        /// What the body is signed with.
        package var secret: SecretName?

        static let shape: Shape<Webhook> = .record("webhook", "Somebody who is told in JSON.") { f in
            let url = f.optional(
                "url", .webAddress, "Where it is posted.", example: "https://hooks.shop.example/hauban")
            let secretURL = f.optional(
                "secret-url", SecretName.shape("a secret"),
                "A declared secret that holds the address, where it is one.",
                example: "hook-url")
            let secret = f.optional(
                "secret", SecretName.shape("a secret"), "What the body is signed with.", example: "hook-secret")
            if f.book == nil, f.has("url") == f.has("secret-url"), f.has("url") || f.isSound("url", "secret-url") {
                f.report(
                    f.has("url") ? .conflictingKeys : .missingKey,
                    f.has("url") ? "a webhook has one address" : "\(f.path.last) has no address",
                    help: "Write `url`, or `secret-url` with the name of a secret that holds it.")
            }
            return Webhook(address: secretURL.map(Address.secret) ?? .url(url ?? ""), secret: secret)
        }
    }

    package struct DeadMansSwitch: Sendable, Hashable {
        package var url: String
        package var every: Duration

        static let shape: Shape<DeadMansSwitch> = .record(
            "dead-man's switch", "Somebody outside who raises an alarm when this pager itself falls silent."
        ) { f in
            let url = f.required("url", .webAddress, "Where signs of life go.", example: "https://hc-ping.com/1234")
            let every = f.value("every", .interval, default: .seconds(60), "How often.", example: "1m")
            if every < .seconds(5), f.isSound("every") {
                f.report(
                    .outOfRange, "a sign of life every \(DurationText.text(every)) is too often", at: "every",
                    help: "At least `5s`.")
            }
            guard let url else { return nil }
            return DeadMansSwitch(url: url, every: every)
        }
    }

    package struct Limit: Sendable, Hashable {
        package var messages: Int
        package var within: Duration

        package static let usual = Limit(messages: 6, within: .seconds(300))

        static let shape: Shape<Limit> = .record("limit", "Messages to one reader, before the rest is summed up.") {
            f in
            let messages = f.value("messages", .integer(1...1000), default: usual.messages, "How many.")
            let within = f.value("within", .duration, default: usual.within, "Within how long.", example: "5m")
            return Limit(messages: messages, within: within)
        }
    }

    package struct Retry: Sendable, Hashable {
        package var first: Duration
        package var most: Duration
        package var attempts: Int

        package static let usual = Retry(first: .seconds(2), most: .seconds(300), attempts: 12)

        static let shape: Shape<Retry> = .record("retry", "How a message is tried again that nobody took.") { f in
            let first = f.value("first", .duration, default: usual.first, "The first wait; it doubles.", example: "2s")
            let most = f.value("most", .duration, default: usual.most, "The longest wait.", example: "5m")
            let attempts = f.value(
                "attempts", .integer(1...100), default: usual.attempts, "Attempts in all, before the next way is taken."
            )
            if most < first, f.isSound("first", "most") {
                f.report(
                    .outOfRange, "the longest wait is shorter than the first", at: f.has("most") ? "most" : "first")
            }
            return Retry(first: first, most: most, attempts: attempts)
        }
    }
}

/// Where people see incidents.
package struct ConsoleSpec: Sendable, Hashable {
    /// Without a slash at its end.
    package var url: String

    static let shape: Shape<ConsoleSpec> = .record("console", "Where people see incidents.") { f in
        let url = f.required(
            "url", .webAddress, "Its address, for links in messages.", example: "https://hauban.shop.example")
        guard let url else { return nil }
        return ConsoleSpec(url: url.last == "/" ? String(url.dropLast()) : url)
    }
}
