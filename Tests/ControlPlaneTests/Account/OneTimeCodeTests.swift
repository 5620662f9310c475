import ControlPlane
import Response
import TestKit
import Testing
import World

@Suite("Codes of the second factor")
struct OneTimeCodeTests {
    /// The secret of both RFCs' vectors.
    private let code = OneTimeCode(secret: Array("12345678901234567890".utf8))

    @Test("codes are those of RFC 4226 appendix D")
    func counted() {
        let wanted = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
        ]
        #expect((0...9).map { code.code(step: $0) } == wanted)
    }

    @Test("codes are those of RFC 6238 appendix B")
    func timed() {
        let wanted = [
            59: "94287082", 1_111_111_109: "07081804", 1_111_111_111: "14050471", 1_234_567_890: "89005924",
            2_000_000_000: "69279037", 20_000_000_000: "65353130",
        ]
        for (second, digits) in wanted {
            #expect(code.code(step: OneTimeCode.step(at: Moment(seconds: second)), digits: 8) == digits)
        }
    }

    @Test("pyotp computes the same codes and reads our address of a secret")
    func python() throws {
        var generator = SeededGenerator(seed: 6238)
        var lines: [String] = []
        for _ in 1...50 {
            let secret = (0..<20).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let code = OneTimeCode(secret: secret)
            let second = Int.random(in: 0...4_000_000_000, using: &generator)
            let uri = code.uri(issuer: "Hauban: café", account: "ana+test@example.com").exposed
            lines.append("\(second) \(code.code(step: second / 30)) \(code.base32) \(uri)")
        }
        let script = """
            import pyotp
            for line in open('codes.txt').read().splitlines():
                second, code, secret, uri = line.split(' ')
                assert pyotp.TOTP(secret).at(int(second)) == code, line
                read = pyotp.parse_uri(uri)
                assert read.secret == secret and read.digits == 6 and read.interval == 30, line
                assert read.issuer == 'Hauban: café' and read.name == 'ana+test@example.com', (read.issuer, read.name)
            print('same')
            """
        #expect(try PythonJudge().run(script, files: ["codes.txt": lines.joined(separator: "\n")]) == "same\n")
    }

    @Test("the codes of the step before and after are taken, and no others")
    func window() {
        let now = Moment(seconds: 1_000_000_000)
        let step = OneTimeCode.step(at: now)
        for offset in -3...3 {
            let found = code.step(of: code.code(step: step + offset), at: now, after: nil)
            #expect(found == (abs(offset) <= 1 ? step + offset : nil), "\(offset)")
        }
        #expect(code.step(of: "", at: now, after: nil) == nil)
        #expect(code.step(of: "1234567", at: now, after: nil) == nil)
    }

    @Test("a code is good once, and so are those before it")
    func once() {
        let now = Moment(seconds: 1_000_000_000)
        let step = OneTimeCode.step(at: now)
        #expect(code.step(of: code.code(step: step), at: now, after: step) == nil)
        #expect(code.step(of: code.code(step: step - 1), at: now, after: step) == nil)
        #expect(code.step(of: code.code(step: step + 1), at: now, after: step) == step + 1)
    }

    @Test("a secret is shown as Base32 and read back; what is too short or no Base32 is none")
    func base32() throws {
        #expect(code.base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(OneTimeCode(base32: code.base32) == code)
        #expect(OneTimeCode(base32: "GEZDGNBV") == nil)
        #expect(OneTimeCode(base32: "gezdgnbvgy3tqojqgezdgnbvgy3tqojq") == nil)
    }
}
