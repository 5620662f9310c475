import Foundation
import Planning
import Testing
import World

@testable import Delivery

@Suite("What is kept of certificates")
struct CertificatePlaceTests {
    private static func withPlace(_ body: (CertificatePlace, String) async throws -> Void) async throws {
        let folder = try Folder.temporary(named: "hauban-certificates")
        defer { try? Folder.remove(folder) }
        try await body(CertificatePlace(place: DockerPlace(state: folder, memory: folder + "/memory")), folder)
    }

    private static func run(_ words: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(words)")
    }

    private static func give(_ order: CertificateOrder, names: [String], days: Int, _ place: CertificatePlace) throws {
        let files = place.files(of: order)
        try Folder.make(String(files.key.prefix(upTo: files.key.lastIndex(of: "/") ?? files.key.endIndex)))
        try run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "\(days)", "-subj", "/CN=x", "-addext",
            "subjectAltName=" + names.map { "DNS:" + $0 }.joined(separator: ","), "-keyout", files.key, "-out",
            files.certificate)
    }

    @Test("a certificate is judged by its names, its time and what vouches for it")
    func trouble() async throws {
        try await Self.withPlace { place, folder in
            let now = Int(Date().timeIntervalSince1970)
            let order = CertificateOrder(names: ["a.test", "B.test"])
            #expect(place.trouble(of: order, now: now) == "not there")
            try place.prepare(order)
            try Self.give(order, names: ["a.test"], days: 2, place)
            #expect(place.trouble(of: order, now: now) == "not for B.test")
            try Self.give(order, names: ["a.test", "b.test"], days: 2, place)
            #expect(place.trouble(of: order, now: now) == nil)
            let late = place.trouble(of: order, now: now + 3 * 86_400)
            #expect(late?.hasPrefix("not valid: it expired on ") == true)

            // Another root has to reach the containers.
            var rooted = order
            rooted.root = folder + "/root.pem"
            #expect(place.trouble(of: rooted, now: now) == nil)
            try AtomicFile.write(Array("pem".utf8), to: folder + "/root.pem")
            #expect(place.trouble(of: rooted, now: now) == "of an authority with another root")
            try place.prepare(rooted)
            #expect(place.trouble(of: rooted, now: now) == nil)
            rooted.root = folder + "/gone.pem"
            let error = #expect(throws: WorldError.self) { try place.prepare(rooted) }
            #expect(error?.hint.contains("tls.root") == true)
        }
    }

    @Test("orders for other names lie apart; one that is forgotten leaves the other as it is")
    func apart() async throws {
        try await Self.withPlace { place, folder in
            let one = CertificateOrder(names: ["a.test"])
            let other = CertificateOrder(names: ["a.test"], directory: "https://ca.test/dir", email: "a@a.test")
            #expect(CertificatePlace.mark(of: one) != CertificatePlace.mark(of: other))
            #expect(
                CertificatePlace.mark(of: other)
                    == CertificatePlace.mark(of: CertificateOrder(names: ["a.test"], directory: "https://ca.test/dir")))
            for order in [one, other] {
                try place.prepare(order)
                try Self.give(order, names: order.names, days: 2, place)
                try place.keep(order)
            }
            #expect(Set(place.kept) == [one, other])
            try place.forget(one)
            let now = Int(Date().timeIntervalSince1970)
            #expect(place.kept == [other])
            #expect(place.trouble(of: one, now: now) == "not there")
            #expect(place.trouble(of: other, now: now) == nil)
            #expect(place.renewal == nil)
        }
    }

    /// The containers' test runs them too, with certbot.
    @Test("what the containers run is a shell's, and certbot's words are no part of it")
    func scripts() async throws {
        try await Self.withPlace { place, folder in
            let order = CertificateOrder(names: ["a.test"], email: "o'hara $(id)@a.test")
            try place.prepare(order)
            for name in ["hand-over", "renew"] { try Self.run("sh", "-n", folder + "/certbot/scripts/" + name) }
            let words = CertificatePlace.once(order)
            #expect(words.prefix(2) == ["/bin/sh", "-euc"])
            #expect(!words[2].contains("o'hara"))
            #expect(words.contains("o'hara $(id)@a.test"))
            try Self.run("sh", "-nc", words[2])
            try Self.run("sh", "-nc", CertificatePlace.watch)
        }
    }
}
