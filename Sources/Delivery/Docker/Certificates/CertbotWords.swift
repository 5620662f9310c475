/// What certbot says of an order that failed: what the authority said, without what certbot says each time.
struct CertbotWords: Sendable, Hashable {
    /// Fit for a terminal; at most 12.
    let lines: [String]

    init(_ said: [String]) {
        let usual = [
            "Saving debug log", "Account registered", "Ask for help", "Some challenges have failed",
            "Requesting a certificate for", "- - -",
        ]
        lines = said.filter { line in
            !line.allSatisfy(\.isWhitespace) && !usual.contains { line.hasPrefix($0) }
        }.suffix(12).map { Printable.text($0, limit: 500) }
    }

    /// The first refusal, in one clause: `a.example: connection: Fetching http://… failed`.
    var refusal: String {
        func value(_ key: String) -> String? {
            lines.lazy.map { $0.drop { $0 == " " } }.first { $0.hasPrefix(key + ":") }.map { line in
                String(line.dropFirst(key.count + 1).drop { $0 == " " })
            }
        }
        if let domain = value("Domain"), let detail = value("Detail") {
            return [domain, value("Type"), detail].compactMap(\.self).joined(separator: ": ")
        }
        let line = lines.first { !$0.hasPrefix("An unexpected error") }
        return line ?? lines.first ?? "certbot said nothing"
    }

    /// What to do about it. The types are those of RFC 8555, section 6.7.
    ///
    /// - Parameter address: where the front door is published on this machine.
    func mend(names: [String], address: String) -> String {
        let text = lines.joined(separator: " ")
        func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if says("rateLimited", "too many certificates", "too many failed", "rate limit") {
            return "The authority gives out no more for a while and says until when. For tries Let's Encrypt has "
                + "another directory, with other limits: `issuer: acme`."
        }
        if says("CERTIFICATE_VERIFY_FAILED") {
            return "Nobody whom certbot knows vouches for the directory: name the authority's root by `tls.root`."
        }
        if says("Connection refused", "Name or service not known", "Temporary failure in name resolution", "timed out"),
            !says("Domain:")
        {
            return
                "The authority itself is not reached: see whether containers of this machine reach its directory."
        }
        if says(":caa", "Type:   caa", "CAA") {
            return "A CAA record of the domain names other authorities: add this one to it."
        }
        if says("rejectedIdentifier", "Policy forbids") {
            return "The authority gives out none for such a name: use one that is publicly registered."
        }
        return "Each of \(names.joined(separator: ", ")) must lead here: its A and AAAA records to this server, its "
            + "port 80 through every firewall to \(address)."
    }
}
