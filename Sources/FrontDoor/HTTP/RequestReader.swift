package import NIOCore

/// Takes whole requests, one after another, out of what a connection received: for servers of ours that answer themselves, by
/// the same strict rules as for requests that are forwarded.
package struct RequestReader {
    /// A request with its whole body.
    package struct Request {
        package var method: Method
        package var body: ByteBuffer
        /// The connection may be used again after the answer.
        package var keepAlive: Bool
        fileprivate var head: ByteBuffer
        fileprivate var methodSpan: Span32
        fileprivate var pathSpan: Span32
        fileprivate var targetSpan: Span32
        fileprivate var contentTypeSpan: Span32
        fileprivate var authorizationSpan: Span32
    }

    package enum Outcome {
        case incomplete
        /// The client waits for leave before it sends the body (RFC 9110 §10.1.1); said once for each request.
        case awaitsLeave
        case request(Request)
        case refused(Reason)
    }

    private let limits: FrontDoorConfiguration.Limits
    private var input = ByteBuffer()
    private var parser = HeadParser()
    private var request: Request?
    private var decoder = BodyDecoder(.none)
    private var length: Int?
    private var isLeaveDue = false

    /// - Parameter bodyBytes: a larger body is refused, where its length is known before it arrives.
    package init(bodyBytes: Int) {
        limits = FrontDoorConfiguration.Limits(bodyBytes: bodyBytes)
    }

    /// Bytes that were received and are not yet part of a request.
    package var waitingBytes: Int { input.readableBytes + (request?.body.readableBytes ?? 0) }

    /// Nothing of the next request has arrived.
    package var isIdle: Bool { request == nil && input.readableBytes == 0 }

    package mutating func append(_ bytes: ByteBuffer) { input.append(received: bytes) }

    /// The next request, if it is all there. After `refused` the connection is of no more use.
    package mutating func next() -> Outcome {
        if request == nil {
            if input.readableBytes == 0 { return .incomplete }
            switch input.withUnsafeReadableBytes({ parser.parse($0, limits: limits, skipsEmptyLines: true) }) {
            case .incomplete: return .incomplete
            case .refused(let reason): return .refused(reason)
            case .complete(let length):
                if let reason = begin(headLength: length) { return .refused(reason) }
            }
        }
        do throws(Reason) {
            guard try takeBody() else {
                guard isLeaveDue else { return .incomplete }
                isLeaveDue = false
                return .awaitsLeave
            }
        } catch {
            return .refused(error)
        }
        guard let whole = request else { return .incomplete }
        request = nil
        return .request(whole)
    }

    private mutating func begin(headLength: Int) -> Reason? {
        guard let bytes = input.readSlice(length: headLength) else { return .requestLine }
        defer { parser.reset() }
        var contentType = Span32.empty
        var authorization = Span32.empty
        let analyzed = bytes.withUnsafeReadableBytes { raw in
            for field in parser.fields {
                switch field.name.count {
                case 12 where raw.slice(field.name).equalsIgnoringCase("content-type"): contentType = field.value
                case 13 where raw.slice(field.name).equalsIgnoringCase("authorization"): authorization = field.value
                default: continue
                }
            }
            return RequestHead.analyze(raw, parser)
        }
        switch analyzed {
        case .failure(let reason): return reason
        case .success(let head):
            request = Request(
                method: head.method, body: ByteBuffer(), keepAlive: head.keepAlive, head: bytes,
                methodSpan: head.methodSpan, pathSpan: head.path, targetSpan: head.target,
                contentTypeSpan: contentType, authorizationSpan: authorization)
            isLeaveDue = head.expectsContinue
            length = nil
            switch head.framing {
            case .length(let count):
                if count > limits.bodyBytes { return .bodyTooLarge }
                length = count
            case .none, .chunked, .untilClose: decoder = BodyDecoder(head.framing)
            }
            return nil
        }
    }

    /// Whether the body is complete.
    private mutating func takeBody() throws(Reason) -> Bool {
        if let length {
            guard let body = input.readSlice(length: length) else { return false }
            request?.body = body
            return true
        }
        while !decoder.isDone {
            switch try decoder.next(&input, limits: limits) {
            case nil: return false
            case .data(let piece):
                if decoder.total > limits.bodyBytes { throw .bodyTooLarge }
                request?.body.writeImmutableBuffer(piece)
            case .end: return true
            }
        }
        return true
    }
}

extension RequestReader.Request {
    /// The method as it was written.
    package var methodText: String { text(methodSpan) }

    /// The target without its query, as it was written.
    package var path: String { text(pathSpan) }

    /// What follows the question mark; empty where there is none.
    package var query: String {
        let start = Int(pathSpan.end) + 1
        return start < Int(targetSpan.end) ? text(Span32(start, Int(targetSpan.end))) : ""
    }

    /// The field Content-Type; empty where there is none.
    package var contentType: String { text(contentTypeSpan) }

    /// Whether the body is said to be of a media type, whatever its parameters (RFC 9110 §8.3).
    package func has(_ mediaType: StaticString) -> Bool {
        head.withUnsafeReadableBytes { bytes in
            let field = bytes.slice(contentTypeSpan)
            var end = field.firstIndex(of: UInt8(ascii: ";")) ?? field.count
            while end > 0, field[end - 1] == 0x20 || field[end - 1] == 0x09 { end -= 1 }
            return UnsafeRawBufferPointer(rebasing: field[..<end]).equalsIgnoringCase(mediaType)
        }
    }

    /// Every field, by its name in lower case, in the order in which they came. Reads the head once more.
    package var fields: [(name: String, value: String)] {
        var parser = HeadParser()
        return head.withUnsafeReadableBytes { bytes in
            guard case .complete = parser.parse(bytes, limits: .init(), skipsEmptyLines: true) else { return [] }
            return parser.fields.map { field in
                (
                    String(decoding: bytes.slice(field.name), as: UTF8.self).lowercased(),
                    String(decoding: bytes.slice(field.value), as: UTF8.self)
                )
            }
        }
    }

    /// The field Authorization; empty where there is none.
    package var authorization: String { text(authorizationSpan) }

    private func text(_ span: Span32) -> String {
        head.withUnsafeReadableBytes { String(decoding: $0.slice(span), as: UTF8.self) }
    }
}
