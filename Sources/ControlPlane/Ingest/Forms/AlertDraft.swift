import Response
import World

/// An alert while a form is read.
struct AlertDraft {
    private(set) var labels: [String: String] = [:]
    private(set) var annotations: [String: String] = [:]
    var startsAt: Moment?
    /// `nil`: it fires until its sender says that it is over.
    var endsAt: Moment?
    var generatorURL = ""

    /// Sets a label whose name may need mending; nothing is no label.
    mutating func label(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        labels[Self.labelName(name)] = value
    }

    /// Sets labels that the sender names, as they are.
    mutating func labels(verbatim values: [String: String]) { labels.merge(values) { $1 } }

    mutating func annotation(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        annotations[Self.labelName(name)] = value
    }

    /// Sets each member of an object as an annotation: texts as they are, the rest as JSON; `null` is none.
    mutating func annotations(of value: JSONValue?) {
        guard case .object(let members)? = value else { return }
        for member in members where member.value != .null { annotation(member.key, member.value.display) }
    }

    /// Prometheus, "Data model": what it does not allow in a name becomes `_`.
    static func labelName(_ text: String) -> String {
        if AlertRules.isLabelName(text) { return text }
        var bytes = text.utf8.map { byte -> UInt8 in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) && byte < 0x80 ? byte : 0x5f
        }
        if bytes.first.map({ (0x30...0x39).contains($0) }) ?? true { bytes.insert(0x5f, at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The report, with what the integration adds.
    ///
    /// - Parameter key: what the sender calls the alert; `nil` where its labels identify it.
    /// - Throws: `IngestFault`, where it has no labels or more than may be.
    func report(_ context: IngestContext, key: String?) throws(IngestFault) -> AlertBook.Report {
        var labels = context.integration.labels.merging(self.labels) { $1 }
        guard !self.labels.values.allSatisfy(\.isEmpty) else { throw IngestFault("at least one label is needed") }
        if let key {
            labels[AlertKey.integrationLabel] = context.integration.name
            labels[AlertKey.keyLabel] = key
        }
        try check(labels, "label", context.limits)
        try check(annotations, "annotation", context.limits)
        let end = endsAt ?? context.openEnd
        let start = min(startsAt ?? context.now, context.now, end)
        return AlertBook.Report(
            labels: LabelSet(labels), annotations: Annotations(annotations), startsAt: start, endsAt: end,
            source: context.integration.name,
            generatorURL: AlertRules.isRequestURI(generatorURL) ? generatorURL : "")
    }

    private func check(
        _ values: [String: String], _ what: String, _ limits: IngestLimits
    ) throws(IngestFault) {
        guard values.count <= limits.labels else {
            throw IngestFault("\(values.count) \(what)s are more than the \(limits.labels) that are taken")
        }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard !name.isEmpty else { throw IngestFault("a \(what) has no name") }
            guard name.utf8.count <= limits.nameBytes else {
                throw IngestFault(
                    "a \(what)'s name has \(name.utf8.count) bytes, more than the \(limits.nameBytes) that are taken")
            }
            guard value.utf8.count <= limits.valueBytes else {
                throw IngestFault(
                    "\(what) \(AlertRules.quoted(name)) has \(value.utf8.count) bytes, more than the "
                        + "\(limits.valueBytes) that are taken")
            }
        }
    }
}

extension String {
    /// As much of it as so many characters hold.
    func clipped(_ count: Int) -> String {
        let clipped = self.count <= count ? self : String(prefix(count - 1)) + "…"
        // One character may be of any number of marks.
        guard clipped.utf8.count > count * 16 else { return clipped }
        return String(String.UnicodeScalarView(unicodeScalars.prefix(count - 1))) + "…"
    }

    /// Without blanks and line ends around it; `nil` when nothing is left.
    var meaningful: String? {
        let blank: (Character) -> Bool = { $0.isWhitespace }
        guard let first = firstIndex(where: { !blank($0) }), let last = lastIndex(where: { !blank($0) }) else {
            return nil
        }
        return String(self[first...last])
    }
}

extension JSONValue {
    /// A text, a number or a flag as text; `nil` for the rest and for blanks.
    var word: String? {
        switch self {
        case .string(let text): text.meaningful
        case .number(let digits): digits
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    var items: [JSONValue]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// RFC 3339, or seconds since 1970 (milliseconds where seconds would be after the year 5000).
    var moment: Moment? {
        switch self {
        case .string(let text): return InstantText.moment(text)
        case .number(let digits):
            guard let value = Double(digits), value > 0, value < 1e14 else { return nil }
            return Moment(milliseconds: Int(value > 1e11 ? value : value * 1000))
        case .null, .bool, .array, .object: return nil
        }
    }
}

extension InstantText {
    /// A moment in a sender's text; `nil` where it says none. An offset wins over a `Z` after it, which Python programs
    /// write that put one behind `isoformat()`.
    static func moment(_ text: String) -> Moment? {
        var bytes = Array(text.utf8)
        if bytes.count > 20, bytes.last == 0x5a, bytes.dropFirst(19).contains(where: { $0 == 0x2b || $0 == 0x2d }) {
            bytes.removeLast()
        }
        let outcome = bytes.withUnsafeBytes { read($0) }
        guard case .moment(let moment) = outcome else { return nil }
        return moment
    }
}
