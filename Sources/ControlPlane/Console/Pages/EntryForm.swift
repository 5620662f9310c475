import Response
import Spec

/// The form by which people change how they are reached.
extension PageContext {
    /// Whether they may change it: their own as who answers pages, everybody's as administrators.
    func mayChangeEntry(of person: String) -> Bool { mayAdminister || mayRespond && viewer?.name == person }

    /// Where the ways come from, and the way back.
    func entrySource(_ name: String, _ entry: OwnEntry?) -> HTML {
        guard let entry else {
            return "<p class=\"line small dim\">\(Icon.note.html)\(self[.fromFile])</p>"
        }
        let back = action("/people/\(PathText.segment(name))/entry/reset", .backToFile)
        return """
            <p class="line small">\(Icon.user.html)<span>\(self[.changedBy(entry.by)]) \(ago(entry.at))</span></p>
            \(mayChangeEntry(of: name) ? back : .nothing)
            """
    }

    /// - Parameter findings: what is wrong with it as it was sent.
    func entryForm(_ name: String, _ draft: EntryDraft, zones: [String], findings: [Person.Finding]) -> HTML {
        let plain: HTML = "maxlength=\"200\" autocapitalize=\"off\" spellcheck=\"false\""
        let orders = Level.allCases.sorted().reversed().map { level in
            field(
                level.phrase, "order-\(level.rawValue)", id: "e-order-\(level.rawValue)",
                value: draft.order[level] ?? "", isRequired: false, more: plain)
        }
        let levels = Level.allCases.sorted().reversed().filter { $0 != .low }.map { ($0.rawValue, self[$0.phrase]) }
        let languages = Person.Language.allCases.map { language -> (String, String) in
            (language.rawValue, Language(rawValue: language.rawValue)?.name ?? language.rawValue)
        }
        let content: HTML = """
            \(findings.isEmpty ? .nothing : entryFindings(findings))
            \(field(.email, "email", id: "e-email", value: draft.email, type: "email", isRequired: false, more: plain))
            \(field(.phone, "phone", id: "e-phone", value: draft.phone, type: "tel", hint: .phoneHint, isRequired: false, more: plain))
            \(field(.slackHandle, "slack", id: "e-slack", value: draft.slack, isRequired: false, more: plain))
            \(choice(.toldIn, "language", id: "e-language", languages, selected: draft.language))
            <fieldset class="sheet plain"><legend>\(self[.order])</legend>
            <p class="hint">\(self[.orderHint])</p>
            \(orders)
            </fieldset>
            <fieldset class="sheet plain"><legend>\(self[.quietHours])</legend>
            \(field(.quietParts, "quiet", id: "e-quiet", value: draft.quiet, hint: .quietHint, isRequired: false, more: plain))
            \(choice(.timeZone, "zone", id: "e-zone", zones.map { ($0, $0) }, selected: draft.zone))
            \(choice(.breaksThrough, "below", id: "e-below", levels, selected: draft.below.rawValue))
            </fieldset>
            <button class="main">\(self[.save])</button>
            """
        return disclosure(
            .changeEntry, id: "entry", isOpen: !findings.isEmpty,
            form("/people/\(PathText.segment(name))/entry", class: "sheet", content))
    }

    private func entryFindings(_ findings: [Person.Finding]) -> HTML {
        let items = findings.map { finding -> HTML in
            """
            <li><b>\(self[entryField(finding.path)])</b>\(self[.colon]) <span lang="en">\(finding.message)\
            \(finding.help.map { ". \($0)" } ?? "")</span></li>
            """
        }
        return """
            <div class="notice bad" role="alert"><p>\(self[.notSaved])</p><ul>\(items)</ul></div>
            """
    }

    /// Which field a finding is about.
    private func entryField(_ path: String) -> Phrase {
        let parts = path.split(separator: ".").map(String.init)
        switch parts.first {
        case "email": return .email
        case "phone": return .phone
        case "slack": return .slackHandle
        case "language": return .toldIn
        case "zone": return .timeZone
        case "quiet": return .quietHours
        case "order":
            guard let level = parts.dropFirst().first.flatMap(Level.init(rawValue:)) else { return .order }
            return Phrase(
                "\(Phrase.order.english), \(level.phrase.english.lowercased())",
                "\(Phrase.order.french), \(level.phrase.french.lowercased())")
        default: return .details
        }
    }
}

extension Phrase {
    static var fromFile: Phrase { Phrase("From hauban.yaml", "D’après hauban.yaml") }
    static var backToFile: Phrase { Phrase("Back to hauban.yaml", "Revenir à hauban.yaml") }
    static var changeEntry: Phrase { Phrase("Change", "Modifier") }
    static var email: Phrase { Phrase("E-mail", "Courriel") }
    static var phone: Phrase { Phrase("Telephone", "Téléphone") }
    static var phoneHint: Phrase {
        Phrase("With the country, without spaces: +33612345678.", "Avec l’indicatif, sans espaces\u{a0}: +33612345678.")
    }
    static var slackHandle: Phrase { Phrase("Slack handle", "Identifiant Slack") }
    static var toldIn: Phrase { Phrase("Told in", "Langue des messages") }
    static var orderHint: Phrase {
        Phrase(
            "For each severity the ways in their order, and when each is used while nobody has answered: slack, sms, call 2m. Empty: the usual order.",
            "Pour chaque gravité, les moyens dans l’ordre, et quand chacun sert tant que personne n’a répondu\u{a0}: slack, sms, call 2m. Vide\u{a0}: l’ordre habituel."
        )
    }
    static var quietParts: Phrase { Phrase("Parts of the week", "Parties de la semaine") }
    static var quietHint: Phrase {
        Phrase(
            "22:00-07:00; sat,sun. Empty: none.",
            "22:00-07:00; sat,sun (jours en anglais abrégé). Vide\u{a0}: aucune.")
    }
    static var timeZone: Phrase { Phrase("Time zone", "Fuseau horaire") }
    static var notSaved: Phrase {
        Phrase("Nothing was changed:", "Rien n’a été modifié\u{a0}:")
    }

    static func changedBy(_ name: String) -> Phrase {
        Phrase("Changed here by \(name)", "Modifié ici par \(name)")
    }
}
