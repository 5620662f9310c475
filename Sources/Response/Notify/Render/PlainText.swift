import Spec

/// A message as text.
package enum PlainText {
    /// All of it, in lines: for an e-mail.
    package static func long(_ message: Message) -> [String] {
        var lines = [message.headline, "", message.because]
        if let subject = message.subject { lines += about(subject, message) }
        for other in message.others {
            lines.append("")
            lines.append(message.line(other))
            if let console = message.console { lines.append("\(console)/incidents/\(other.id)") }
        }
        if let address = message.address, message.subject != nil { lines += ["", address] }
        return lines
    }

    private static func about(_ subject: Message.Subject, _ message: Message) -> [String] {
        var lines = [
            "", message[.labelled(.severity, subject.severity.phrase.lowercased)],
            message[.labelled(.service, subject.service ?? message[.none])],
            message[.labelled(.since, "\(subject.opened)")],
        ]
        if let runbook = subject.runbook { lines.append(message[.labelled(.runbook, runbook)]) }
        if !subject.alerts.isEmpty {
            lines += ["", message[.heading(.alerts, subject.firing)]]
            lines += subject.alerts.map { "- \($0.name): \($0.summary ?? $0.labels.description)" }
            if subject.firing > subject.alerts.count {
                lines.append("- " + message[.andMore(subject.firing - subject.alerts.count)])
            }
        }
        if !subject.releases.isEmpty {
            lines += ["", message[.heading(.releasesBefore)]] + subject.releases.map { "- " + message[$0.sentence] }
        }
        if let good = subject.lastGood { lines.append(message[.labelled(.lastGoodRelease, good)]) }
        return lines
    }

    /// What fits into two short messages: 306 characters of the alphabet of GSM 03.38, 134 where another one is needed.
    ///
    /// The address is never cut: it is what the reader needs most.
    package static func short(_ message: Message) -> String {
        let tail = message.address.map { " \($0)" } ?? ""
        var text = message.headline
        if case .summary = message.kind {
            text = message[.colon(text)] + message.others.map { "\($0.id) \($0.title)" }.joined(separator: ", ")
        }
        text = String(text.prefix(400).map { $0.isNewline ? " " : $0 })
        // Typography that costs half of the room is left out where nothing else would cost it.
        let plain = typed(text)
        if plain.unicodeScalars.allSatisfy({ basic.contains($0) || extended.contains($0) }) { text = plain }
        while true {
            let whole = text + tail
            if segments(whole) <= 2 || text.isEmpty { return whole }
            text.removeLast()
        }
    }

    /// A text with the signs of a keyboard in the place of a printer's.
    private static func typed(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{2018}", "\u{2019}": out += "'"
            case "\u{201c}", "\u{201d}", "\u{ab}", "\u{bb}": out += "\""
            case "\u{2010}"..."\u{2015}": out += "-"
            case "\u{2026}": out += "..."
            case "\u{d7}": out += "x"
            case "\u{a0}", "\u{2009}", "\u{202f}": out += " "
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// How many short messages a text takes (3GPP TS 23.038: 160 or 70 characters in one, 153 or 67 in each of several).
    package static func segments(_ text: String) -> Int {
        var units = 0
        for scalar in text.unicodeScalars {
            if basic.contains(scalar) {
                units += 1
            } else if extended.contains(scalar) {
                units += 2
            } else {
                let wide = text.utf16.count
                return wide <= 70 ? 1 : (wide + 66) / 67
            }
        }
        return units <= 160 ? 1 : (units + 152) / 153
    }

    private static let basic = Set(
        ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
            + "abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)
    private static let extended = Set("^{}\\[~]|€".unicodeScalars)

    /// What a voice says: no addresses, no brackets.
    package static func spoken(_ message: Message) -> String {
        guard let subject = message.subject else { return message.headline + "." }
        let beginning = message[
            .spoken(subject.severity, service: subject.service, platform: message.platform)]
        return "\(beginning) \(subject.title). \(message.because)"
    }
}

/// A call's script in Twilio's markup (TwiML).
package enum VoiceScript {
    /// Says the message twice and takes a digit: 1 acknowledges. At most 4000 characters, as many as Twilio takes in a request.
    ///
    /// - Parameter answer: where Twilio posts the digit; without it none is asked for.
    package static func twiML(_ message: Message, answer: String?) -> String {
        var words = PlainText.spoken(message).cut(1500)
        while true {
            let script = script(words, answer, message)
            if script.count <= 4000 || words.count < 20 { return script }
            words = words.cut(words.count * 3 / 4)
        }
    }

    private static func script(_ words: String, _ answer: String?, _ message: Message) -> String {
        let say = { (text: String) in spoken(text, message.language) }
        let text = say(words)
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>"
        guard let answer else { return "\(head)\(text)<Pause length=\"1\"/>\(text)</Response>\n" }
        let ask = say(message[.pressOne])
        return """
            \(head)<Gather numDigits="1" timeout="10" method="POST" action="\(escaped(answer))">\
            \(text)\(ask)<Pause length="1"/>\(text)\(ask)</Gather>\(say(message[.noAnswer]))</Response>

            """
    }

    /// Says something and ends the call: the answer to a digit.
    package static func ending(_ words: String, _ language: Language) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\(spoken(words, language))<Hangup/></Response>\n"
    }

    /// Twilio's own voice is American: another language has to be named (TwiML, `<Say>`).
    private static func spoken(_ text: String, _ language: Language) -> String {
        switch language {
        case .english: "<Say>\(escaped(text))</Say>"
        case .french: "<Say language=\"fr-FR\">\(escaped(text))</Say>"
        }
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&apos;"
            default: if scalar.value >= 0x20 { out.unicodeScalars.append(scalar) }
            }
        }
        return out
    }
}
