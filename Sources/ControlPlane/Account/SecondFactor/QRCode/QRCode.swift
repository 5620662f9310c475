/// A QR code (ISO/IEC 18004) of some bytes, with error correction of level M: what a telephone reads from a screen.
package struct QRCode: Sendable, Hashable {
    /// Modules on each side.
    package let side: Int
    /// Row by row; `true` is dark.
    package let modules: [Bool]
    /// 1 to ``largest``.
    package let version: Int
    /// 0 to 7.
    package let mask: Int

    /// 331 bytes.
    static let largest = 13
    /// By version (table 9).
    private static let checkBytes = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22]
    private static let blocks = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9]

    /// In the smallest version that holds them.
    ///
    /// - Parameter mask: as a rule the one with the fewest patterns that mislead a reader (§7.8.3).
    /// - Returns: `nil` for more than 331 bytes.
    package init?(_ bytes: [UInt8], mask chosen: Int? = nil) {
        guard let version = (1...Self.largest).first(where: { Self.room(in: $0) >= bytes.count }) else { return nil }
        let codewords = Self.withChecks(Self.codewords(bytes, version), version)
        var best: (drawing: QRDrawing, mask: Int, penalty: Int)?
        for mask in chosen.map({ $0...$0 }) ?? 0...7 {
            var drawing = QRDrawing(version: version)
            drawing.drawFormat(mask: mask)
            drawing.draw(codewords)
            drawing.apply(mask: mask)
            let penalty = chosen == nil ? drawing.penalty : 0
            if penalty < best?.penalty ?? Int.max { best = (drawing, mask, penalty) }
        }
        guard let best else { return nil }
        self.version = version
        self.mask = best.mask
        side = best.drawing.side
        modules = best.drawing.modules
    }

    /// Bytes of content and checks.
    private static func codewordCount(_ version: Int) -> Int {
        var bits = (16 * version + 128) * version + 64
        if version >= 2 {
            let count = version / 7 + 2
            bits -= (25 * count - 10) * count - 55
            if version >= 7 { bits -= 36 }
        }
        return bits / 8
    }

    private static func contentCount(_ version: Int) -> Int {
        codewordCount(version) - checkBytes[version] * blocks[version]
    }

    /// Mode and length take 12 or 20 bits.
    private static func room(in version: Int) -> Int { contentCount(version) - (version < 10 ? 2 : 3) }

    /// Byte mode (§7.4.5), ended and filled up (§7.4.10).
    private static func codewords(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
        var nibbles: [UInt8] = [4]
        let lengthNibbles = version < 10 ? 2 : 4
        for index in (0..<lengthNibbles).reversed() {
            nibbles.append(UInt8(truncatingIfNeeded: bytes.count >> (4 * index)) & 15)
        }
        for byte in bytes { nibbles += [byte >> 4, byte & 15] }
        nibbles.append(0)
        var codewords = stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
        var filler: UInt8 = 0xec
        while codewords.count < contentCount(version) {
            codewords.append(filler)
            filler ^= 0xec ^ 0x11
        }
        return codewords
    }

    /// Blocks with their checks, interleaved (§7.6).
    private static func withChecks(_ content: [UInt8], _ version: Int) -> [UInt8] {
        let count = blocks[version]
        let short = content.count / count
        let longs = content.count % count
        let generator = ReedSolomon.generator(checkBytes[version])
        var contents: [[UInt8]] = []
        var start = 0
        for index in 0..<count {
            let length = short + (index < count - longs ? 0 : 1)
            contents.append(Array(content[start..<start + length]))
            start += length
        }
        let checks = contents.map { ReedSolomon.remainder($0, generator) }
        var all: [UInt8] = []
        for index in 0...short { for block in contents where index < block.count { all.append(block[index]) } }
        for index in 0..<checkBytes[version] { for block in checks { all.append(block[index]) } }
        return all
    }
}

/// Check bytes over GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.
private enum ReedSolomon {
    static func product(_ one: UInt8, _ other: UInt8) -> UInt8 {
        var result: UInt8 = 0
        for bit in (0..<8).reversed() {
            result = (result << 1) ^ (result & 0x80 != 0 ? 0x1d : 0)
            if other >> bit & 1 != 0 { result ^= one }
        }
        return result
    }

    /// Coefficients of the product of (x - 2^i), without the first, which is 1.
    static func generator(_ degree: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                result[index] = product(result[index], root)
                if index + 1 < degree { result[index] ^= result[index + 1] }
            }
            root = product(root, 2)
        }
        return result
    }

    static func remainder(_ content: [UInt8], _ generator: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: generator.count)
        for byte in content {
            let factor = byte ^ result.removeFirst()
            result.append(0)
            for index in generator.indices { result[index] ^= product(generator[index], factor) }
        }
        return result
    }
}

extension QRCode {
    /// Black on white whatever the page is, with the margin of four modules that readers need (§9.1); as large as its place.
    ///
    /// - Parameter title: what it is, for those who do not see it; plain text.
    package func svg(title: String) -> String {
        var path = ""
        for row in 0..<side {
            var column = 0
            while column < side {
                let start = column
                while column < side, modules[row * side + column] { column += 1 }
                if column > start { path += "M\(start + 4),\(row + 4)h\(column - start)v1h-\(column - start)z" }
                column += 1
            }
        }
        let label = title.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(side + 8) \(side + 8)\" role=\"img\" "
            + "shape-rendering=\"crispEdges\"><title>\(label)</title><path fill=\"#fff\" d=\"M0,0h\(side + 8)v\(side + 8)"
            + "H0z\"/><path fill=\"#000\" d=\"\(path)\"/></svg>"
    }
}
