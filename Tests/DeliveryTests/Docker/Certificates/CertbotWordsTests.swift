import Testing

@testable import Delivery

/// What certbot 2.1 printed, with pebble 2.4 behind it and with nobody.
@Suite("What certbot says of an order that failed")
struct CertbotWordsTests {
    private static func words(_ text: String) -> CertbotWords {
        CertbotWords(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    private static let unreached = """
        Saving debug log to /tmp/letsencrypt.log
        Requesting a certificate for bad.example

        Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
          Domain: bad.example
          Type:   connection
          Detail: Get "http://bad.example:80/.well-known/acme-challenge/4paI": dial tcp 127.0.0.9:80: connect: connection refused

        Hint: The Certificate Authority failed to download the temporary challenge files created by Certbot.

        Some challenges have failed.
        Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile /tmp/letsencrypt.log or re-run \
        Certbot with -v for more details.
        """

    @Test("the first refusal of the authority is the error, and all of them stand in the hint")
    func refusal() {
        let words = Self.words(Self.unreached)
        #expect(
            words.refusal
                == #"bad.example: connection: Get "http://bad.example:80/.well-known/acme-challenge/4paI": "#
                + "dial tcp 127.0.0.9:80: connect: connection refused")
        #expect(words.lines.count == 5)
        #expect(!words.lines.contains { $0.contains("Ask for help") || $0.contains("debug log") })
        #expect(
            words.mend(names: ["bad.example"], address: "0.0.0.0:80")
                == "Each of bad.example must lead here: its A and AAAA records to this server, its port 80 through every firewall "
                + "to 0.0.0.0:80.")
    }

    @Test(
        "each kind of refusal has its mend",
        arguments: [
            ("ValueError: Requesting 127.0.0.1/dir: Connection refused", "The authority itself is not reached"),
            (
                "requests.exceptions.SSLError: HTTPSConnectionPool(host='127.0.0.1', port=14000): Max retries exceeded with url: /dir "
                    + "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
                "`tls.root`"
            ),
            (
                "Error creating new order :: too many certificates (5) already issued for this exact set of domains",
                "gives out no more for a while"
            ),
            ("  Domain: a.example\n  Type:   caa\n  Detail: CAA record prevents issuance", "CAA record"),
            ("Error creating new order :: Cannot issue for \"a.local\": Policy forbids", "none for such a name"),
        ])
    func mends(said: String, mend: String) {
        let words = Self.words("An unexpected error occurred:\n" + said)
        #expect(words.mend(names: ["a.example"], address: "0.0.0.0:80").contains(mend))
        #expect(!words.refusal.hasPrefix("An unexpected"))
    }

    @Test("what it says is bounded and holds nothing that moves a terminal")
    func bounds() {
        let words = Self.words(
            (0..<500).map { "line \($0) \u{1b}[2J" + String(repeating: "x", count: 5_000) }.joined(separator: "\n"))
        #expect(words.lines.count == 12)
        #expect(words.lines.allSatisfy { $0.unicodeScalars.count <= 501 && !$0.contains("\u{1b}") })
        #expect(Self.words("").refusal == "certbot said nothing")
    }

    @Test("a look at what is left is read as its script wrote it, and nothing else is")
    func renewal() throws {
        let good = try #require(CertificateRenewal("2026-11-22T11:53:18Z\n0\nCongratulations\n"))
        #expect(good.succeeded && good.words.isEmpty && good.at == "2026-11-22T11:53:18Z")
        let bad = try #require(CertificateRenewal("2026-11-22T11:53:18Z\n1\n" + Self.unreached))
        #expect(!bad.succeeded && bad.words.contains { $0.contains("dial tcp") })
        for text in ["", "2026-11-22T11:53:18Z", "x\ny\nz", String(repeating: "9", count: 100) + "\n0\n"] {
            #expect(CertificateRenewal(text) == nil)
        }
    }
}
