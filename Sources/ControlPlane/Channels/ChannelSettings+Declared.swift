import Response
package import Spec
package import World

extension ChannelSettings {
    /// What hauban.yaml declares under `notify`.
    ///
    /// - Parameters:
    ///   - secret: a declared secret's value; a provider whose secret has none is left out.
    ///   - answers: where Twilio posts the digit that somebody pressed.
    ///   - path: makes a path from the folder of hauban.yaml absolute.
    /// - Returns: the settings, and the secrets that have no value.
    package static func declared(
        _ notify: NotifySpec, answers: String? = nil, secret: (SecretName) -> Secret?, path: (String) -> String = { $0 }
    ) -> (settings: ChannelSettings, missing: [SecretName]) {
        var missing: Set<SecretName> = []
        func value(_ name: SecretName) -> Secret? {
            let value = secret(name)
            if value == nil { missing.insert(name) }
            return value
        }
        var settings = ChannelSettings()
        if let slack = notify.slack, let token = value(slack.token) {
            settings.slack = Slack(token: token, signingSecret: slack.signing.flatMap(value), url: slack.url)
        }
        if let pagerDuty = notify.pagerduty {
            var keys: [String: Secret] = [:]
            for (name, key) in pagerDuty.keys { keys[name.text] = value(key) }
            if !keys.isEmpty { settings.pagerDuty = PagerDuty(keys: keys, url: pagerDuty.url) }
        }
        if let mail = notify.email {
            let password = mail.password.flatMap(value)
            if mail.password == nil || password != nil {
                settings.mail = Mail(
                    host: mail.server, port: mail.port.number, security: .init(mail.tls), user: mail.user,
                    password: password, from: mail.from, name: mail.name,
                    trustedCertificates: mail.certificates.map(path))
            }
        }
        if let twilio = notify.twilio, let token = value(twilio.token) {
            let carrier = Carrier.twilio(
                Twilio(
                    account: twilio.account, user: twilio.user, password: token,
                    authToken: twilio.signing.flatMap(value), sender: twilio.from, url: twilio.url, answers: answers))
            settings.carriers = [.sms: carrier, .call: carrier]
        }
        for (kind, provider) in [(Channel.Kind.sms, notify.sms), (.call, notify.call), (.push, notify.push)] {
            guard let provider else { continue }
            let token = provider.token.flatMap(value)
            let fields = provider.headers.compactMapValues(value)
            guard provider.token == nil || token != nil, fields.count == provider.headers.count else {
                settings.carriers[kind] = nil
                continue
            }
            let template = ProviderTemplate(url: provider.url, form: .init(provider.form), body: provider.body)
            settings.carriers[kind] = .template(Template(template, fields: fields, token: token))
        }
        for (name, hook) in notify.webhooks {
            let url: Secret? =
                switch hook.address {
                case .url(let text): Secret(text)
                case .secret(let name): value(name)
                }
            let signing = hook.secret.flatMap(value)
            guard let url, hook.secret == nil || signing != nil else { continue }
            settings.webhooks[name.text] = Webhook(url: url, secrets: [signing].compactMap { $0 })
        }
        return (settings, missing.sorted())
    }
}

extension ChannelSettings.Mail.Security {
    init(_ security: NotifySpec.Mail.Security) {
        switch security {
        case .starttls: self = .startTLS
        case .tls: self = .implicit
        case .none: self = .none
        }
    }
}

extension ProviderTemplate.Form {
    init(_ form: NotifySpec.Provider.Form) {
        switch form {
        case .json: self = .json
        case .form: self = .form
        case .plain: self = .plain
        }
    }
}
