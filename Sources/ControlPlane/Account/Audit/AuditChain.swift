package import Response
package import World

/// The end of the audit log, from which it goes on.
///
/// Kept beside the lines, and worth noting elsewhere: who can write to the store can write a whole new log, but not one that
/// ends in a hash that stands somewhere else.
package struct AuditChain: Sendable, Hashable {
    /// The number of the last line; 0 before the first.
    package private(set) var count: Int
    /// The hash of the last line.
    package private(set) var head: ContentHash

    /// An empty log.
    package init() {
        count = 0
        head = Self.origin
    }

    /// A log that ends so; `nil` when the text is not one of ``text``.
    package init?(parsing text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let count = Int(parts[0]), count >= 0, let head = ContentHash(hex: String(parts[1])),
            (count == 0) == (head == Self.origin)
        else { return nil }
        self.count = count
        self.head = head
    }

    /// For keeping and for showing: `42 5f0c…`.
    package var text: String { "\(count) \(head.hex)" }

    static let origin: ContentHash = {
        guard let hash = ContentHash(hex: String(repeating: "0", count: 64)) else {
            preconditionFailure("64 digits are a hash")
        }
        return hash
    }()

    /// The next line.
    package mutating func append(_ event: AuditEvent, at now: Moment) -> AuditLine {
        let line = AuditLine(number: count + 1, at: now, event: event, previous: head)
        follow(line)
        return line
    }

    /// The next lines, in the order of the events.
    package mutating func append(_ events: [AuditEvent], at now: Moment) -> [AuditLine] {
        events.map { append($0, at: now) }
    }

    mutating func follow(_ line: AuditLine) {
        count = line.number
        head = line.hash
    }
}

/// Reads a log from its first line, and finds the first place where it is not what was written.
package struct AuditCheck: Sendable {
    package enum Finding: Sendable, Hashable {
        /// The line in this place cannot be read as one.
        case unreadable(line: Int)
        /// Its text does not have its hash.
        case tampered(line: Int)
        /// Another line stands in this place: one is missing, was put in, or they were reordered.
        case outOfPlace(line: Int, found: Int)
        /// It does not go on from the line before: that one was replaced.
        case severed(line: Int)
        /// The log ends before its kept end.
        case cutShort(after: Int, of: Int)
        /// The last line is not the one that was kept as the last.
        case otherEnd(line: Int)
        /// The log goes on after its kept end.
        case continued(after: Int)
    }

    private var chain = AuditChain()
    /// The first; what comes after it is not looked at.
    package private(set) var finding: Finding?

    package init() {}

    /// The next stored line, in the order of their storing.
    package mutating func take(_ text: String) {
        guard finding == nil else { return }
        let expected = chain.count + 1
        guard let (line, hash) = AuditLine.read(text) else {
            finding = .unreadable(line: expected)
            return
        }
        guard line.hash == hash else {
            finding =
                line.number == expected ? .tampered(line: expected) : .outOfPlace(line: expected, found: line.number)
            return
        }
        guard line.number == expected else {
            finding = .outOfPlace(line: expected, found: line.number)
            return
        }
        guard line.previous == chain.head else {
            finding = .severed(line: expected)
            return
        }
        chain.follow(line)
    }

    /// After the last line: what is wrong with the log, if anything.
    ///
    /// - Parameter end: the kept end; `nil` checks the lines among themselves only.
    package func ended(at end: AuditChain?) -> Finding? {
        guard finding == nil, let end else { return finding }
        if chain.count < end.count { return .cutShort(after: chain.count, of: end.count) }
        if chain.count > end.count { return .continued(after: end.count) }
        return chain.head == end.head ? nil : .otherEnd(line: end.count)
    }

    /// All of a log that fits into memory.
    package static func verify(_ lines: some Sequence<String>, end: AuditChain?) -> Finding? {
        var check = AuditCheck()
        for line in lines { check.take(line) }
        return check.ended(at: end)
    }
}

extension AuditCheck.Finding: CustomStringConvertible {
    /// The first line that is not as it was written.
    package var firstWrong: Int {
        switch self {
        case .unreadable(let line), .tampered(let line), .outOfPlace(let line, _), .severed(let line),
            .otherEnd(let line):
            line
        case .cutShort(let count, _), .continued(let count): count + 1
        }
    }

    package var description: String {
        switch self {
        case .unreadable(let line): "line \(line) cannot be read"
        case .tampered(let line): "line \(line) was changed"
        case .outOfPlace(let line, let found): "line \(found) stands in the place of line \(line)"
        case .severed(let line): "line \(line) does not follow from the one before it"
        case .cutShort(let count, let whole): "the log ends after line \(count), and had \(whole)"
        case .otherEnd(let line): "line \(line) is not the one that was written last"
        case .continued(let line): "there are lines after \(line), which was the last"
        }
    }
}
