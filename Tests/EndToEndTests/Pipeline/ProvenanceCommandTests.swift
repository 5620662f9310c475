import Planning
import Testing
import World

/// The commands for whoever takes an image and asks how it was made.
@Suite("Provenance on the command line", .timeLimit(.minutes(5)))
struct ProvenanceCommandTests {
    private static let file = """
        hauban: 1
        platform: shop
        environments: {dev: {target: local}}

        """

    @Test("the key is printed, what it signed is verified, and nothing else is")
    func story() async throws {
        try await PlatformFixture(files: ["hauban.yaml": Self.file]).used { shop in
            let printed = try await shop.hauban("provenance", "key")
            #expect(printed.code == 0 && printed.output.hasPrefix("-----BEGIN PUBLIC KEY-----"), "\(printed.errors)")
            #expect(try await shop.hauban("provenance", "key").output == printed.output, "it is made once")
            try shop.write("key.pub", printed.output)

            let own = try #require(Folder.names(in: shop.state).first { $0.hasPrefix("shop-") })
            let key = try SigningKey.of(folder: "\(shop.state)/\(own)/pipeline/keys")
            let id = String(repeating: "0a", count: 32)
            let statement = ProvenanceStatement(
                image: BuiltImage(name: "shop/api:1", dockerfile: "Dockerfile"), folder: "api", imageID: id,
                repositoryDigests: [], commit: String(repeating: "b", count: 40), isChanged: true,
                dockerfileDigest: nil,
                began: "2026-11-22T08:00:00.000Z", ended: "2026-11-22T08:00:01.000Z", invocation: "1", version: "0.1.0")
            let payload = Array(statement.json.utf8)
            try shop.write(
                "good.json",
                try SignedEnvelope(signing: payload, as: ProvenanceStatement.payloadType, with: key).json)
            try shop.write(
                "forged.json",
                try SignedEnvelope(signing: payload, as: ProvenanceStatement.payloadType, with: SigningKey()).json)
            try shop.write("other.json", try SignedEnvelope(signing: payload, as: "text/plain", with: key).json)

            func verify(_ words: String...) async throws -> PlatformFixture.Outcome {
                try await shop.hauban(["provenance", "verify"] + words + ["--key", "key.pub"])
            }
            let good = try await verify("good.json", "--image", "sha256:\(id)", "--json")
            #expect(good.code == 0, "\(good.errors)")
            #expect(
                good.json?["uncommittedChanges"] == .bool(true)
                    && good.json?["builder"]?.string == "urn:hauban:builder:local")
            let shown = try await verify("good.json")
            #expect(shown.code == 0 && shown.output.contains("with changes that were not committed"), "\(shown.output)")
            for words in [
                ["forged.json"], ["other.json"], ["key.pub"],
                ["good.json", "--image", "sha256:" + String(repeating: "f", count: 64)],
            ] {
                let refused = try await shop.hauban(["provenance", "verify"] + words + ["--key", "key.pub"])
                #expect(
                    refused.code == 1 && refused.errors.contains("[provenance-refused]"), "\(words): \(refused.output)")
            }
        }
    }
}
