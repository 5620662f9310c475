package import Spec

/// The fixed words of messages and of postmortems: a case without a translation does not compile.
package enum MessageWord: CaseIterable, Sendable {
    case severity, service, alerts, since, runbook, lastGoodRelease, releasesBefore, shippedBefore
    case none, page, you, incident
    case acknowledge, resolve, open, openRunbook
    case pressOne, noAnswer, acknowledged, nothingAcknowledged
    case somethingIsWrong

    package var phrase: Phrase {
        switch self {
        case .severity: Phrase("Severity", "Gravité")
        case .service: Phrase("Service", "Service")
        case .alerts: Phrase("Alerts", "Alertes")
        case .since: Phrase("Since", "Depuis")
        case .runbook: Phrase("Runbook", "Procédure")
        case .lastGoodRelease: Phrase("Last good release", "Dernière bonne livraison")
        case .releasesBefore: Phrase("Releases before it", "Livraisons juste avant")
        case .shippedBefore: Phrase("Shipped before it", "Livré juste avant")
        case .none: Phrase("none", "aucun")
        case .page: Phrase("page", "appel")
        case .you: Phrase("you", "vous")
        case .incident: Phrase("Incident", "Incident")
        case .acknowledge: Phrase("Acknowledge", "Prendre en charge")
        case .resolve: Phrase("Resolve", "Résoudre")
        case .open: Phrase("Open", "Ouvrir")
        case .openRunbook: Phrase("open", "ouvrir")
        case .pressOne: Phrase("Press 1 to acknowledge.", "Appuyez sur 1 pour prendre en charge.")
        case .noAnswer: Phrase("No answer was given.", "Aucune réponse n’a été donnée.")
        case .acknowledged: Phrase("Acknowledged.", "C’est pris en charge.")
        case .nothingAcknowledged: Phrase("Nothing was acknowledged.", "Rien n’a été pris en charge.")
        case .somethingIsWrong: Phrase("Something is wrong", "Quelque chose ne va pas")
        }
    }
}

/// The words of messages in which something is told. No French name follows "de": it would have to be elided by its sound.
extension Phrase {
    /// `Severity: critical`, « Gravité : critique ».
    package static func labelled(_ word: MessageWord, _ value: Phrase) -> Phrase {
        Phrase("\(word.phrase.english): \(value.english)", "\(word.phrase.french)\u{a0}: \(value.french)")
    }

    package static func labelled(_ word: MessageWord, _ value: String) -> Phrase {
        labelled(word, Phrase(verbatim: value))
    }

    /// What stands before a list or an explanation.
    package static func colon(_ text: String) -> Phrase { Phrase(text + ": ", text + "\u{a0}: ") }

    /// `Alerts (3):`, « Alertes (3) : ».
    package static func heading(_ word: MessageWord, _ count: Int? = nil) -> Phrase {
        let count = count.map { Phrase.number($0) }
        return Phrase(
            word.phrase.english + (count.map { " (\($0.english))" } ?? "") + ":",
            word.phrase.french + (count.map { " (\($0.french))" } ?? "") + "\u{a0}:")
    }

    /// What more there is than was named.
    package static func andMore(_ count: Int) -> Phrase {
        let more = Phrase(count, ("more", "more"), ("autre", "autres"))
        return Phrase("and \(more.english)", "et \(more.french)")
    }

    package static func moreAlerts(_ count: Int) -> Phrase {
        Phrase(count, ("more alert", "more alerts"), ("autre alerte", "autres alertes"))
    }

    package static func acknowledged(by person: String, _ name: String) -> Phrase {
        Phrase("Acknowledged by \(person): \(name)", "Pris en charge par \(person)\u{a0}: \(name)")
    }

    package static func resolved(_ name: String) -> Phrase { Phrase("Resolved: \(name)", "Résolu\u{a0}: \(name)") }

    /// In the place of many messages.
    package static func summary(_ count: Int, of platform: String) -> Phrase {
        Phrase(
            count, ("incident of \(platform)", "incidents of \(platform)"),
            ("incident sur \(platform)", "incidents sur \(platform)"))
    }

    package static func testPage(for person: Phrase, by asker: String) -> Phrase {
        Phrase(
            "A test page for \(person.english), asked for by \(asker)",
            "Un appel d’essai pour \(person.french), demandé par \(asker)")
    }

    /// What a voice says first.
    package static func spoken(_ level: Level, service: String?, platform: String) -> Phrase {
        Phrase(
            "\(level.rawValue) incident\(service.map { " in \($0)" } ?? "") of \(platform).",
            "Incident sur \(platform)\(service.map { ", service \($0)" } ?? ""), "
                + "gravité \(level.phrase.french.lowercased()).")
    }

    // MARK: What Hauban itself raises

    package static func alertsTogether(_ name: String, more: Int) -> Phrase {
        Phrase(verbatim: name + " ") + .andMore(more)
    }

    package static func noSignOfLife(_ name: String, for wait: Duration) -> Phrase {
        Phrase(
            "no sign of life from \(name) for \(wait.short)",
            "\(name) ne donne plus signe de vie depuis \(Phrase.length(wait).french)")
    }

    package static func undeliverable(_ kind: Channel.Kind, to reader: String, _ detail: String) -> Phrase {
        Phrase(
            "pages by \(kind.rawValue) to \(reader) fail: \(detail)",
            "les appels à \(reader) par \(kind.phrase.french) échouent\u{a0}: \(detail)")
    }

    package static func integrationTest(_ name: String, by person: String) -> Phrase {
        Phrase("A test of \(name), asked for by \(person)", "Un essai, \(name), demandé par \(person)")
    }
}
