/// The answers in what a client received.
package struct StrictAnswers: Sendable {
    /// Final ones, 101 included.
    package var answers: [StrictMessage] = []
    package var problem: String?

    /// - Parameters:
    ///   - methods: of the requests that the client sent, in order: an answer to HEAD has no body.
    ///   - isClosed: the connection has ended behind these bytes.
    package init(_ bytes: [UInt8], methods: [String], isClosed: Bool) {
        var reader = StrictReader(bytes)
        do {
            while !reader.isAtEnd {
                guard let message = try Self.read(&reader, answers.count < methods.count ? methods[answers.count] : "")
                else {
                    if isClosed { throw Malformed(problem: "a head that stops: \(Text.latin(reader.rest.prefix(80)))") }
                    return
                }
                guard let status = Int(message.start[1]) else { continue }
                if (100..<200).contains(status), status != 101 { continue }
                answers.append(message)
                if status == 101 || !message.isComplete { return }
                if message.tokens("connection").contains("close"), !reader.isAtEnd {
                    throw Malformed(problem: "bytes behind the last answer: \(Text.latin(reader.rest.prefix(80)))")
                }
            }
        } catch let error as Malformed {
            problem = error.problem
        } catch {
            problem = "\(error)"
        }
    }

    /// The next answer; nil when its head is not whole.
    private static func read(_ reader: inout StrictReader, _ method: String) throws -> StrictMessage? {
        var attempt = reader
        guard let line = try attempt.line() else { return nil }
        let start = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard start.count == 3, start[0] == "HTTP/1.1", start[1].utf8.count == 3, let status = Int(start[1]),
            status >= 100
        else { throw Malformed(problem: "a status line: \(line)") }
        guard let fields = try attempt.fields() else { return nil }
        reader = attempt
        var message = StrictMessage(start: start, fields: fields)
        let lengths = message.values("content-length")
        let codings = message.values("transfer-encoding")
        guard lengths.count <= 1, lengths.isEmpty || codings.isEmpty, codings.count <= 1 else {
            throw Malformed(problem: "the framing is \(codings), \(lengths)")
        }
        if (100..<200).contains(status) || status == 204 {
            guard lengths.isEmpty, codings.isEmpty else { throw Malformed(problem: "\(status) with a framing") }
        }
        if method == "HEAD" || (100..<200).contains(status) || status == 204 || status == 304 {
            message.isComplete = true
        } else if let coding = codings.first {
            guard coding == "chunked" else { throw Malformed(problem: "the coding is \(coding)") }
            message.isComplete = try reader.chunks(into: &message, allowsExtensions: false)
        } else if let text = lengths.first {
            guard Text.isNumber(text), let length = Int(text) else { throw Malformed(problem: "the length is \(text)") }
            message.body = reader.take(length)
            message.isComplete = message.body.count == length
        } else {
            guard message.tokens("connection").contains("close") else {
                throw Malformed(problem: "an answer without an end")
            }
            message.body = reader.take(.max)
            message.isComplete = true
        }
        return message
    }
}
