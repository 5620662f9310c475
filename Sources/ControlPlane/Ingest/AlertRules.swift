import Response

/// What an alert must be to be taken, in Alertmanager's order and words; and limits of our own.
struct AlertRules: Sendable {
    var limits: IngestLimits

    /// Makes values of an alert's text.
    ///
    /// - Throws: `AlertText.Fault`
    func report(
        _ text: AlertText, _ scanner: JSONScanner, index: Int, now: Moment, resolveTimeout: Duration
    ) throws(AlertText.Fault) -> AlertBook.Report {
        let labels = try values(text.labels, scanner, index, "label")
        let annotations = Annotations(try values(text.annotations, scanner, index, "annotation"))
        guard let url = scanner.value(text.generator) else {
            throw .unreadable("generatorURL of alert \(index) has an escape that JSON does not know")
        }
        if !url.isEmpty, !Self.isRequestURI(url) {
            throw .unprocessable(code: 601, "\(index).generatorURL in body must be of type uri: \(Self.quoted(url))")
        }
        // An alert that names its end only is as short as can be, as Alertmanager 0.25 has it.
        let start = text.startsAt ?? text.endsAt ?? now
        if (text.endsAt ?? now + resolveTimeout) < start { throw .invalid("start time must be before end time") }
        let set = LabelSet(labels)
        if set.isEmpty { throw .invalid("at least one label pair required") }
        if let name = set.labels.first(where: { !Self.isLabelName($0.name) })?.name {
            throw .invalid("invalid label set: invalid name \(Self.quoted(name))")
        }
        if let name = annotations.pairs.first(where: { !Self.isLabelName($0.name) })?.name {
            throw .invalid("invalid annotations: invalid name \(Self.quoted(name))")
        }
        return AlertBook.Report(
            labels: set, annotations: annotations, startsAt: start, endsAt: text.endsAt, source: "alertmanager",
            generatorURL: url)
    }

    private func values(
        _ pairs: [AlertText.Pair], _ scanner: JSONScanner, _ index: Int, _ what: StaticString
    ) throws(AlertText.Fault) -> [LabelSet.Label] {
        guard pairs.count <= limits.labels else {
            throw .invalid("alert \(index) has \(pairs.count) \(what)s, and \(limits.labels) at most are taken")
        }
        var found: [LabelSet.Label] = []
        found.reserveCapacity(pairs.count)
        for pair in pairs {
            guard pair.name.count <= limits.nameBytes else {
                throw .invalid(
                    "a \(what)'s name of alert \(index) has \(pair.name.count) bytes, and \(limits.nameBytes) at most "
                        + "are taken")
            }
            guard let name = scanner.value(pair.name), let value = scanner.value(pair.value) else {
                throw .unreadable("a \(what) of alert \(index) has an escape that JSON does not know")
            }
            guard pair.value.count <= limits.valueBytes else {
                throw .invalid(
                    "\(what) \(Self.quoted(name)) of alert \(index) has \(pair.value.count) bytes, and "
                        + "\(limits.valueBytes) at most are taken")
            }
            found.append(LabelSet.Label(name: name, value: value))
        }
        return found
    }

    /// Prometheus, "Data model": `[a-zA-Z_][a-zA-Z0-9_]*`.
    static func isLabelName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            byte == 0x5f || (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) && byte < 0x80
        }
    }

    /// A URI with a scheme, or an absolute path: what Go's `url.ParseRequestURI` takes.
    static func isRequestURI(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }), let first = text.utf8.first else { return false }
        if first == UInt8(ascii: "/") { return true }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), (0x61...0x7a).contains(first | 0x20) else {
            return false
        }
        return text.utf8[..<colon].allSatisfy { byte in
            (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2b || byte == 0x2d
                || byte == 0x2e
        }
    }

    /// As Go's `%q` writes a text.
    static func quoted(_ text: String) -> String {
        var writer = JSONWriter(capacity: text.utf8.count + 8)
        writer.write(text)
        return writer.text
    }
}

/// What one request and its alerts may hold, and how much may wait.
package struct IngestLimits: Sendable, Hashable {
    /// Bytes of a request's body; above it 413.
    package var bodyBytes = 8 << 20
    /// Labels of an alert, and annotations.
    package var labels = 128
    /// Bytes of a label's name.
    package var nameBytes = 1024
    /// Bytes of a label's or annotation's value.
    package var valueBytes = 64 << 10
    /// Changed alerts that wait for a commit; above it 429.
    package var waitingAlerts = 50_000
    /// Alerts that are known at a time; above it new ones are answered 429, known ones are taken.
    package var knownAlerts = 500_000
    /// Bytes of requests that are not complete, of all connections together; above it 429.
    package var receivingBytes = 64 << 20
    package var connections = 4_000
    /// Lists of alerts that are written down at a time; above it 429.
    package var lists = 16

    package init() {}
}
