/// The square of a QR code while it is drawn.
struct QRDrawing {
    let version: Int
    let side: Int
    private(set) var modules: [Bool]
    /// What is no content and is never masked.
    private var isFixed: [Bool]

    /// With everything but format and content (§6.3).
    init(version: Int) {
        self.version = version
        side = 17 + 4 * version
        modules = [Bool](repeating: false, count: side * side)
        isFixed = modules
        for index in 0..<side {
            fix(6, index, index % 2 == 0)
            fix(index, 6, index % 2 == 0)
        }
        drawFinder(3, 3)
        drawFinder(side - 4, 3)
        drawFinder(3, side - 4)
        drawAlignments()
        drawFormat(mask: 0)
        if version >= 7 { drawVersion() }
    }

    private mutating func fix(_ column: Int, _ row: Int, _ isDark: Bool) {
        modules[row * side + column] = isDark
        isFixed[row * side + column] = true
    }

    /// Around its middle, with the light line about it.
    private mutating func drawFinder(_ column: Int, _ row: Int) {
        for down in -4...4 {
            for right in -4...4 {
                guard (0..<side).contains(column + right), (0..<side).contains(row + down) else { continue }
                let distance = max(abs(right), abs(down))
                fix(column + right, row + down, distance != 2 && distance != 4)
            }
        }
    }

    /// Annex E, as a rule: even steps back from the far edge.
    private mutating func drawAlignments() {
        guard version >= 2 else { return }
        let count = version / 7 + 2
        let step = (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2
        let places = [6] + (0..<count - 1).map { side - 7 - step * $0 }.reversed()
        for (i, row) in places.enumerated() {
            for (j, column) in places.enumerated() {
                let isCorner = (i == 0 && (j == 0 || j == count - 1)) || (i == count - 1 && j == 0)
                guard !isCorner else { continue }
                for down in -2...2 {
                    for right in -2...2 { fix(column + right, row + down, max(abs(right), abs(down)) != 1) }
                }
            }
        }
    }

    /// Level M and the mask, twice (§7.9).
    mutating func drawFormat(mask: Int) {
        var rest = mask
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (mask << 10 | rest) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 != 0 }
        for index in 0...5 { fix(8, index, bit(index)) }
        fix(8, 7, bit(6))
        fix(8, 8, bit(7))
        fix(7, 8, bit(8))
        for index in 9..<15 { fix(14 - index, 8, bit(index)) }
        for index in 0..<8 { fix(side - 1 - index, 8, bit(index)) }
        for index in 8..<15 { fix(8, side - 15 + index, bit(index)) }
        fix(8, side - 8, true)
    }

    /// §7.10.
    private mutating func drawVersion() {
        var rest = version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1f25 }
        let bits = version << 12 | rest
        for index in 0..<18 {
            let isDark = bits >> index & 1 != 0
            fix(side - 11 + index % 3, index / 3, isDark)
            fix(index / 3, side - 11 + index % 3, isDark)
        }
    }

    /// In columns of two, up and down (§7.7.3).
    mutating func draw(_ codewords: [UInt8]) {
        var bit = 0
        var right = side - 1
        while right >= 1 {
            if right == 6 { right = 5 }
            for step in 0..<side {
                let row = (right + 1) & 2 == 0 ? side - 1 - step : step
                for column in [right, right - 1] where !isFixed[row * side + column] && bit < codewords.count * 8 {
                    modules[row * side + column] = codewords[bit >> 3] >> (7 - bit & 7) & 1 != 0
                    bit += 1
                }
            }
            right -= 2
        }
    }

    /// §7.8.2.
    mutating func apply(mask: Int) {
        for row in 0..<side {
            for column in 0..<side where !isFixed[row * side + column] {
                let isInverted =
                    switch mask {
                    case 0: (row + column) % 2 == 0
                    case 1: row % 2 == 0
                    case 2: column % 3 == 0
                    case 3: (row + column) % 3 == 0
                    case 4: (column / 3 + row / 2) % 2 == 0
                    case 5: row * column % 2 + row * column % 3 == 0
                    case 6: (row * column % 2 + row * column % 3) % 2 == 0
                    default: ((row + column) % 2 + row * column % 3) % 2 == 0
                    }
                if isInverted { modules[row * side + column].toggle() }
            }
        }
    }

    /// How much it looks like something else (§7.8.3): long runs, squares, finders that are none, too dark or too light.
    var penalty: Int {
        var sum = 0
        for index in 0..<side {
            sum += linePenalty((0..<side).map { modules[index * side + $0] })
            sum += linePenalty((0..<side).map { modules[$0 * side + index] })
        }
        for row in 0..<side - 1 {
            for column in 0..<side - 1 {
                let place = row * side + column
                let colour = modules[place]
                if modules[place + 1] == colour, modules[place + side] == colour, modules[place + side + 1] == colour {
                    sum += 3
                }
            }
        }
        let dark = modules.count { $0 }
        return sum + abs(dark * 20 - side * side * 10) / (side * side) * 10
    }

    private func linePenalty(_ line: [Bool]) -> Int {
        var sum = 0
        var run = 1
        for index in 1...line.count {
            if index < line.count, line[index] == line[index - 1] {
                run += 1
            } else {
                if run >= 5 { sum += run - 2 }
                run = 1
            }
        }
        let finder = [true, false, true, true, true, false, true]
        let light = [false, false, false, false]
        for start in 0...line.count - 11 {
            let part = line[start..<start + 11]
            if part.elementsEqual(finder + light) || part.elementsEqual(light + finder) { sum += 40 }
        }
        return sum
    }
}
