import NIOCore

/// How a message says where its body ends (RFC 9112 §6.3).
enum Framing: Equatable {
    case none
    case length(Int)
    case chunked
    /// Only responses: the body ends where the connection does.
    case untilClose
}

/// Takes a body out of a connection's bytes: strict about chunks (RFC 9112 §7.1), indifferent to what they hold.
///
/// Chunk extensions are dropped and chunks are written anew, so that the next server never sees a framing that the front
/// door read differently.
struct BodyDecoder {
    enum Piece {
        case data(ByteBuffer)
        /// The body is over. Trailers are lines with their CRLF, without the ones that may not be trailers.
        case end(trailers: ByteBuffer?)
    }

    private enum State {
        case length(Int)
        case untilClose
        case chunkSize
        case chunkData(Int)
        case chunkEnd
        case trailers
        case done
    }

    private var state: State
    private var trailerParser: HeadParser?
    /// Names that the head's Connection field took away, from the trailers too (RFC 9110 §7.6.1).
    var nominated: [String] = []
    private var extensionBytes = 0
    /// Bytes of body seen so far.
    private(set) var total = 0

    init(_ framing: Framing) {
        state =
            switch framing {
            case .none: .done
            case .length(let count): count == 0 ? .done : .length(count)
            case .chunked: .chunkSize
            case .untilClose: .untilClose
            }
    }

    var isDone: Bool {
        if case .done = state { true } else { false }
    }

    /// The next piece that `input` holds, or `nil` when more bytes are needed. `.end` comes once, unless the body was empty
    /// by its framing.
    mutating func next(
        _ input: inout ByteBuffer, limits: FrontDoorConfiguration.Limits
    ) throws(Reason) -> Piece? {
        while true {
            switch state {
            case .done:
                return nil
            case .untilClose:
                guard input.readableBytes > 0, let data = input.readSlice(length: input.readableBytes) else {
                    return nil
                }
                total += data.readableBytes
                return .data(data)
            case .length(let left):
                if left == 0 {
                    state = .done
                    return .end(trailers: nil)
                }
                guard let data = take(left, from: &input) else { return nil }
                state = .length(left - data.readableBytes)
                return .data(data)
            case .chunkSize:
                guard let line = try line(&input, limit: 1024) else { return nil }
                let (size, digits) = try Self.size(line)
                // Nobody needs them, and many small chunks with long ones cost time and no body (RFC 9112 §7.1.1).
                extensionBytes += line.readableBytes - digits
                if extensionBytes > Self.extensionLimit { throw .chunk }
                state = size == 0 ? .trailers : .chunkData(size)
            case .chunkData(let left):
                if left == 0 {
                    state = .chunkEnd
                    continue
                }
                guard let data = take(left, from: &input) else { return nil }
                state = .chunkData(left - data.readableBytes)
                return .data(data)
            case .chunkEnd:
                guard input.readableBytes >= 2 else {
                    if input.readableBytes == 1, input.getInteger(at: input.readerIndex, as: UInt8.self) != 0x0D {
                        throw .chunk
                    }
                    return nil
                }
                guard input.readInteger(as: UInt16.self) == 0x0D0A else { throw .chunk }
                state = .chunkSize
            case .trailers:
                return try trailers(&input, limits: limits)
            }
        }
    }

    /// Bytes that the chunk extensions of one body may have together.
    private static let extensionLimit = 16 * 1024

    private mutating func take(_ left: Int, from input: inout ByteBuffer) -> ByteBuffer? {
        let count = min(left, input.readableBytes)
        guard count > 0, let data = input.readSlice(length: count) else { return nil }
        total += count
        return data
    }

    private func line(_ input: inout ByteBuffer, limit: Int) throws(Reason) -> ByteBuffer? {
        guard let length = input.readableBytesView.prefix(limit + 1).firstIndex(of: 0x0A) else {
            if input.readableBytes > limit { throw .chunk }
            return nil
        }
        let count = length - input.readerIndex
        guard count > 0, input.getInteger(at: length - 1, as: UInt8.self) == 0x0D else { throw .bareLineFeed }
        let line = input.readSlice(length: count - 1)
        input.moveReaderIndex(forwardBy: 2)
        return line
    }

    private static func size(_ line: ByteBuffer) throws(Reason) -> (size: Int, digits: Int) {
        var size = 0
        var digits = 0
        for (index, byte) in line.readableBytesView.enumerated() {
            guard let digit = Hex.value(byte) else {
                // A chunk extension may follow; blanks before its semicolon are tolerated as RFC 9112 §7.1.1 asks (BWS).
                let rest = line.readableBytesView.dropFirst(index)
                guard digits > 0, rest.first(where: { $0 != 0x20 && $0 != 0x09 }) == UInt8(ascii: ";"),
                    rest.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F })
                else { throw .chunk }
                return (size, digits)
            }
            digits += 1
            guard digits <= 15 else { throw .chunk }
            size = size << 4 | Int(digit)
        }
        guard digits > 0 else { throw .chunk }
        return (size, digits)
    }

    private mutating func trailers(
        _ input: inout ByteBuffer, limits: FrontDoorConfiguration.Limits
    ) throws(Reason) -> Piece? {
        // The parser wants a start line; a trailer section has none, so an empty section is met here.
        if trailerParser == nil {
            guard input.readableBytes >= 2 else { return nil }
            if input.getInteger(at: input.readerIndex, as: UInt16.self) == 0x0D0A {
                input.moveReaderIndex(forwardBy: 2)
                state = .done
                return .end(trailers: nil)
            }
            trailerParser = HeadParser(withoutStartLine: ())
        }
        guard var parser = trailerParser else { return nil }
        trailerParser = nil
        let outcome = input.withUnsafeReadableBytes { parser.parse($0, limits: limits, skipsEmptyLines: false) }
        switch outcome {
        case .incomplete:
            trailerParser = parser
            return nil
        case .refused(let reason):
            throw reason
        case .complete(let length):
            guard let section = input.readSlice(length: length) else { return nil }
            state = .done
            return .end(trailers: Self.permitted(section, parser.fields, nominated: nominated))
        }
    }

    /// The permitted ones of trailers that did not come in chunks: lines with their CRLF, and an empty one behind them.
    static func trailers(
        _ section: ByteBuffer, limits: FrontDoorConfiguration.Limits
    ) throws(Reason) -> ByteBuffer? {
        var parser = HeadParser(withoutStartLine: ())
        let outcome = section.withUnsafeReadableBytes { parser.parse($0, limits: limits, skipsEmptyLines: false) }
        switch outcome {
        case .incomplete: throw .chunk
        case .refused(let reason): throw reason
        case .complete: return permitted(section, parser.fields)
        }
    }

    /// Leaves out trailers that steer framing, routing or authentication (RFC 9110 §6.5.1).
    private static func permitted(
        _ section: ByteBuffer, _ fields: [HeadParser.Field], nominated: [String] = []
    ) -> ByteBuffer? {
        var kept = ByteBuffer()
        section.withUnsafeReadableBytes { bytes in
            for field in fields where field.known == .other || field.known == .date {
                let name = bytes.slice(field.name)
                let forbidden: [StaticString] = [
                    "trailer", "authorization", "cookie", "set-cookie", "content-type", "content-encoding",
                    "content-range", "cache-control", "range", "age", "location",
                ]
                if forbidden.contains(where: { name.equalsIgnoringCase($0) }) { continue }
                if nominated.contains(where: { Array($0.utf8).withUnsafeBytes(name.equalsIgnoringCase) }) { continue }
                kept.writeBytes(bytes.slice(Span32(Int(field.name.start), Int(field.lineEnd))))
            }
        }
        return kept.readableBytes == 0 ? nil : kept
    }
}

extension ByteBuffer {
    /// Parts of a head as texts.
    func texts(_ spans: [Span32]) -> [String] {
        withUnsafeReadableBytes { bytes in spans.map { String(decoding: bytes.slice($0), as: UTF8.self) } }
    }

    /// Adds what a connection received to what is not yet taken.
    ///
    /// Taken bytes are given back from time to time: a client that pipelines without a pause would never empty the buffer.
    mutating func append(received buffer: ByteBuffer) {
        if readableBytes == 0 {
            self = buffer
        } else {
            if readerIndex > 64 * 1024 { discardReadBytes() }
            writeImmutableBuffer(buffer)
        }
    }
}
