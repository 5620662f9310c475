/// The last bytes of a stream.
struct TailBuffer {
    private var bytes: [UInt8] = []
    private(set) var isCut = false

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Cuts at twice the limit, so that a long stream is not moved with each piece.
    mutating func append(_ new: [UInt8], limit: Int) {
        bytes.append(contentsOf: new)
        if bytes.count > 2 * limit {
            bytes.removeFirst(bytes.count - limit)
            isCut = true
        }
    }
}
