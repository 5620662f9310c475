import ControlPlane
import FoundationEssentials
import NIOCore
import NIOPosix
import TestKit
import Testing
import World

@Suite("Passwords")
struct PasswordTests {
    @Test(
        "scrypt gives the keys of RFC 7914 §12",
        arguments: [
            (
                "password", "NaCl", PasswordHash.Cost(ln: 10, r: 8, p: 16),
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
            ),
            (
                "pleaseletmein", "SodiumChloride", PasswordHash.Cost(ln: 14, r: 8, p: 1),
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
            ),
        ])
    func vectors(password: String, salt: String, cost: PasswordHash.Cost, key: String) throws {
        let bytes = try #require(
            PasswordHash.derive(Array(password.utf8), salt: Array(salt.utf8), cost: cost, bytes: 64))
        #expect(bytes.map { String(Int($0) + 256, radix: 16).dropFirst() }.joined() == key)
    }

    @Test("Python's hashlib finds the same keys, for hashes of ours in passlib's form")
    func python() throws {
        var generator = SeededGenerator(seed: 9)
        let costs = [(1, 1, 1), (4, 8, 1), (5, 3, 2), (8, 8, 3)].map { PasswordHash.Cost(ln: $0.0, r: $0.1, p: $0.2) }
        let passwords = ["a", "three small boats", "größer als £12 ☃ 漢字", String(repeating: "x", count: 1024)]
        var lines: [String] = []
        for (cost, password) in zip(costs, passwords) {
            let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let hash = try #require(PasswordHash(of: password, salt: salt, cost: cost))
            lines.append(hash.text + "\t" + password)
        }
        let script = """
            import base64, hashlib
            def raw(text): return base64.b64decode(text + '=' * (-len(text) % 4), validate=True)
            for line in open('hashes.txt', encoding='utf-8').read().split('\\n'):
                text, password = line.split('\\t')
                empty, name, cost, salt, key = text.split('$')
                cost = dict(part.split('=') for part in cost.split(','))
                found = hashlib.scrypt(password.encode(), salt=raw(salt), n=1 << int(cost['ln']), r=int(cost['r']),
                                       p=int(cost['p']), maxmem=1 << 28, dklen=len(raw(key)))
                assert name == 'scrypt' and found == raw(key), line
            print('same')
            """
        let said = try PythonJudge().run(script, files: ["hashes.txt": lines.joined(separator: "\n")])
        #expect(said == "same\n")
    }

    @Test("a hash of the cost that is usual matches its password, and reads back from its text")
    func standard() throws {
        let salt = [UInt8](1...16)
        let hash = try #require(PasswordHash(of: "three small boats", salt: salt, cost: .standard))
        #expect(hash.text.hasPrefix("$scrypt$ln=15,r=8,p=3$AQIDBAUGBwgJCgsMDQ4PEA$"))
        #expect(PasswordHash(parsing: hash.text) == hash)
        #expect(hash.matches("three small boats") == true)
    }

    @Test(
        "a text that is no hash, or would cost more than a machine has, is not taken",
        arguments: [
            "", "scrypt", "$scrypt$ln=4,r=8,p=1$AQIDBAUGBwg",
            "$argon2id$ln=4,r=8,p=1$AQIDBAUGBwg$AQIDBAUGBwgJCgsMDQ4PEA",
            "$scrypt$ln=4,r=8,p=1$AQIDBAUGBwg=$AQIDBAUGBwgJCgsMDQ4PEA",
            "$scrypt$ln=4,r=8$AQIDBAUGBwg$AQIDBAUGBwgJCgsMDQ4PEA",
            "$scrypt$ln=30,r=8,p=1$AQIDBAUGBwg$AQIDBAUGBwgJCgsMDQ4PEA",
            "$scrypt$ln=20,r=32,p=1$AQIDBAUGBwg$AQIDBAUGBwgJCgsMDQ4PEA",
            "$scrypt$ln=4,r=8,p=99$AQIDBAUGBwg$AQIDBAUGBwgJCgsMDQ4PEA", "$scrypt$ln=4,r=8,p=1$$AQIDBAUGBwgJCgsMDQ4PEA",
            "$scrypt$ln=4,r=8,p=1$AQIDBAUGBwg$AQIDBA", "$scrypt$ln=+4,r=8,p=1$AQIDBAUGBwg$AQIDBAUGBwgJCgsMDQ4PEA",
        ])
    func unreadable(text: String) {
        #expect(PasswordHash(parsing: text) == nil)
    }

    @Test("a hash matches its own password only")
    func matches() throws {
        let hash = try #require(PasswordHash(of: "three small boats", salt: [1], cost: .init(ln: 4, r: 8, p: 1)))
        #expect(hash.matches("three small boats") == true)
        for other in ["three small boatS", "three small boat", "three small boats ", "x"] {
            #expect(hash.matches(other) == false)
        }
    }

    @Test("an empty password has no hash")
    func empty() {
        #expect(PasswordHash(of: "", salt: [1], cost: .init(ln: 1, r: 1, p: 1)) == nil)
    }

    @Test(
        "the passwords that are tried first are refused",
        arguments: [
            "short", "elevenchars", "123456789012", "098765432109", "abcdefghijkl", "aaaaaaaaaaaa", "abcabcabcabc",
            "Password1234", "password!!!!", "Qwertyuiop123", "ana@ana@ana@", "ana123456789", "Motdepasse2026",
            "correct horse battery staple", "two\nlines of it", "1q2w3e4r5t6y", "Administrator1",
        ])
    func common(password: String) {
        #expect(PasswordRule.refusal(of: password, name: "ana") != nil, "\(password)")
    }

    @Test("why a password is refused is told by a word and a sentence")
    func reasons() throws {
        let reasons = [
            "short": PasswordRule.Refusal.tooShort, String(repeating: "long ", count: 205): .tooLong,
            "two\nlines of it": .notOneLine, "abcdefghijkl": .common, "ana-boat-ana": .name,
        ]
        for (password, reason) in reasons { #expect(PasswordRule.refusal(of: password, name: "ana") == reason) }
        #expect(Set(reasons.values) == Set(PasswordRule.Refusal.allCases))
        let seen = try AccountDesk().administrator().post("/password", ["current": "x", "new": "abcdefghijkl"])
        #expect(seen.status == 422)
        #expect(seen["reason"] == "common")
        #expect(seen["detail"] == PasswordRule.Refusal.common.sentence)
    }

    @Test(
        "long ones are taken whatever they are made of",
        arguments: [
            "three small boats", "cheval-agrafe-correct", "漢字漢字仮名交じり文です", "zqxwvutsrnmk", "my password is long",
        ])
    func taken(password: String) {
        #expect(PasswordRule.refusal(of: password, name: "ana") == nil)
    }

    @Test(
        "hashing happens on another thread; what there is no room for is refused at once, and a stop leaves nobody waiting"
    )
    func thread() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let desk = try AccountDesk()
        let token = try #require(desk.openSetUp())
        let browser = Browser(desk)
        let request = browser.request(
            "POST", "/set-up", ["token": token, "name": "ana", "password": AccountDesk.password])
        guard case .hashing(let work, _)? = desk.authority.handle(request, ["set-up"], desk.now) else {
            Issue.record("a set-up hashes a password")
            return
        }
        let made = loop.makePromise(of: PasswordWork.Result.self)
        let (taken, told) = try await loop.flatSubmit {
            let thread = PasswordThread(loop: loop, room: 2)
            var told: [PasswordWork.Result] = []
            let taken = (1...3).map { number in
                thread.perform(work) { result in
                    loop.preconditionInEventLoop()
                    told.append(result)
                    if number == 1 { made.succeed(result) }
                }
            }
            return made.futureResult.assumeIsolated().flatMap { _ in thread.stop() }.map { (taken, told) }.nonisolated()
        }.get()
        #expect(taken == [true, true, false])
        #expect(told.count == 2, "the second was hashed or told that it failed")
        guard case .matches(let hash?) = try await made.futureResult.get() else {
            Issue.record("no hash was made")
            return
        }
        #expect(hash.matches(AccountDesk.password) == true)
    }
}
