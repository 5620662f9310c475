/// What certbot's last look at what is left of certificates came to.
package struct CertificateRenewal: Codable, Sendable, Hashable {
    /// As in RFC 3339.
    package var at: String
    package var succeeded: Bool
    /// What certbot said when it did not succeed.
    package var words: [String]

    /// Reads what the renewal's script wrote: the time, the exit code, certbot's last lines.
    init?(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard let time = lines.popFirst(), let code = lines.popFirst().flatMap({ Int($0) }), time.utf8.count <= 40
        else {
            return nil
        }
        at = Printable.text(String(time))
        succeeded = code == 0
        words = succeeded ? [] : CertbotWords(lines.map(String.init)).lines
    }
}
