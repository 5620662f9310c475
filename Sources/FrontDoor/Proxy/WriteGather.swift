import NIOCore

/// Joins the small writes of one turn, so that a head and a short body leave in one buffer and one system call.
struct WriteGather {
    private var held = ByteBuffer()

    /// What is larger than this is not worth a copy.
    private static let small = 4 * 1024
    private static let full = 32 * 1024

    /// What must be written before `data`; ask this first.
    mutating func due(before data: ByteBuffer) -> ByteBuffer? {
        data.readableBytes > Self.small || held.readableBytes + data.readableBytes > Self.full ? take() : nil
    }

    /// Keeps `data` for later, or gives it back to be written now.
    mutating func keep(_ data: ByteBuffer) -> ByteBuffer? {
        if data.readableBytes > Self.small { return data }
        if held.readableBytes == 0 { held = data } else { held.writeImmutableBuffer(data) }
        return nil
    }

    /// What is held; written before every flush.
    mutating func take() -> ByteBuffer? {
        guard held.readableBytes > 0 else { return nil }
        defer { held = ByteBuffer() }
        return held
    }
}
