import Foundation
import Glibc
import Spec
import Testing
import World

@Suite("Secrets")
struct SecretTests {
    @Test("a secret never shows itself, however it is printed, dumped or encoded")
    func redacted() throws {
        struct Holder: Encodable { var password: Secret }
        let secret = Secret("hunter2")
        var dumped = ""
        dump(["password": Holder(password: secret)], to: &dumped)
        let encoded = String(decoding: try JSONEncoder().encode(Holder(password: secret)), as: UTF8.self)
        for text in ["\(secret)", String(reflecting: secret), "\(Holder(password: secret))", dumped, encoded] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("[redacted]") || text == dumped)
        }
        #expect(secret.exposed == "hunter2")
    }

    @Test("a generated secret is letters and digits of the length asked for")
    func generated() {
        var generator = SystemRandomNumberGenerator()
        let secret = Secret.generated(length: 40, using: &generator)
        #expect(secret.exposed.utf8.count == 40)
        #expect(secret.exposed.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        #expect(secret != Secret.generated(length: 40, using: &generator))
    }
}

@Suite("The secret store")
struct SecretStoreTests {
    let folder: String
    let store: SecretStore

    init() throws {
        folder = try makeScratch()
        store = SecretStore(folder: folder + "/secrets", environment: try #require(EnvironmentName("staging")))
    }

    @Test("a value comes back as it was stored, in a file of its owner alone")
    func roundTrip() throws {
        defer { removeScratch(folder) }
        try store.set(Secret("a\nb\n"), for: "stripe-key")
        #expect(try store.value(for: "stripe-key").exposed == "a\nb\n")
        #expect(store.keys == ["stripe-key"])
        var information = stat()
        #expect(stat(folder + "/secrets/stripe-key", &information) == 0)
        #expect(information.st_mode & 0o777 == 0o600)
        #expect(stat(folder + "/secrets", &information) == 0)
        #expect(information.st_mode & 0o777 == 0o700)
        try store.remove("stripe-key")
        #expect(store.keys.isEmpty)
    }

    @Test("a missing secret names itself and the command that sets it")
    func missing() throws {
        defer { removeScratch(folder) }
        let value = EnvironmentValue(parts: [.text("key="), .secret("stripe-key")])
        let error = #expect(throws: WorldError.self) { try store.resolve(value) }
        #expect(error?.code == "secret-missing")
        #expect(error?.hint == "Run `hauban secrets set stripe-key --env staging`.")
    }

    @Test("text and secrets are put together in order")
    func resolve() throws {
        defer { removeScratch(folder) }
        try store.set(Secret("pw"), for: "db")
        let value = EnvironmentValue(parts: [.text("pg://u:"), .secret("db"), .text("@h")])
        #expect(try store.resolve(value) == "pg://u:pw@h")
    }

    @Test("a file or a folder that others may read is refused, with the chmod that mends it")
    func exposed() throws {
        defer { removeScratch(folder) }
        try store.set(Secret("pw"), for: "db")
        chmod(folder + "/secrets/db", 0o644)
        let file = #expect(throws: WorldError.self) { try store.value(for: "db") }
        #expect(file?.code == "secret-exposed")
        #expect(file?.hint.contains("chmod 600") == true)
        chmod(folder + "/secrets/db", 0o600)
        chmod(folder + "/secrets", 0o755)
        let whole = #expect(throws: WorldError.self) { try store.value(for: "db") }
        #expect(whole?.hint.contains("chmod 700") == true)
    }

    @Test("of many that generate one secret at once all get the same value")
    func generatedOnce() async throws {
        defer { removeScratch(folder) }
        let store = store
        let values = try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<16 { group.addTask { try store.valueOrGenerated(for: "resource.db.svc_api") } }
            return try await group.reduce(into: Set<Secret>()) { $0.insert($1) }
        }
        #expect(values.count == 1)
        #expect(store.keys == ["resource.db.svc_api"])
    }

    @Test("a key cannot leave the folder", arguments: ["", "../x", "a/b", ".hidden", "a\0b", "é", "x.new"])
    func keys(key: String) throws {
        defer { removeScratch(folder) }
        #expect(throws: WorldError.self) { try store.set(Secret("x"), for: key) }
    }
}
