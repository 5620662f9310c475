import Spec

/// A message as the text of an e-mail (RFC 5322, MIME), with CRLF at each line's end.
package enum MailText {
    /// - Parameters:
    ///   - host: the right side of the message's identity.
    package static func text(_ message: Message, from: String, to: String, host: String) -> String {
        let host = clean(host)
        let thread = message.subject.map { "<hauban-\(token(message.platform))-\($0.id)@\(host)>" }
        var headers = [
            ("Date", date(message.at)), ("From", mailbox(from)), ("To", mailbox(to)),
            ("Subject", encoded(message.headline)),
            // The same at each attempt: a reader's server may drop the second.
            ("Message-ID", "<\(token(message.key))@\(host)>"),
        ]
        // All that is said about one incident is one conversation.
        if let thread { headers += [("In-Reply-To", thread), ("References", thread)] }
        headers += [
            // RFC 3282.
            ("Content-Language", message.language.rawValue), ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "quoted-printable"),
            // No out-of-office answers (RFC 3834).
            ("Auto-Submitted", "auto-generated"),
        ]
        let lines = headers.map { "\($0.0): \($0.1)" } + [""] + PlainText.long(message).flatMap(quotedPrintable)
        return lines.map { $0 + "\r\n" }.joined()
    }

    /// A day and time as RFC 5322 §3.3 writes them, in UTC.
    static func date(_ moment: Moment) -> String {
        let time = CivilTime(secondsSince1970: moment.seconds)
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
        return
            "\(days[time.day.weekday - 1]), \(time.day.day) \(months[time.day.month - 1]) \(time.day.year) \(clock) +0000"
    }

    /// `Name <address>`, the name in encoded words where it needs them (RFC 5322 §3.4, RFC 2047 §5).
    private static func mailbox(_ text: String) -> String {
        let text = clean(text)
        guard !text.utf8.allSatisfy({ $0 < 0x7f }), let start = text.lastIndex(of: "<") else { return text }
        let name = text[..<start].split(separator: " ").joined(separator: " ").filter { $0 != "\"" }
        return "\(encoded(name)) \(text[start...])"
    }

    /// Without what would end a header's line.
    private static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }))
    }

    /// Only what an identity may hold.
    private static func token(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) ? $0 : "-" })
    }

    /// A header's words: as they are where they are ASCII and fit, else as encoded words of at most 75 characters, each a
    /// folded line (RFC 2047 §2).
    private static func encoded(_ text: String) -> String {
        let text = clean(text)
        if text.utf8.allSatisfy({ $0 < 0x7f }), text.utf8.count <= 66, !text.contains("=?") { return text }
        var words: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            let next = String(scalar).utf8.map { byte -> String in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: String(UnicodeScalar(byte))
                case 0x20: "_"
                default: "=" + hexadecimal(byte)
                }
            }.joined()
            if word.utf8.count + next.utf8.count > 50 {
                words.append(word)
                word = ""
            }
            word += next
        }
        words.append(word)
        return words.map { "=?utf-8?q?\($0)?=" }.joined(separator: "\r\n ")
    }

    /// One line in lines of at most 76 characters (RFC 2045 §6.7).
    private static func quotedPrintable(_ line: String) -> [String] {
        var lines: [String] = []
        var current = ""
        let bytes = Array(line.utf8)
        for (index, byte) in bytes.enumerated() {
            let isLast = index == bytes.count - 1
            let isPlain = (0x21...0x7e).contains(byte) && byte != 0x3d || byte == 0x20 && !isLast
            // A line that is a single dot would end the message where a server forgets to double it.
            let next =
                isPlain && !(byte == 0x2e && current.isEmpty) ? String(UnicodeScalar(byte)) : "=" + hexadecimal(byte)
            if current.utf8.count + next.utf8.count > 75 {
                lines.append(current + "=")
                current = ""
            }
            current += next
        }
        lines.append(current)
        return lines
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
