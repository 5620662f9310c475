import Foundation
import Planning
import TestKit
import Testing
import World

/// How images were made and what they hold, judged by the libraries of in-toto, securesystemslib and CycloneDX, and by OpenSSL.
@Suite("Provenance and bills of materials")
struct SupplyChainTests {
    private static let id = String(repeating: "ab", count: 32)

    private static func statement() throws -> ProvenanceStatement {
        ProvenanceStatement(
            image: BuiltImage(
                name: "ghcr.io/shop/api:1f2e", dockerfile: "Dockerfile", repository: "https://github.com/shop/shop.git"),
            folder: "services/api", imageID: id,
            repositoryDigests: [
                try #require(
                    ProvenanceStatement.RepositoryDigest("ghcr.io/shop/api@sha256:" + String(repeating: "c", count: 64))
                )
            ], commit: String(repeating: "1f", count: 20), isChanged: true,
            dockerfileDigest: String(repeating: "d", count: 64), began: "2026-11-22T08:00:00.000Z",
            ended: "2026-11-22T08:00:07.000Z", invocation: "/state/runs/3#build/services/api/image", version: "0.1.0")
    }

    // MARK: Envelopes

    @Test("what is signed is encoded as the protocol's own example")
    func encoding() {
        let bytes = SignedEnvelope.encoding("http://example.com/HelloWorld", Array("hello world".utf8))
        #expect(
            String(decoding: bytes, as: UTF8.self) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
        #expect(String(decoding: SignedEnvelope.encoding("é", []), as: UTF8.self) == "DSSEv1 2 é 0 ")
    }

    @Test("a key is made once, is its owner's alone, and is read again")
    func key() throws {
        let folder = TemporaryFolder()
        let first = try SigningKey.of(folder: folder.path + "/keys")
        let second = try SigningKey.of(folder: folder.path + "/keys")
        #expect(first.verifying.pem == second.verifying.pem)
        let path = folder.path + "/keys/signing-key.pem"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/keys") == ["signing-key.pem"])
        try folder.write("keys/signing-key.pem", "")
        #expect(throws: WorldError.self) { try SigningKey.of(folder: folder.path + "/keys") }
    }

    @Test("an envelope holds for its key and for nothing that was changed")
    func envelope() throws {
        let key = SigningKey()
        let payload = Array(try Self.statement().json.utf8)
        let envelope = try SignedEnvelope(signing: payload, as: ProvenanceStatement.payloadType, with: key)
        let read = try #require(SignedEnvelope(parsing: Array(envelope.json.utf8)))
        #expect(read == envelope && read.isSigned(by: key.verifying))
        #expect(!read.isSigned(by: SigningKey().verifying), "another key")
        let public1 = try #require(VerifyingKey(pem: key.verifying.pem))
        #expect(read.isSigned(by: public1))
        for (old, new) in [
            (Data(payload).base64EncodedString(), Data(payload + [0x20]).base64EncodedString()),
            ("application/vnd.in-toto+json", "application/vnd.in-toto.x+json"),
        ] {
            let forged = try #require(
                SignedEnvelope(parsing: Array(envelope.json.replacingOccurrences(of: old, with: new).utf8)))
            #expect(forged != envelope && !forged.isSigned(by: key.verifying), "\(new.prefix(40))")
        }
        let urlSafe = envelope.json.replacingOccurrences(of: "+", with: "-").replacingOccurrences(
            of: "vnd.in-toto-json", with: "vnd.in-toto+json"
        )
        .replacingOccurrences(of: "application/vnd", with: "application|vnd").replacingOccurrences(of: "/", with: "_")
        .replacingOccurrences(of: "application|vnd", with: "application/vnd")
        #expect(SignedEnvelope(parsing: Array(urlSafe.utf8)) == envelope, "both alphabets of base64 are taken")
        for text in [
            "", "{}", "[]", #"{"payload":"!","payloadType":"x","signatures":[]}"#,
            #"{"payload":"","payloadType":"x","signatures":[{}]}"#,
        ] {
            #expect(SignedEnvelope(parsing: Array(text.utf8)) == nil)
        }
        let unsigned = try #require(
            SignedEnvelope(parsing: Array(#"{"payload":"","payloadType":"x","signatures":[]}"#.utf8)))
        #expect(!unsigned.isSigned(by: key.verifying))
    }

    @Test("what was signed is read back; what is about nothing, or of another kind, is refused")
    func reading() throws {
        let text = try Self.statement().json
        let type = ProvenanceStatement.payloadType
        let read = try ReadProvenance(payloadType: type, Array(text.utf8))
        #expect(read.subjects.map(\.name) == ["ghcr.io/shop/api:1f2e", "ghcr.io/shop/api"])
        #expect(read.subjects.first?.digest == Self.id)
        #expect(read.commit == String(repeating: "1f", count: 20) && read.hasUncommittedChanges)
        #expect(read.builder == "urn:hauban:builder:local" && read.finished == "2026-11-22T08:00:07.000Z")
        for (old, new) in [
            ("in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1"),
            ("slsa.dev/provenance/v1", "slsa.dev/provenance/v0.2"),
            ("\"subject\"", "\"subjects\""), ("\"sha256\"", "\"sha1\""), ("\"builder\"", "\"maker\""),
        ] {
            #expect(throws: ReadProvenance.Unread.self, "\(new)") {
                try ReadProvenance(payloadType: type, Array(text.replacingOccurrences(of: old, with: new).utf8))
            }
        }
        #expect(throws: ReadProvenance.Unread.self) { try ReadProvenance(payloadType: "text/plain", Array(text.utf8)) }
    }

    @Test(
        "securesystemslib and OpenSSL verify the signature, in-toto's own types take the statement and the predicate whole"
    )
    func judgedByOthers() throws {
        let key = SigningKey()
        let envelope = try SignedEnvelope(
            signing: Array(try Self.statement().json.utf8), as: ProvenanceStatement.payloadType, with: key)
        let said = try PythonJudge().run(
            #"""
            import json, subprocess
            from cryptography.hazmat.primitives.serialization import load_pem_public_key
            from google.protobuf import json_format
            from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
            from in_toto_attestation.v1 import statement_pb2
            from in_toto_attestation.v1.statement import Statement
            from securesystemslib.dsse import Envelope
            from securesystemslib.exceptions import VerificationError
            from securesystemslib.signer import SSlibKey

            data = json.load(open("envelope.json"))
            public = load_pem_public_key(open("key.pem", "rb").read())
            key = SSlibKey.from_crypto(public, keyid=data["signatures"][0]["keyid"])
            envelope = Envelope.from_dict(json.load(open("envelope.json")))
            assert list(envelope.verify([key], 1)) == [key.keyid]
            envelope.payload += b" "
            try:
                envelope.verify([key], 1)
                raise SystemExit("a changed payload was verified")
            except VerificationError:
                pass
            envelope.payload = envelope.payload[:-1]

            open("pae", "wb").write(envelope.pae())
            import base64
            open("sig", "wb").write(base64.b64decode(data["signatures"][0]["sig"]))
            subprocess.run(
                ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "pae", "-sigfile", "sig"],
                check=True, stdout=subprocess.DEVNULL)

            # Unknown members are refused by both.
            statement = json_format.Parse(envelope.payload, statement_pb2.Statement())
            Statement.copy_from_pb(statement).validate()
            payload = json.loads(envelope.payload)
            predicate = json_format.ParseDict(payload["predicate"], provenance_pb2.Provenance())
            assert payload["predicateType"] == "https://slsa.dev/provenance/v1"
            assert predicate.build_definition.resolved_dependencies[0].digest["gitCommit"] == "1f" * 20
            assert predicate.run_details.metadata.finished_on.seconds - predicate.run_details.metadata.started_on.seconds == 7
            print(statement.subject[0].digest["sha256"])
            """#,
            files: ["envelope.json": envelope.json, "key.pem": key.verifying.pem])
        #expect(said.trimmingCharacters(in: .whitespacesAndNewlines) == Self.id)
    }

    // MARK: Bills of materials

    private static func bill() -> BillOfMaterials {
        var bill = BillOfMaterials()
        bill.addDebian(
            """
            Package: libssl3
            Status: install ok installed
            Architecture: amd64
            Version: 3.0.17-1~deb12u3
            Description: Secure Sockets Layer
             Package: not-this-one

            Package: gone
            Status: deinstall ok config-files
            Version: 1

            Package: g++
            Status: install ok installed
            Architecture: amd64
            Version: 4:12.2.0-3

            """, distribution: "debian")
        bill.addAlpine("C:Q1\nP:musl\nV:1.2.5-r9\nL:MIT\n\nP:busybox\nV:1.37.0-r12\n")
        bill.addLock(
            "requirements.txt",
            "# c\nFastAPI[all]==0.115.0 ; python_version > '3'\nuvicorn>=0.30\n-r other.txt\nruamel_yaml==0.18.6 --hash=sha256:00\n"
        )
        bill.addLock(
            "package-lock.json",
            #"{"lockfileVersion":3,"packages":{"":{"name":"web"},"node_modules/@vue/shared":{"version":"3.5.0"},"node_modules/a/node_modules/b":{"version":"1.0.0"},"node_modules/vitest":{"version":"2.0.0","dev":true}}}"#
        )
        bill.addLock("go.sum", "golang.org/x/text v0.19.0 h1:x=\ngolang.org/x/text v0.19.0/go.mod h1:y=\n")
        bill.addLock(
            "Package.resolved",
            #"{"pins":[{"identity":"yams","location":"https://github.com/jpsim/Yams.git","state":{"revision":"00","version":"6.2.2"}}],"version":3}"#
        )
        return bill
    }

    @Test(
        "packages are found in databases and locks; what is not pinned, not installed or for development only is left out"
    )
    func found() {
        let bill = Self.bill()
        #expect(
            bill.components.map(\.url) == [
                "pkg:deb/debian/libssl3@3.0.17-1~deb12u3?arch=amd64", "pkg:deb/debian/g%2B%2B@4:12.2.0-3?arch=amd64",
                "pkg:apk/alpine/musl@1.2.5-r9", "pkg:apk/alpine/busybox@1.37.0-r12", "pkg:pypi/fastapi@0.115.0",
                "pkg:pypi/ruamel-yaml@0.18.6", "pkg:npm/%40vue/shared@3.5.0", "pkg:npm/b@1.0.0",
                "pkg:golang/golang.org/x/text@v0.19.0", "pkg:swift/github.com/jpsim/Yams@6.2.2",
            ])
        #expect(bill.sources == ["dpkg", "apk", "requirements.txt", "package-lock.json", "go.sum", "Package.resolved"])
        var empty = BillOfMaterials()
        empty.addLock("requirements.txt", "uvicorn>=0.30\n")
        empty.addLock("package-lock.json", "not json")
        #expect(empty.isEmpty && empty.sources.isEmpty)
    }

    @Test("the bill is CycloneDX 1.5 by its schema, and is read by the gates")
    func schema() throws {
        let text = Self.bill().document(
            image: "shop/api:1", digest: "sha256:\(Self.id)", at: "2026-11-22T08:00:00.000Z", version: "0.1.0")
        let said = try PythonJudge().run(
            #"""
            import importlib.util, json, pathlib
            from jsonschema import Draft7Validator
            from referencing import Registry, Resource
            from referencing.jsonschema import DRAFT7

            place = pathlib.Path(importlib.util.find_spec("cyclonedx").submodule_search_locations[0], "schema", "_res")
            names = ["bom-1.5.SNAPSHOT.schema.json", "spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"]
            schemas = [json.loads((place / name).read_text()) for name in names]
            registry = Registry().with_resources(
                [(schema["$id"], Resource.from_contents(schema, default_specification=DRAFT7)) for schema in schemas])
            validator = Draft7Validator(schemas[0], registry=registry)
            errors = [error.message for error in validator.iter_errors(json.load(open("bill.json")))]
            assert not errors, errors
            broken = json.load(open("bill.json"))
            broken["components"][0]["type"] = "thing"
            assert not validator.is_valid(broken)
            print(len(json.load(open("bill.json"))["components"]))
            """#, files: ["bill.json": text])
        #expect(said.trimmingCharacters(in: .whitespacesAndNewlines) == "10")
        guard case .components(let components) = StepReports.read("sbom.cdx.json", Array(text.utf8), in: "") else {
            Issue.record("the gates do not read it")
            return
        }
        #expect(components.count == 10)
    }
}
