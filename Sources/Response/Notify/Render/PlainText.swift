import Spec

/// A message as text.
package enum PlainText {
    /// All of it, in lines: for an e-mail.
    package static func long(_ message: Message) -> [String] {
        var lines = [message.headline, "", message.because]
        if let subject = message.subject { lines += about(subject) }
        for other in message.others {
            lines.append("")
            lines.append("[\(other.severity.rawValue)] \(other.title) (\(other.id))")
            if let console = message.console { lines.append("\(console)/incidents/\(other.id)") }
        }
        if let address = message.address, message.subject != nil { lines += ["", address] }
        return lines
    }

    private static func about(_ subject: Message.Subject) -> [String] {
        var lines = [
            "", "Severity: \(subject.severity.rawValue)", "Service: \(subject.service ?? "none")",
            "Since: \(subject.opened)",
        ]
        if let runbook = subject.runbook { lines.append("Runbook: \(runbook)") }
        if !subject.alerts.isEmpty {
            lines += ["", "Alerts (\(subject.firing)):"]
            lines += subject.alerts.map { "- \($0.name): \($0.summary ?? $0.labels.description)" }
            if subject.firing > subject.alerts.count {
                lines.append("- and \(subject.firing - subject.alerts.count) more")
            }
        }
        if !subject.releases.isEmpty {
            lines += ["", "Releases before it:"] + subject.releases.map { "- \($0.sentence)" }
        }
        if let good = subject.lastGood { lines.append("Last good release: \(good)") }
        return lines
    }

    /// What fits into two short messages: 306 characters of the alphabet of GSM 03.38, 134 where another one is needed.
    ///
    /// The address is never cut: it is what the reader needs most.
    package static func short(_ message: Message) -> String {
        let tail = message.address.map { " \($0)" } ?? ""
        var text = message.headline
        if case .summary = message.kind {
            text += ": " + message.others.map { "\($0.id) \($0.title)" }.joined(separator: ", ")
        }
        text = String(text.prefix(400).map { $0.isNewline ? " " : $0 })
        while true {
            let whole = text + tail
            if segments(whole) <= 2 || text.isEmpty { return whole }
            text.removeLast()
        }
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
        let service = subject.service.map { " in \($0)" } ?? ""
        return
            "\(subject.severity.rawValue) incident\(service) of \(message.platform). \(subject.title). \(message.because)"
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
            let script = script(words, answer)
            if script.count <= 4000 || words.count < 20 { return script }
            words = words.cut(words.count * 3 / 4)
        }
    }

    private static func script(_ words: String, _ answer: String?) -> String {
        let text = escaped(words)
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>"
        guard let answer else {
            return "\(head)<Say>\(text)</Say><Pause length=\"1\"/><Say>\(text)</Say></Response>\n"
        }
        return """
            \(head)<Gather numDigits="1" timeout="10" method="POST" action="\(escaped(answer))">\
            <Say>\(text)</Say><Say>Press 1 to acknowledge.</Say><Pause length="1"/><Say>\(text)</Say>\
            <Say>Press 1 to acknowledge.</Say></Gather><Say>No answer was given.</Say></Response>

            """
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
