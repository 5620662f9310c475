import ControlPlane
import Response
import Testing

@Suite("Keys of integrations")
struct IntegrationKeysTests {
    private static let now = Moment(milliseconds: 1_800_000_000_000)

    private static func random(_ seed: UInt8) -> [UInt8] { (0..<29).map { seed &+ UInt8($0) &* 7 } }

    private static func integration(_ name: String) -> Integration {
        Integration(name: name, sender: .json, created: now, createdBy: "ana")
    }

    @Test("a key is shown once, and only its SHA-256 is kept")
    func create() throws {
        var keys = IntegrationKeys([])
        let (key, saves) = try keys.create(Self.integration("shop"), random: Self.random(1))
        #expect(key.hasPrefix("hb_"))
        #expect(key.count == 32)
        #expect(key.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x5f })
        #expect(saves.map(\.key.kind) == ["integration", "integration-key"])
        let id = try #require(keys.keys(of: "shop").first?.id)
        #expect(key.dropFirst(3).hasPrefix(id))
        for save in saves { #expect(!save.body.contains(key.suffix(22)), "the secret part is stored nowhere") }
        #expect(try keys.admit(key, now: Self.now).name == "shop")
    }

    @Test("what is stored admits as before, after a restart")
    func restart() throws {
        var keys = IntegrationKeys([])
        let first = try keys.create(Self.integration("shop"), random: Self.random(1))
        let second = try keys.create(Self.integration("cash"), random: Self.random(2))
        var restarted = IntegrationKeys(first.saves + second.saves + [Record(kind: "session", id: "x", body: "{}")])
        #expect(try restarted.admit(first.key, now: Self.now).name == "shop")
        #expect(try restarted.admit(second.key, now: Self.now).name == "cash")
    }

    @Test("nothing but the whole key admits")
    func wrong() throws {
        var keys = IntegrationKeys([])
        let (key, _) = try keys.create(Self.integration("shop"), random: Self.random(1))
        let other = key.dropLast() + (key.hasSuffix("0") ? "1" : "0")
        for text in [
            "", "hb_", String(key.dropLast()), key + "0", String(other), key.uppercased(), String(key.dropFirst(3)),
        ] {
            #expect(throws: IntegrationKeys.Denial.unknown) { try keys.admit(text, now: Self.now) }
        }
    }

    @Test("after a rotation both keys are valid until the time that was given, then only the new one")
    func rotate() throws {
        var keys = IntegrationKeys([])
        let (old, created) = try keys.create(Self.integration("shop"), random: Self.random(1))
        let until = Self.now + .seconds(3600)
        let (new, saves) = try keys.rotate("shop", oldUntil: until, by: "ben", random: Self.random(2), now: Self.now)
        #expect(old != new)
        for later in [Self.now, until - .milliseconds(1)] {
            #expect(try keys.admit(old, now: later).name == "shop")
            #expect(try keys.admit(new, now: later).name == "shop")
        }
        #expect(throws: IntegrationKeys.Denial.expired) { try keys.admit(old, now: until) }
        #expect(try keys.admit(new, now: until).name == "shop")
        var byKey: [Record.Key: Record] = [:]
        for record in created + saves { byKey[record.key] = record }
        var restarted = IntegrationKeys(byKey.values)
        #expect(throws: IntegrationKeys.Denial.expired) { try restarted.admit(old, now: until) }
        #expect(try restarted.admit(new, now: until).name == "shop")
        // A second rotation does not lengthen the life of the first key.
        _ = try keys.rotate("shop", oldUntil: until + .seconds(9999), by: "ben", random: Self.random(3), now: Self.now)
        #expect(throws: IntegrationKeys.Denial.expired) { try keys.admit(old, now: until) }
    }

    @Test("a revoked key admits nobody, from that moment on")
    func revoke() throws {
        var keys = IntegrationKeys([])
        let (key, _) = try keys.create(Self.integration("shop"), random: Self.random(1))
        let id = try #require(keys.keys(of: "shop").first?.id)
        let saves = try keys.revoke(id, now: Self.now)
        #expect(saves.count == 1)
        #expect(throws: IntegrationKeys.Denial.revoked) { try keys.admit(key, now: Self.now) }
        #expect(throws: IntegrationKeys.Refusal.unknownKey("zzz")) { try keys.revoke("zzz", now: Self.now) }
    }

    @Test("an integration that is taken away takes its keys with it")
    func remove() throws {
        var keys = IntegrationKeys([])
        let (key, _) = try keys.create(Self.integration("shop"), random: Self.random(1))
        #expect(try keys.remove("shop").map(\.kind) == ["integration", "integration-key"])
        #expect(throws: IntegrationKeys.Denial.unknown) { try keys.admit(key, now: Self.now) }
        #expect(keys.takeUsed().isEmpty)
    }

    @Test("when a key was last used is written at most once a minute")
    func lastUsed() throws {
        var keys = IntegrationKeys([])
        let (key, _) = try keys.create(Self.integration("shop"), random: Self.random(1))
        #expect(keys.takeUsed().isEmpty)
        _ = try keys.admit(key, now: Self.now)
        #expect(keys.takeUsed().count == 1)
        _ = try keys.admit(key, now: Self.now + .seconds(59))
        #expect(keys.takeUsed().isEmpty)
        _ = try keys.admit(key, now: Self.now + .seconds(60))
        #expect(keys.takeUsed().count == 1)
        #expect(keys.keys(of: "shop").first?.lastUsed == Self.now + .seconds(60))
    }

    @Test("names are unique and fit a path, and randomness must suffice")
    func refusals() throws {
        var keys = IntegrationKeys([])
        _ = try keys.create(Self.integration("shop"), random: Self.random(1))
        #expect(throws: IntegrationKeys.Refusal.nameTaken("shop")) {
            try keys.create(Self.integration("shop"), random: Self.random(2))
        }
        for name in ["", "a/b", "a b"] {
            #expect(throws: IntegrationKeys.Refusal.badName(name)) {
                try keys.create(Self.integration(name), random: Self.random(2))
            }
        }
        #expect(throws: IntegrationKeys.Refusal.badRandom) {
            try keys.create(Self.integration("b"), random: [1, 2, 3])
        }
        #expect(throws: IntegrationKeys.Refusal.badRandom, "a public part that exists") {
            try keys.create(Self.integration("b"), random: Self.random(1))
        }
        #expect(keys.integrations.keys.sorted() == ["shop"])
    }
}
