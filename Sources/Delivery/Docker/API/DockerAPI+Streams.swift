import FoundationEssentials
package import World

/// One line that a container wrote.
package struct DockerLine: Sendable, Hashable {
    package var stream: StandardStream
    /// RFC 3339 with nanoseconds, as the engine noted it.
    package var time: String
    package var text: String
    /// The line was longer and goes on in the next one.
    package var isCut: Bool
}

/// Something that happened to a container.
package struct DockerEvent: Sendable, Hashable {
    /// `start`, `die`, `oom`, `health_status: healthy`, `destroy`.
    package var action: String
    package var container: String
    /// The container's labels, with `name`, `image` and `exitCode` among them.
    package var attributes: [String: String]
    /// Nanoseconds since 1970.
    package var time: Int
}

extension DockerAPI {
    /// The last lines that a container wrote, oldest first. Maps to `GET /containers/{id}/logs`.
    package func logs(of container: String, last: Int, within deadline: Duration = .seconds(30)) async throws
        -> [DockerLine]
    {
        try await lastLines(Self.path(container, "logs"), last, for: "read the log of \(container)", within: deadline)
    }

    func lastLines(_ path: String, _ last: Int, for operation: String, within deadline: Duration) async throws
        -> [DockerLine]
    {
        let answer = try await begin(
            "GET", path,
            ["stdout": "true", "stderr": "true", "timestamps": "true", "tail": "\(last)"], for: operation,
            within: deadline)
        do {
            var reader = try await answer.fold(into: LineReader(keeping: last), within: deadline) { reader, bytes in
                for line in try reader.feed(bytes) { reader.keep(line) }
                return true
            }
            for line in try reader.finish() { reader.keep(line) }
            return reader.kept
        } catch {
            throw refusal(operation).failed(error)
        }
    }

    /// Hands over each line that a container writes, from so many back, until it ends or the task is cancelled. Maps to
    /// `GET /containers/{id}/logs` with `follow`.
    ///
    /// - Parameter since: seconds since 1970 with a fraction, as a text; the last line that was read, say.
    package func follow(
        _ container: String, last: Int? = nil, since: String? = nil,
        onLine: @escaping @Sendable (DockerLine) -> Void
    ) async throws {
        try await follow(
            Self.path(container, "logs"), last: last, since: since, for: "follow the log of \(container)",
            onLine: onLine)
    }

    func follow(
        _ path: String, last: Int?, since: String?, for operation: String,
        onLine: @escaping @Sendable (DockerLine) -> Void
    ) async throws {
        var query = ["stdout": "true", "stderr": "true", "timestamps": "true", "follow": "true"]
        query["tail"] = last.map { "\($0)" } ?? "all"
        query["since"] = since
        let answer = try await begin("GET", path, query, for: operation, within: .seconds(30))
        do {
            var reader = try await answer.fold(into: LineReader(keeping: 0), within: nil) { reader, bytes in
                for line in try reader.feed(bytes) { onLine(line) }
                return true
            }
            for line in try reader.finish() { onLine(line) }
        } catch {
            throw refusal(operation).failed(error)
        }
    }

    /// Hands over what happens to containers with a label until the task is cancelled, or the engine ends. Maps to `GET /events`.
    ///
    /// - Parameters:
    ///   - since: seconds since 1970, for what was missed.
    ///   - isOpen: called once the engine listens: from then on nothing is missed.
    package func events(
        labelled label: String, since: Int? = nil, isOpen: @Sendable () -> Void = {},
        onEvent: @escaping @Sendable (DockerEvent) -> Void
    ) async throws {
        let operation = "watch the containers"
        var query = ["filters": Self.filters(["type": ["container"], "label": [label]])]
        query["since"] = since.map { "\($0)" }
        let answer = try await begin("GET", "/events", query, for: operation, within: .seconds(30))
        isOpen()
        do {
            _ = try await answer.fold(into: JSONLines(operation: operation), within: nil) { lines, bytes in
                for value in try lines.feed(bytes) {
                    let actor = try value.required("Actor")
                    onEvent(
                        DockerEvent(
                            action: try value.text("Action"), container: try actor.text("ID"),
                            attributes: try actor.dictionary("Attributes"), time: try value.number("timeNano")))
                }
                return true
            }
        } catch {
            throw refusal(operation).failed(error)
        }
    }
}

/// Lines of both outputs, each with the time that the engine wrote before it.
private struct LineReader: Sendable {
    private var frames = DockerFrames()
    private var output = LineSplitter()
    private var errors = LineSplitter()
    private let most: Int
    private(set) var kept: [DockerLine] = []

    init(keeping most: Int) { self.most = most }

    mutating func keep(_ line: DockerLine) {
        kept.append(line)
        // The engine was asked for so many; one that sends more is not believed.
        if kept.count > most { kept.removeFirst() }
    }

    mutating func feed(_ bytes: [UInt8]) throws -> [DockerLine] {
        try frames.feed(bytes).flatMap { part in
            switch part.stream {
            case .output: output.feed(part.bytes).map { Self.line($0, .output) }
            case .error: errors.feed(part.bytes).map { Self.line($0, .error) }
            }
        }
    }

    /// - Throws: `WorldError` when the stream ended inside a frame.
    mutating func finish() throws -> [DockerLine] {
        guard !frames.isInside else {
            throw WorldError(
                code: "request-failed", operation: "read a container's output", underlying: "it ended inside a frame")
        }
        return [output.flush().map { Self.line($0, .output) }, errors.flush().map { Self.line($0, .error) }].compactMap
        { $0 }
    }

    private static func line(_ line: LineSplitter.Line, _ stream: StandardStream) -> DockerLine {
        let text = line.text
        guard let space = text.firstIndex(of: " "), text[..<space].contains("T") else {
            return DockerLine(stream: stream, time: "", text: text, isCut: line.isCut)
        }
        return DockerLine(
            stream: stream, time: String(text[..<space]), text: String(text[text.index(after: space)...]),
            isCut: line.isCut)
    }
}
