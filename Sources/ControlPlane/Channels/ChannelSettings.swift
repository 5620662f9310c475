package import Response
package import Spec
package import World

/// What was set up for each channel; one without settings sends nothing.
///
/// Addresses of providers can be changed, for proxies and tests. What is a secret prints as one.
package struct ChannelSettings: Sendable {
    /// A Slack app with the scope `chat:write`.
    package struct Slack: Sendable {
        /// The bot's token: `xoxb-…`.
        package var token: Secret
        /// What Slack signs button presses with; without it there are none.
        package var signingSecret: Secret?
        package var url: String

        package init(token: Secret, signingSecret: Secret? = nil, url: String = "https://slack.com/api") {
            self.token = token
            self.signingSecret = signingSecret
            self.url = url
        }
    }

    /// Integrations of the Events API v2, by the name that `pagerduty:NAME` gives them; without one: `default`.
    package struct PagerDuty: Sendable {
        package var keys: [String: Secret]
        package var url: String

        package init(keys: [String: Secret], url: String = "https://events.pagerduty.com/v2/enqueue") {
            self.keys = keys
            self.url = url
        }
    }

    /// A server that takes mail for others (a submission server, or a relay).
    package struct Mail: Sendable {
        package enum Security: String, Sendable, CaseIterable {
            /// TLS is begun on a plain connection, and nothing is sent without it (RFC 3207).
            case startTLS = "starttls"
            /// TLS from the first byte on (RFC 8314 §3.3).
            case implicit = "tls"
            /// No TLS, and no password: for a relay on the same machine.
            case none
        }

        package var host: String
        package var port: Int
        package var security: Security
        package var user: String?
        package var password: Secret?
        /// `pager@shop.example` or `Hauban <pager@shop.example>`.
        package var from: String
        /// What this machine calls itself; the domain of `from` when absent.
        package var name: String?
        /// A file with certificates (PEM) to trust in the place of the system's.
        package var trustedCertificates: String?

        package init(
            host: String, port: Int? = nil, security: Security = .startTLS, user: String? = nil,
            password: Secret? = nil, from: String, name: String? = nil, trustedCertificates: String? = nil
        ) {
            self.host = host
            self.port =
                port
                ?? {
                    switch security {
                    case .startTLS: 587
                    case .implicit: 465
                    case .none: 25
                    }
                }()
            self.security = security
            self.user = user
            self.password = password
            self.from = from
            self.name = name
            self.trustedCertificates = trustedCertificates
        }
    }

    /// An account of Twilio, or of a provider with the same API.
    package struct Twilio: Sendable {
        /// `AC…`
        package var account: String
        /// An API key (`SK…`); the account itself when absent.
        package var user: String?
        /// The API key's secret, or the account's auth token.
        package var password: Secret
        /// The account's auth token, which Twilio signs its own requests with; the password when absent.
        package var authToken: Secret?
        /// A number (`+15005550006`), or for texts a messaging service (`MG…`).
        package var sender: String
        package var url: String
        /// Where Twilio posts the digit that somebody pressed: ``TwilioGather/path`` below an address that it can reach. Without
        /// it a call only speaks.
        package var answers: String?

        package init(
            account: String, user: String? = nil, password: Secret, authToken: Secret? = nil, sender: String,
            url: String = "https://api.twilio.com", answers: String? = nil
        ) {
            self.account = account
            self.user = user
            self.password = password
            self.authToken = authToken
            self.sender = sender
            self.url = url
            self.answers = answers
        }
    }

    /// Any provider that takes one POST for a message.
    package struct Template: Sendable {
        package var template: ProviderTemplate
        /// Sent with each request: `Authorization` and the like.
        package var fields: [String: Secret]
        /// What `${token}` in the template stands for.
        package var token: Secret?

        package init(_ template: ProviderTemplate, fields: [String: Secret] = [:], token: Secret? = nil) {
            self.template = template
            self.fields = fields
            self.token = token
        }
    }

    /// Who carries texts, calls and pushes.
    package enum Carrier: Sendable {
        case twilio(Twilio)
        case template(Template)
    }

    /// A program of somebody's that is told by HTTP.
    package struct Webhook: Sendable {
        /// A secret, since many hold one.
        package var url: Secret
        /// What requests are signed with: `whsec_` and base64, or any text. Several while one replaces another.
        package var secrets: [Secret]

        package init(url: Secret, secrets: [Secret]) {
            self.url = url
            self.secrets = secrets
        }
    }

    package var slack: Slack?
    package var pagerDuty: PagerDuty?
    package var mail: Mail?
    /// By kind: `sms`, `call` and `push`; Twilio has no push.
    package var carriers: [Channel.Kind: Carrier]
    /// By the name that `webhook:NAME` gives them; without one: `default`.
    package var webhooks: [String: Webhook]
    /// How long a provider has to answer one attempt: less than ``Backoff/patience``, after which silence counts as a failure.
    package var patience: Duration

    package init(
        slack: Slack? = nil, pagerDuty: PagerDuty? = nil, mail: Mail? = nil, carriers: [Channel.Kind: Carrier] = [:],
        webhooks: [String: Webhook] = [:], patience: Duration = .seconds(20)
    ) {
        self.slack = slack
        self.pagerDuty = pagerDuty
        self.mail = mail
        self.carriers = carriers
        self.webhooks = webhooks
        self.patience = patience
    }
}
