/// How certbot is asked for certificates: of what `render compose` writes and of what a deploy runs alike.
package enum Certbot {
    /// The image that it runs in.
    package static var image: String { ImageBases.certbot }
    /// Bytes that it may take.
    package static let memory = 256 << 20
    package static let milliCPUs = 250
    /// Seconds between two looks at what is left, as its own documentation advises, and after a refusal.
    package static let pause = 43_200
    package static let pauseAfterRefusal = 3_600
    /// Python's `requests` trusts what this variable names instead of what the image knows.
    package static let rootVariable = "REQUESTS_CA_BUNDLE"

    /// The words of a command that has one certificate for all names of an order, by HTTP-01 and a web root. It asks nobody while a
    /// certificate for these names is there and has time left.
    ///
    /// - Parameters:
    ///   - name: of the certificate in certbot's own folders.
    ///   - challenges: the web root.
    package static func order(_ order: CertificateOrder, name: String, challenges: String) -> [String] {
        var words = ["certbot", "certonly", "--non-interactive", "--agree-tos"]
        words += order.email.map { ["--email", $0, "--no-eff-email"] } ?? ["--register-unsafely-without-email"]
        words += order.directory.map { ["--server", $0] } ?? []
        words += ["--webroot", "-w", challenges, "--cert-name", name, "--keep-until-expiring", "--key-type", "ecdsa"]
        return words + writing + order.names.flatMap { ["-d", $0] }
    }

    /// Where it writes what is of no use later, under a root that cannot be written.
    package static let writing = ["--work-dir", "/tmp", "--logs-dir", "/tmp", "--max-log-backups", "5"]

    /// Words as a command of a shell, in lines that can be read: an option and its value stay together.
    static func lines(_ words: [String], indentation: String) -> String {
        var parts: [String] = []
        for word in words {
            if word.hasPrefix("-") || parts.isEmpty {
                parts.append(quoted(word))
            } else {
                parts[parts.count - 1] += " " + quoted(word)
            }
        }
        var lines = [parts.first ?? ""]
        for part in parts.dropFirst() {
            if lines[lines.count - 1].utf8.count + part.utf8.count < 100 {
                lines[lines.count - 1] += " " + part
            } else {
                lines.append(part)
            }
        }
        return lines.joined(separator: " \\\n" + indentation)
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || "@%+=:,./_-".utf8.contains($0)
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
