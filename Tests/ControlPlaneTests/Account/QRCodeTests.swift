import ControlPlane
import TestKit
import Testing

@Suite("QR codes")
struct QRCodeTests {
    @Test("qrcodegen draws the same squares, in every version and with every mask")
    func python() throws {
        var generator = SeededGenerator(seed: 18004)
        var lines: [String] = []
        for length in [1, 14, 15, 26, 42, 62, 84, 106, 122, 152, 180, 181, 213, 251, 287, 331] {
            // All masks in one small version and one large, and in the others two of them.
            for mask in length == 42 || length == 122 ? Array(0...7) : [length % 8, (length + 3) % 8] {
                let bytes = (0..<length).map { _ in UInt8.random(in: 0x61...0x7a, using: &generator) }
                let code = try #require(QRCode(bytes, mask: mask))
                let dots = code.modules.map { $0 ? "1" : "0" }.joined()
                lines.append("\(String(decoding: bytes, as: UTF8.self)) \(code.version) \(mask) \(dots)")
            }
        }
        let script = """
            from qrcodegen import QrCode, QrSegment
            versions = set()
            for line in open('codes.txt').read().splitlines():
                text, version, mask, dots = line.split(' ')
                code = QrCode.encode_segments(
                    [QrSegment.make_bytes(text.encode())], QrCode.Ecc.MEDIUM, mask=int(mask), boostecl=False)
                assert code.get_version() == int(version), (code.get_version(), version)
                side = range(code.get_size())
                assert ''.join(str(int(code.get_module(x, y))) for y in side for x in side) == dots, (version, mask)
                versions.add(code.get_version())
            print(sorted(versions))
            """
        let said = try PythonJudge().run(script, files: ["codes.txt": lines.joined(separator: "\n")])
        #expect(said == "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]\n")
    }

    @Test("the mask is the one that misleads readers least")
    func masks() throws {
        var generator = SeededGenerator(seed: 8)
        var chosen: Set<Int> = []
        for length in stride(from: 1, through: 40, by: 3) {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0x61...0x7a, using: &generator) }
            let code = try #require(QRCode(bytes))
            #expect(QRCode(bytes, mask: code.mask) == code)
            chosen.insert(code.mask)
        }
        #expect(chosen.count > 3, "\(chosen)")
    }

    @Test("what is too long has none")
    func tooLong() {
        #expect(QRCode([UInt8](repeating: 0x61, count: 331))?.version == 13)
        #expect(QRCode([UInt8](repeating: 0x61, count: 332)) == nil)
    }

    @Test("as SVG each dark module is painted once, inside a light margin of four")
    func svg() throws {
        let code = try #require(QRCode(Array("otpauth://totp/Hauban:ana?secret=ABC".utf8)))
        let svg = code.svg(title: "Ana & <co>")
        #expect(svg.contains("viewBox=\"0 0 \(code.side + 8) \(code.side + 8)\""))
        #expect(svg.contains("<title>Ana &amp; &lt;co></title>"))
        var painted = [Bool](repeating: false, count: code.modules.count)
        let path = try #require(svg.split(separator: "d=\"").last?.split(separator: "\"").first)
        for part in path.split(separator: "z") {
            let numbers = part.dropFirst().split { ",hv".contains($0) }.compactMap { Int($0) }
            for offset in 0..<numbers[2] {
                let place = (numbers[1] - 4) * code.side + numbers[0] - 4 + offset
                #expect(!painted[place])
                painted[place] = true
            }
        }
        #expect(painted == code.modules)
    }
}
