import World

/// A socket that carries lines.
struct LineChannel {
    /// 64 MiB: a start request of some thousand workloads.
    private static let longest = 64 << 20

    let socket: Socket
    private var splitter = LineSplitter(limit: longest)
    private var waiting: [LineSplitter.Line] = []

    init(_ socket: Socket) { self.socket = socket }

    /// The next line; `nil` at the end of the stream.
    ///
    /// - Parameter timeout: for each wait; `nil` = until the task is cancelled.
    mutating func next(timeout: Duration?) async throws -> LineSplitter.Line? {
        while waiting.isEmpty {
            let bytes = try await socket.receive(timeout: timeout)
            if bytes.isEmpty { return nil }
            waiting = splitter.feed(bytes)
        }
        return waiting.removeFirst()
    }
}
