import NIOCore

/// Follows the frames that a service sends over a WebSocket, only to know when one has ended (RFC 6455 §5.2).
struct WebSocketFrames {
    /// Of the frame that is passing: the first bytes, until its length is known.
    private var header: [UInt8] = []
    /// Of its payload and mask.
    private var left: UInt64 = 0
    private var hasClosed = false

    /// Whether a frame of ours would stand between two of the service's and mean something: not within one, and not
    /// after the service said goodbye itself. It may stand between the fragments of a message (§5.4).
    var isBetweenFrames: Bool { header.isEmpty && left == 0 && !hasClosed }

    /// A Close frame with status 1001, going away (§5.5.1, §7.4.1): a browser then tells its page so, and not that the
    /// connection broke (1006).
    static let goingAway = ByteBuffer(bytes: [0x88, 0x02, 0x03, 0xE9])

    mutating func pass(_ data: ByteBuffer) {
        var data = data
        while data.readableBytes > 0 {
            if left > 0 {
                let count = Int(clamping: min(left, UInt64(data.readableBytes)))
                data.moveReaderIndex(forwardBy: count)
                left -= UInt64(count)
            } else if let byte = data.readInteger(as: UInt8.self) {
                header.append(byte)
                begin()
            }
        }
    }

    /// Goes over to the payload once the header says how long it is.
    private mutating func begin() {
        guard header.count >= 2 else { return }
        let extended =
            switch header[1] & 0x7F {
            case 126: 2
            case 127: 8
            default: 0
            }
        guard header.count == 2 + extended else { return }
        let length =
            extended == 0
            ? UInt64(header[1] & 0x7F) : header[2...].reduce(0) { $0 << 8 | UInt64($1) }
        let mask: UInt64 = header[1] & 0x80 == 0 ? 0 : 4
        left = length.addingReportingOverflow(mask).partialValue
        if header[0] & 0x0F == 0x8 { hasClosed = true }
        header.removeAll(keepingCapacity: true)
    }
}
