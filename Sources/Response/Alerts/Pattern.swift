/// A regular expression that must match a whole value, in the part of RE2's syntax that label matchers are written in:
/// literals, classes, groups, alternatives, counts and anchors.
///
/// It is run without going back (K. Thompson, "Regular expression search algorithm", 1968): the time is bound by the product
/// of the two lengths, so that no matcher of somebody's can keep the pager busy. Most matchers are lists of words, which
/// are compared without it.
struct Pattern: Sendable {
    private enum Form: Sendable {
        case words(Set<String>)
        case anything
        case something
        case program(Program)
    }

    private let form: Form

    init(_ text: String) throws(Matcher.Problem) {
        if text == ".*" {
            form = .anything
        } else if text == ".+" {
            form = .something
        } else if !text.contains(where: { #"\.+*?()[]{}^$"#.contains($0) }) {
            form = .words(Set(text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)))
        } else {
            var reader = PatternReader(text)
            form = .program(try reader.program())
        }
    }

    func matches(_ value: String) -> Bool {
        switch form {
        case .words(let words): words.contains(value)
        case .anything: true
        case .something: !value.isEmpty
        case .program(let program): program.matches(value)
        }
    }

    /// Characters of one kind.
    struct Class: Sendable, Hashable {
        var ranges: [ClosedRange<UInt32>] = []
        var isNegated = false

        func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }
    }

    /// One step of a program; it goes on with the next unless it says otherwise.
    enum Step: Sendable {
        case take(Class)
        case split(Int, Int)
        case jump(Int)
        case atStart
        case atEnd
        case atWordEdge(Bool)
        case accept
    }

    struct Program: Sendable {
        var steps: [Step]
        var ignoresCase: Bool

        func matches(_ value: String) -> Bool {
            let scalars = value.unicodeScalars.map(\.value)
            var current: [Int] = []
            var seen = [Int](repeating: -1, count: steps.count)
            add(0, at: 0, scalars, &current, &seen)
            for (index, scalar) in scalars.enumerated() {
                guard !current.isEmpty else { return false }
                var next: [Int] = []
                for place in current {
                    guard case .take(let characters) = steps[place], takes(characters, scalar) else { continue }
                    add(place + 1, at: index + 1, scalars, &next, &seen)
                }
                current = next
            }
            return current.contains { if case .accept = steps[$0] { true } else { false } }
        }

        private func takes(_ characters: Class, _ scalar: UInt32) -> Bool {
            if characters.contains(scalar) { return true }
            guard ignoresCase, let one = UnicodeScalar(scalar) else { return false }
            let other = one.properties.isUppercase ? one.properties.lowercaseMapping : one.properties.uppercaseMapping
            guard let swapped = other.unicodeScalars.first?.value, other.unicodeScalars.count == 1 else { return false }
            return characters.contains(swapped)
        }

        /// Adds a place and all that are reached from it without taking anything.
        private func add(_ start: Int, at index: Int, _ scalars: [UInt32], _ places: inout [Int], _ seen: inout [Int]) {
            var open = [start]
            while let place = open.popLast() {
                guard seen[place] != index else { continue }
                seen[place] = index
                switch steps[place] {
                case .jump(let other): open.append(other)
                case .split(let one, let other): open += [other, one]
                case .atStart: if index == 0 { open.append(place + 1) }
                case .atEnd: if index == scalars.count { open.append(place + 1) }
                case .atWordEdge(let wanted):
                    let before = index > 0 && Self.isWord(scalars[index - 1])
                    let after = index < scalars.count && Self.isWord(scalars[index])
                    if (before != after) == wanted { open.append(place + 1) }
                case .take, .accept: places.append(place)
                }
            }
        }

        private static func isWord(_ scalar: UInt32) -> Bool { PatternReader.word.contains { $0.contains(scalar) } }
    }
}

/// Reads the text of a pattern into a program.
struct PatternReader {
    static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    static let word: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a]
    static let space: [ClosedRange<UInt32>] = [0x09...0x0a, 0x0c...0x0d, 0x20...0x20]
    /// RE2's bound for a count; and what a program may grow to by counts of counts.
    private static let mostRepeats = 1000
    private static let mostSteps = 20_000

    private let text: String
    private let scalars: [UnicodeScalar]
    private var position = 0
    private var depth = 0
    private var ignoresCase = false

    init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    mutating func program() throws(Matcher.Problem) -> Pattern.Program {
        if scalars.starts(with: "(?i)".unicodeScalars) {
            ignoresCase = true
            position = 4
        } else if scalars.starts(with: "(?s)".unicodeScalars) {
            position = 4
        }
        let steps = try alternatives()
        guard position == scalars.count else { throw problem("a ')' closes nothing") }
        return Pattern.Program(steps: steps + [.accept], ignoresCase: ignoresCase)
    }

    private func problem(_ why: String) -> Matcher.Problem {
        Matcher.Problem(description: "'\(text)' is no regular expression: \(why)")
    }

    private var next: UnicodeScalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: UnicodeScalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func alternatives() throws(Matcher.Problem) -> [Pattern.Step] {
        var steps = try sequence()
        while take("|") {
            let other = try sequence()
            // Either the one and past the other, or the other.
            steps =
                [.split(1, steps.count + 2)] + moved(steps, by: 1) + [.jump(steps.count + 2 + other.count)]
                + moved(other, by: steps.count + 2)
            try check(steps)
        }
        return steps
    }

    private mutating func sequence() throws(Matcher.Problem) -> [Pattern.Step] {
        var steps: [Pattern.Step] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            steps += moved(try counted(), by: steps.count)
            try check(steps)
        }
        return steps
    }

    private mutating func counted() throws(Matcher.Problem) -> [Pattern.Step] {
        let piece = try atom()
        guard let (least, most) = try count() else { return piece }
        // Which of several ways is tried first makes no difference to a whole match.
        _ = take("?")
        if let next, "*+?".unicodeScalars.contains(next) { throw problem("'\(next)' repeats nothing") }
        var steps: [Pattern.Step] = []
        for _ in 0..<least {
            steps += moved(piece, by: steps.count)
            try check(steps)
        }
        if let most {
            for _ in least..<most {
                let start = steps.count
                steps += [.split(start + 1, start + 1 + piece.count)] + moved(piece, by: start + 1)
                try check(steps)
            }
        } else {
            let start = steps.count
            steps += [.split(start + 1, start + 2 + piece.count)] + moved(piece, by: start + 1) + [.jump(start)]
        }
        return steps
    }

    private mutating func count() throws(Matcher.Problem) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{") else { return nil }
        guard let least = number() else {
            // A brace that counts nothing is a brace.
            position = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else {
            position = start
            return nil
        }
        guard least <= Self.mostRepeats, most.map({ $0 <= Self.mostRepeats && $0 >= least }) ?? true else {
            throw problem("a count is too large, or its ends are the wrong way round")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, (0x30...0x39).contains(scalar.value) {
            value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), Self.mostRepeats + 1)
            position += 1
        }
        return value
    }

    private mutating func atom() throws(Matcher.Problem) -> [Pattern.Step] {
        guard let scalar = next else { throw problem("it ends too early") }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return [.take(try characters())]
        case ".": return [.take(.init(isNegated: true))]
        case "^": return [.atStart]
        case "$": return [.atEnd]
        case "*", "+", "?": throw problem("'\(scalar)' repeats nothing")
        case "\\": return try escape()
        default: return [.take(.init(ranges: [scalar.value...scalar.value]))]
        }
    }

    private mutating func group() throws(Matcher.Problem) -> [Pattern.Step] {
        if take("?") {
            if take("P") || next == "<" {
                guard take("<"), let end = scalars[position...].firstIndex(of: ">"), end > position,
                    scalars[position..<end].allSatisfy({ $0.properties.isAlphabetic || $0 == "_" || $0.value < 0x3a })
                else { throw problem("a group has no good name") }
                position = end + 1
            } else if !take(":") {
                throw problem("groups are (…), (?:…) or (?P<name>…), and (?i) stands at the beginning")
            }
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw problem("its groups are nested too deeply") }
        let steps = try alternatives()
        guard take(")") else { throw problem("a '(' is not closed") }
        return steps
    }

    private mutating func escape() throws(Matcher.Problem) -> [Pattern.Step] {
        switch next {
        case "A": position += 1; return [.atStart]
        case "z": position += 1; return [.atEnd]
        case "b": position += 1; return [.atWordEdge(true)]
        case "B": position += 1; return [.atWordEdge(false)]
        default: return [.take(try escaped())]
        }
    }

    private mutating func escaped() throws(Matcher.Problem) -> Pattern.Class {
        guard let scalar = next else { throw problem("it ends with a '\\'") }
        position += 1
        switch scalar {
        case "d": return .init(ranges: Self.digits)
        case "D": return .init(ranges: Self.digits, isNegated: true)
        case "w": return .init(ranges: Self.word)
        case "W": return .init(ranges: Self.word, isNegated: true)
        case "s": return .init(ranges: Self.space)
        case "S": return .init(ranges: Self.space, isNegated: true)
        case "n": return .init(ranges: [0x0a...0x0a])
        case "t": return .init(ranges: [0x09...0x09])
        case "r": return .init(ranges: [0x0d...0x0d])
        default:
            guard scalar.value < 0x80, !Self.word.contains(where: { $0.contains(scalar.value) }) else {
                throw problem("'\\\(scalar)' is not known")
            }
            return .init(ranges: [scalar.value...scalar.value])
        }
    }

    private mutating func characters() throws(Matcher.Problem) -> Pattern.Class {
        var found = Pattern.Class(isNegated: take("^"))
        var isFirst = true
        while isFirst || next != "]" {
            isFirst = false
            guard next != nil else { throw problem("a '[' is not closed") }
            if let named = try named() {
                found.ranges += named
                continue
            }
            let one = try member()
            guard one.ranges.count == 1, !one.isNegated, let low = one.ranges.first?.lowerBound, next == "-",
                position + 1 < scalars.count, scalars[position + 1] != "]"
            else {
                found.ranges += one.isNegated ? Self.complement(one.ranges) : one.ranges
                continue
            }
            position += 1
            let other = try member()
            guard let high = other.ranges.first?.upperBound, other.ranges.count == 1, !other.isNegated, low <= high
            else {
                throw problem("a range has no good end")
            }
            found.ranges.append(low...high)
        }
        position += 1
        return found
    }

    private mutating func member() throws(Matcher.Problem) -> Pattern.Class {
        guard let scalar = next else { throw problem("a '[' is not closed") }
        position += 1
        return scalar == "\\" ? try escaped() : .init(ranges: [scalar.value...scalar.value])
    }

    /// `[:alpha:]` within a class.
    private mutating func named() throws(Matcher.Problem) -> [ClosedRange<UInt32>]? {
        guard next == "[", position + 1 < scalars.count, scalars[position + 1] == ":" else { return nil }
        guard let end = scalars[position...].firstIndex(of: "]") else { throw problem("a '[' is not closed") }
        let name = String(String.UnicodeScalarView(scalars[position...end]))
        position = end + 1
        switch name {
        case "[:alpha:]": return [0x41...0x5a, 0x61...0x7a]
        case "[:digit:]": return Self.digits
        case "[:alnum:]": return [0x30...0x39, 0x41...0x5a, 0x61...0x7a]
        case "[:lower:]": return [0x61...0x7a]
        case "[:upper:]": return [0x41...0x5a]
        case "[:space:]": return [0x09...0x0d, 0x20...0x20]
        case "[:word:]": return Self.word
        default: throw problem("the class \(name) is not known")
        }
    }

    private static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var start: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > start { result.append(start...range.lowerBound - 1) }
            start = range.upperBound + 1
        }
        result.append(start...0x10ffff)
        return result
    }

    private func check(_ steps: [Pattern.Step]) throws(Matcher.Problem) {
        guard steps.count <= Self.mostSteps else { throw problem("it is too long") }
    }

    private func moved(_ steps: [Pattern.Step], by offset: Int) -> [Pattern.Step] {
        guard offset > 0 else { return steps }
        return steps.map { step in
            switch step {
            case .split(let one, let other): .split(one + offset, other + offset)
            case .jump(let other): .jump(other + offset)
            case .take, .atStart, .atEnd, .atWordEdge, .accept: step
            }
        }
    }
}
