import Response

/// Those who send to us: what each is told, ready to be copied.
extension PageContext {
    func integrations(_ data: ConsoleData) -> Sheet {
        let made = data.integrations.sorted { $0.name < $1.name }
        let cards = made.map { card($0, data.address) }
        let senders = ConsoleData.Integration.Sender.allCases.map { ($0.rawValue, $0.title) }
        let content: HTML = """
            \(field(.name, "name", id: "k-name", hint: .integrationNameHint, more: "maxlength=\"60\" pattern=\"[a-z0-9][a-z0-9-]*\" autocapitalize=\"off\" spellcheck=\"false\""))
            \(choice(.sender, "sender", id: "k-sender", senders))
            <button class="main">\(self[.newIntegration])</button>
            """
        let place = data.address
        let body: HTML = """
            <h1>\(self[.integrations])</h1>
            <p class="lead">\(self[.integrationsLead])</p>
            \(mayAdminister ? disclosure(.newIntegration, id: "new", form("/integrations", class: "sheet", content)) : .nothing)
            <div id="integration-list">
            \(cards.isEmpty ? empty(.noIntegration, .plug) : section(.integrationsMade, "made", "<ul class=\"stack boxes\">\(cards)</ul>"))
            </div>
            \(section(.withoutKey, "open", HTML(raw: "") + recipe(Snippet.prometheus(place)) + recipe(Snippet.amtool(place))))
            \(section(.everySender, "all", ConsoleData.Integration.Sender.allCases.map { recipes($0, place) }.joined()))
            """
        return Sheet(title: self[.integrations], section: .integrations, body: body)
    }

    private func card(_ integration: ConsoleData.Integration, _ address: String) -> HTML {
        let path = "/integrations/keys/\(PathText.segment(integration.name))"
        let buttons: HTML =
            !mayRespond
            ? .nothing
            : """
            <div class="buttons">\(action("\(path)/test", .sendTest, about: integration.name))\
            \(mayAdminister ? action("\(path)/rotate", .newKey, about: integration.name) : .nothing)\
            \(mayAdminister ? action("\(path)/remove", .remove, kind: "danger", about: integration.name) : .nothing)</div>
            """
        let key = integration.secret ?? Snippet.placeholder(integration.key)
        let fresh: HTML =
            integration.secret.map { secret -> HTML in
                "<p class=\"notice\">\(self[.keyOnce])</p>\(snippet(secret, label: self[.key]))"
            } ?? .nothing
        let snippets = Snippet.all(integration.sender, address, key: key, name: integration.name).map(recipe)
        return """
            <li id="\(integration.name)"><h3>\(integration.name)</h3>
            <p class="line"><span>\(integration.sender.title)</span><code>\(integration.key)…</code>\
            <span class="dim">\(self[.lastUsed])\(self[.colon]) \(integration.lastUsed.map(ago) ?? HTML(self[.never]))</span></p>
            \(fresh)\(buttons)
            <details\(flag: "open", integration.secret != nil)><summary>\(self[.howToSend])</summary>\(snippets)</details></li>
            """
    }

    private func recipes(_ sender: ConsoleData.Integration.Sender, _ address: String) -> HTML {
        let snippets = Snippet.all(sender, address, key: Snippet.placeholder(nil), name: "NAME").map(recipe)
        return "<details class=\"box\"><summary>\(sender.title)</summary>\(snippets)</details>"
    }

    private func recipe(_ snippet: Snippet) -> HTML {
        "<p class=\"recipe\">\(self[snippet.title])</p>\(self.snippet(snippet.text, label: self[snippet.title]))"
    }
}

extension ConsoleData.Integration.Sender {
    /// What the sender calls itself.
    var title: String {
        switch self {
        case .alertmanager: "Alertmanager"
        case .grafana: "Grafana"
        case .pagerduty: "PagerDuty Events v2"
        case .opsgenie: "Opsgenie"
        case .googleCloud: "Google Cloud Monitoring"
        case .sns: "AWS SNS, CloudWatch"
        case .heartbeat: "Heartbeat"
        case .json: "JSON"
        }
    }
}

extension Phrase {
    static var integrationsLead: Phrase {
        Phrase(
            "What sends alerts today goes on as it is: give it this address and a key.",
            "Ce qui envoie des alertes aujourd’hui ne change pas\u{a0}: donnez-lui cette adresse et une clé.")
    }
    static var integrationsMade: Phrase { Phrase("Keys", "Clés") }
    static var noIntegration: Phrase { Phrase("No integration is made yet.", "Aucune intégration pour l’instant.") }
    static var newIntegration: Phrase { Phrase("New integration", "Nouvelle intégration") }
    static var integrationNameHint: Phrase {
        Phrase("Small letters, digits and hyphens.", "Minuscules, chiffres et traits d’union.")
    }
    static var sender: Phrase { Phrase("Sender", "Émetteur") }
    static var sendTest: Phrase { Phrase("Send a test alert", "Envoyer une alerte d’essai") }
    static var newKey: Phrase { Phrase("New key", "Nouvelle clé") }
    static var key: Phrase { Phrase("Key", "Clé") }
    static var keyOnce: Phrase {
        Phrase(
            "Copy the key now: it is never shown again.",
            "Copiez la clé maintenant\u{a0}: elle ne sera plus jamais montrée.")
    }
    static var howToSend: Phrase { Phrase("How to send", "Comment envoyer") }
    static var withoutKey: Phrase { Phrase("Prometheus and amtool", "Prometheus et amtool") }
    static var everySender: Phrase { Phrase("Every sender", "Tous les émetteurs") }
}
