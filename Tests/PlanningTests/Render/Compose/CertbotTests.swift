import Spec
import Testing

@testable import Planning

@Suite("certbot's command")
struct CertbotTests {
    @Test("one certificate for all names, by the web root, from the authority that is named")
    func words() {
        let order = CertificateOrder(names: ["b.example", "a.example"], directory: "https://ca.example/dir")
        #expect(
            Certbot.order(order, name: "shop", challenges: "/challenges") == [
                "certbot", "certonly", "--non-interactive", "--agree-tos", "--register-unsafely-without-email",
                "--server", "https://ca.example/dir", "--webroot", "-w", "/challenges", "--cert-name", "shop",
                "--keep-until-expiring", "--key-type", "ecdsa", "--work-dir", "/tmp", "--logs-dir", "/tmp",
                "--max-log-backups", "5", "-d", "a.example", "-d", "b.example",
            ])
    }

    @Test("what a shell would read otherwise is quoted")
    func quoted() {
        #expect(
            Certbot.lines(["certbot", "--email", "o'hara $(id)@a.example"], indentation: "  ")
                == "certbot --email 'o'\\''hara $(id)@a.example'")
    }

    @Test("the stack asks another authority, known by the author's file", arguments: ["docker", "swarm"])
    func authority(target: String) throws {
        let parsed = ParsedPlatform.parse(
            text: """
                hauban: 1
                platform: shop
                services: {web: {source: web, port: 80, run: ./web, expose: {host: www}}}
                environments:
                  staging:
                    target: \(target)
                    domain: shop.example
                    tls: {issuer: acme, directory: 'https://ca.example/dir', root: ca.pem}
                """, name: "hauban.yaml")
        let subject = try #require(RenderSubject(parsed, files: RepositoryFiles([:])))
        let place = try #require(subject.places.first)
        let stack = ComposeStack(subject: subject, place: place)
        let script = try #require(stack.files.first { $0.path.hasSuffix("renew.sh") }).text
        #expect(script.contains("--server https://ca.example/dir"))
        let text = YAMLText.file(header: [], stack.tree)
        #expect(text.contains("REQUESTS_CA_BUNDLE: /authority.pem"))
        #expect(text.contains("file: ./ca.pem"))
        #expect(text.contains("name: \"shop-authority-") == (target == "swarm"))
    }
}
