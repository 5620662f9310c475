package import World

/// Takes apart what the engine sends of a container without a terminal: frames with a header of eight bytes, `[stream, 0, 0, 0, size]`
/// (Engine API, "Attach to a container", stream format).
///
/// Payload is passed on as it comes, so that a frame that claims four gibibytes costs no memory.
package struct DockerFrames: Sendable {
    private var header: [UInt8] = []
    private var left = 0
    private var stream = StandardStream.output

    package init() {}

    /// Whether a frame has begun and not ended.
    package var isInside: Bool { left > 0 || !header.isEmpty }

    /// - Throws: `WorldError` for a header that is none.
    package mutating func feed(_ bytes: [UInt8]) throws -> [(stream: StandardStream, bytes: [UInt8])] {
        var parts: [(stream: StandardStream, bytes: [UInt8])] = []
        var index = 0
        while index < bytes.count {
            if left > 0 {
                let count = min(left, bytes.count - index)
                parts.append((stream, Array(bytes[index..<index + count])))
                left -= count
                index += count
                continue
            }
            let count = min(8 - header.count, bytes.count - index)
            header += bytes[index..<index + count]
            index += count
            guard header.count == 8 else { break }
            guard header[0] <= 2, header[1...3].allSatisfy({ $0 == 0 }) else {
                throw WorldError(
                    code: "docker-answer-invalid", operation: "read a container's output",
                    underlying: "the header of a frame is none")
            }
            stream = header[0] == 2 ? .error : .output
            left = header[4...].reduce(0) { $0 << 8 | Int($1) }
            header = []
        }
        return parts
    }
}

/// Takes apart a stream of JSON values, one a line, as builds, pulls and events send them.
struct JSONLines: Sendable {
    private var splitter = LineSplitter(limit: Self.limit)
    /// More in one line is no message.
    private static let limit = 1 << 20
    let operation: String

    init(operation: String) { self.operation = operation }

    /// - Throws: `WorldError` for a line that is not JSON.
    mutating func feed(_ bytes: [UInt8]) throws -> [DockerAnswer] { try splitter.feed(bytes).compactMap(value) }

    /// What has no line end; a stream that was cut off ends in the middle of a value.
    mutating func finish() throws -> [DockerAnswer] { try splitter.flush().map { [$0] }?.compactMap(value) ?? [] }

    private func value(_ line: LineSplitter.Line) throws -> DockerAnswer? {
        if line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0d }) { return nil }
        guard !line.isCut, let value = JSONValue(parsing: line.bytes) else {
            throw WorldError(
                code: "docker-answer-invalid", operation: operation, underlying: "a line of the answer is not JSON",
                hint: "The connection may have broken off: see whether the engine runs, and try again.")
        }
        return DockerAnswer(value, operation: operation)
    }
}
