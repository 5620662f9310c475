import FoundationEssentials
import FrontDoor
import Planning
import World

/// What is kept of certificates that an authority gave out.
///
///     <state>/certbot/config/           certbot's own: the account's key, certificates and how they were ordered
///     <state>/certbot/work/renewal      what the last look at what is left came to
///     <state>/certbot/scripts/          what its containers run, and what vouches for the authority
///     <state>/certbot/orders/MARK.json  what each certificate was ordered for
///     <state>/door/challenges/          the web root that the authority is answered from
///     <state>/door/certificates/MARK/   the certificate and its key, as the front door reads them
///
/// A certificate for other names has another mark and another folder: the one that an older release serves with stays as it is.
struct CertificatePlace: Sendable, Hashable {
    let place: DockerPlace

    private var own: String { place.state + "/certbot" }
    private var orders: String { own + "/orders" }
    private var root: String { own + "/scripts/root.pem" }

    /// By which a certificate is known, in names of folders.
    static func mark(of order: CertificateOrder) -> String {
        String(ContentHash(of: [order.directory ?? ""] + order.names).hex.prefix(16))
    }

    /// The certificate and its key, on this machine.
    func files(of order: CertificateOrder) -> (certificate: String, key: String) {
        let folder = place.door + "/certificates/" + Self.mark(of: order)
        return (folder + "/tls.crt", folder + "/tls.key")
    }

    // MARK: Containers

    /// Where things lie in certbot's containers.
    enum Inside {
        static let challenges = "/challenges"
        static let scripts = "/hauban"
        static let root = "/hauban/root.pem"
    }

    /// What certbot's containers see of this machine.
    var mounts: [ContainerSpec.Mount] {
        [
            .init(.folder(own + "/config"), at: "/etc/letsencrypt", isReadOnly: false),
            .init(.folder(own + "/work"), at: "/var/lib/letsencrypt", isReadOnly: false),
            .init(.folder(own + "/scripts"), at: Inside.scripts),
            .init(.folder(place.door + "/challenges"), at: Inside.challenges, isReadOnly: false),
            .init(.folder(place.door + "/certificates"), at: "/certificates", isReadOnly: false),
            .init(.memory(bytes: 64 << 20, mode: 0o1777), at: "/tmp", isReadOnly: false),
        ]
    }

    /// Makes the folders, and writes what the containers run.
    ///
    /// - Throws: `WorldError`
    func prepare(_ order: CertificateOrder) throws {
        for part in ["/config", "/work", "/scripts", "/orders"] { try Folder.make(own + part) }
        for part in ["/challenges", "/certificates"] { try Folder.make(place.door + part) }
        for (name, text) in [("hand-over", Self.handOver), ("renew", Self.renew)] {
            try AtomicFile.write(Array(text.utf8), to: own + "/scripts/" + name)
        }
        if let bytes = try Self.authorities(of: order) {
            try AtomicFile.write(bytes, to: root)
        } else {
            try Folder.remove(root)
        }
    }

    /// What vouches for an order's authority, as the author's file has it now.
    private static func authorities(of order: CertificateOrder) throws -> [UInt8]? {
        guard let path = order.root else { return nil }
        do {
            return try SmallFile.read(path, limit: 1 << 20)
        } catch let error as SystemError {
            throw error.during("read \(path)", hint: "`tls.root` of the environment names it.")
        }
    }

    /// The key first: the front door takes a pair once both have come to rest.
    private static let handOver = """
        set -eu
        to=/certificates/$(basename "$RENEWED_LINEAGE")
        mkdir -p "$to"
        install -m 0400 "$RENEWED_LINEAGE/privkey.pem" "$to/tls.key.new"
        install -m 0444 "$RENEWED_LINEAGE/fullchain.pem" "$to/tls.crt.new"
        mv -f "$to/tls.key.new" "$to/tls.key"
        mv -f "$to/tls.crt.new" "$to/tls.crt"

        """

    /// One look at what is left of each certificate; what certbot says is kept for `hauban status`.
    private static let renew = """
        said=/tmp/said.$$
        code=0
        certbot renew --non-interactive --no-random-sleep-on-renew \(Certbot.writing.joined(separator: " ")) "$@" >"$said" 2>&1 || code=$?
        cat "$said"
        {
            date -u +%Y-%m-%dT%H:%M:%SZ
            echo "$code"
            tail -n 20 "$said"
        } >/var/lib/letsencrypt/renewal.new
        mv -f /var/lib/letsencrypt/renewal.new /var/lib/letsencrypt/renewal
        rm -f "$said"
        exit "$code"

        """

    /// Looks for as long as it lives.
    static let watch = """
        while :; do
            if sh \(Inside.scripts)/renew; then pause=\(Certbot.pause); else pause=\(Certbot.pauseAfterRefusal); fi
            sleep "$pause" &
            wait $!
        done

        """

    /// Its words are certbot's command; the certificate is handed over also when it was there already.
    static func once(_ order: CertificateOrder) -> [String] {
        let mark = mark(of: order)
        let script = """
            "$@"
            RENEWED_LINEAGE=/etc/letsencrypt/live/\(mark) sh \(Inside.scripts)/hand-over
            """
        let hook = ["--deploy-hook", "sh \(Inside.scripts)/hand-over"]
        return ["/bin/sh", "-euc", script, "order"]
            + Certbot.order(order, name: mark, challenges: Inside.challenges) + hook
    }

    // MARK: What is kept

    func keep(_ order: CertificateOrder) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(Array(try encoder.encode(order)), to: "\(orders)/\(Self.mark(of: order)).json")
    }

    /// The orders that were answered, by their names.
    var kept: [CertificateOrder] {
        Folder.names(in: orders).filter { $0.hasSuffix(".json") }.compactMap { name in
            (try? SmallFile.read("\(orders)/\(name)", limit: 1 << 20)).flatMap {
                try? JSONDecoder().decode(CertificateOrder.self, from: Data($0))
            }
        }.sorted { $0.names.joined(separator: " ") < $1.names.joined(separator: " ") }
    }

    /// Takes away what was ordered; the authority is told nothing, the certificate ends by itself.
    func forget(_ order: CertificateOrder) throws {
        let mark = Self.mark(of: order)
        for part in ["live/\(mark)", "archive/\(mark)", "renewal/\(mark).conf"] {
            try Folder.remove("\(own)/config/\(part)")
        }
        try Folder.remove("\(place.door)/certificates/\(mark)")
        try Folder.remove("\(orders)/\(mark).json")
    }

    /// Why what an order was answered with cannot be served, as the rest of "is …"; nil when it can.
    func trouble(of order: CertificateOrder, now: Int) -> String? {
        let files = files(of: order)
        guard SmallFile.text(files.certificate) != nil else { return "not there" }
        let pair: CertificatePair
        do throws(FrontDoorError) {
            pair = try CertificatePair.load(certificate: files.certificate, key: files.key, now: now)
        } catch {
            return "not valid: \(error.underlying)"
        }
        let missing = order.names.filter { !pair.names.contains($0.lowercased()) }
        guard missing.isEmpty else { return "not for \(missing.joined(separator: ", "))" }
        let kept = try? SmallFile.read(root, limit: 1 << 20)
        return kept == (try? Self.authorities(of: order)) ? nil : "of an authority with another root"
    }

    /// What the last look at what is left came to; nil before the first.
    var renewal: CertificateRenewal? {
        let path = own + "/work/renewal"
        guard let bytes = try? SmallFile.read(path, limit: 64 << 10) else { return nil }
        return CertificateRenewal(String(decoding: bytes, as: UTF8.self))
    }
}
