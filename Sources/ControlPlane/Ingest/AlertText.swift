import Response

/// One alert of a body, as places in its text: what is known already is never made into values.
struct AlertText {
    struct Pair {
        var name: JSONScanner.Text
        var value: JSONScanner.Text
    }

    /// What is wrong with an alert of a body; the others are kept.
    enum Fault: Error, Hashable {
        /// Not what JSON Schema asks for: Alertmanager answers 400 with an object.
        case unreadable(String)
        /// `labels` is missing, or a value has the wrong form: Alertmanager answers 422 with this code and text.
        case unprocessable(code: Int, String)
        /// Well-formed and refused: Alertmanager answers 400 with a text.
        case invalid(String)
    }

    var labels: [Pair] = []
    var annotations: [Pair] = []
    var generator = JSONScanner.Text.empty
    var startsAt: Moment?
    var endsAt: Moment?
    var hasLabels = false
    var fault: Fault?

    /// Reads the next alert of a list into this, keeping its memory from alert to alert.
    ///
    /// - Throws: `JSONScanner.Fault` where the text is no JSON; everything else is noted in `fault`.
    mutating func read(_ scanner: inout JSONScanner, index: Int) throws(JSONScanner.Fault) {
        labels.removeAll(keepingCapacity: true)
        annotations.removeAll(keepingCapacity: true)
        generator = .empty
        startsAt = nil
        endsAt = nil
        hasLabels = false
        fault = nil
        guard scanner.peek() == 0x7b else {
            try scanner.skip()
            fault = .unreadable("alert \(index) is no object")
            return
        }
        try scanner.expect(0x7b)
        if !scanner.take(0x7d) {
            repeat {
                _ = scanner.peek()
                let key = try scanner.text()
                try scanner.expect(0x3a)
                try readValue(of: key, &scanner, index)
            } while scanner.take(0x2c)
            try scanner.expect(0x7d)
        }
        if !hasLabels, fault == nil { fault = .unprocessable(code: 602, "\(index).labels in body is required") }
    }

    private mutating func readValue(
        of key: JSONScanner.Text, _ scanner: inout JSONScanner, _ index: Int
    ) throws(JSONScanner.Fault) {
        switch Self.key(key, scanner) {
        case .labels:
            guard try Self.readPairs(&scanner, index, "labels", &labels, &fault) else { return }
            hasLabels = true
        case .annotations:
            _ = try Self.readPairs(&scanner, index, "annotations", &annotations, &fault)
        case .startsAt: startsAt = try readMoment(&scanner, index, "startsAt")
        case .endsAt: endsAt = try readMoment(&scanner, index, "endsAt")
        case .generatorURL:
            if try scanner.takeNull() { return }
            guard let text = try readText(&scanner, index, "generatorURL") else { return }
            generator = text
        case nil: try scanner.skip()
        }
    }

    private enum Key: CaseIterable {
        case labels, annotations, startsAt, endsAt, generatorURL

        var word: StaticString {
            switch self {
            case .labels: "labels"
            case .annotations: "annotations"
            case .startsAt: "startsAt"
            case .endsAt: "endsAt"
            case .generatorURL: "generatorURL"
            }
        }
    }

    /// As Go reads keys: exactly, else whatever the case of their letters.
    private static func key(_ text: JSONScanner.Text, _ scanner: JSONScanner) -> Key? {
        switch text.count {
        case 6:
            if scanner.equals(text, "labels") { return .labels }
            if scanner.equals(text, "endsAt") { return .endsAt }
        case 8 where scanner.equals(text, "startsAt"): return .startsAt
        case 11 where scanner.equals(text, "annotations"): return .annotations
        case 12 where scanner.equals(text, "generatorURL"): return .generatorURL
        default: break
        }
        guard (6...12).contains(text.count), let name = scanner.value(text)?.lowercased() else { return nil }
        return Key.allCases.first { "\($0.word)".lowercased() == name }
    }

    /// - Returns: whether there is an object, with nothing wrong in it.
    private static func readPairs(
        _ scanner: inout JSONScanner, _ index: Int, _ what: StaticString, _ pairs: inout [Pair],
        _ fault: inout Fault?
    ) throws(JSONScanner.Fault) -> Bool {
        if try scanner.takeNull() { return false }
        guard scanner.peek() == 0x7b else {
            try scanner.skip()
            fault = fault ?? .unreadable("\(what) of alert \(index) is no object")
            return false
        }
        try scanner.expect(0x7b)
        pairs.removeAll(keepingCapacity: true)
        if !scanner.take(0x7d) {
            repeat {
                _ = scanner.peek()
                let name = try scanner.text()
                try scanner.expect(0x3a)
                switch scanner.peek() {
                case 0x22: pairs.append(Pair(name: name, value: try scanner.text()))
                // Go leaves the text empty.
                case UInt8(ascii: "n"):
                    _ = try scanner.takeNull()
                    pairs.append(Pair(name: name, value: .empty))
                default:
                    try scanner.skip()
                    let name = scanner.value(name) ?? ""
                    fault = fault ?? .unreadable("\"\(name)\" among the \(what) of alert \(index) is no text")
                }
            } while scanner.take(0x2c)
            try scanner.expect(0x7d)
        }
        return true
    }

    private mutating func readText(
        _ scanner: inout JSONScanner, _ index: Int, _ what: StaticString
    ) throws(JSONScanner.Fault) -> JSONScanner.Text? {
        if scanner.peek() == 0x22 { return try scanner.text() }
        try scanner.skip()
        note(.unreadable("\(what) of alert \(index) is no text"))
        return nil
    }

    private mutating func readMoment(
        _ scanner: inout JSONScanner, _ index: Int, _ what: StaticString
    ) throws(JSONScanner.Fault) -> Moment? {
        if try scanner.takeNull() { return nil }
        guard let text = try readText(&scanner, index, what) else { return nil }
        switch InstantText.read(scanner.raw(text)) {
        case .none: return nil
        case .moment(let moment): return moment
        case .unreadable:
            note(.unreadable("\(what) of alert \(index) is no date-time: \(scanner.value(text) ?? "")"))
            return nil
        }
    }

    private mutating func note(_ fault: Fault) {
        if self.fault == nil { self.fault = fault }
    }
}
