import NIOCore
import Synchronization

extension ClientConnection {
    // MARK: From the service

    /// 100 Continue, 103 Early Hints and their like pass through before the answer; HTTP/1.0 does not know them
    /// (RFC 9110 §15.2).
    func upstreamInformed(_ bytes: ByteBuffer, _ head: ResponseHead, _ fields: [HeadParser.Field]) {
        guard !exchange.head.isHTTP10 else { return }
        var out = ByteBufferAllocator().buffer(capacity: bytes.readableBytes + 64)
        bytes.withUnsafeReadableBytes {
            HeadWriter.response(
                $0, head, fields, requestID: exchange.requestID, framing: .asIs, connection: nil, into: &out)
        }
        writeHead(out)
        flush()
    }

    func upstreamAnswered(
        _ connection: UpstreamConnection, _ bytes: ByteBuffer, _ head: ResponseHead, _ fields: [HeadParser.Field]
    ) {
        exchange.answer = .underway
        exchange.status = head.status
        exchange.mayRetry = false
        countReplicaAnswer(status: head.status)
        if loop.accessLog != nil { exchange.answeredAt = .now() }
        exchange.outgoing = ByteBuffer()
        switch head.framing {
        case .none, .length: exchange.framing = .asIs
        case .chunked, .untilClose:
            exchange.framing = stream != nil ? .asIs : exchange.head.isHTTP10 ? .untilClose : .chunked
        }
        // An answer before the request's end leaves a body that nobody wants; the connection ends with the answer.
        let ends =
            exchange.closesAfter || !exchange.isRequestComplete || exchange.framing == .untilClose || isLeaving
        exchange.closesAfter = ends
        var out = ByteBufferAllocator().buffer(capacity: bytes.readableBytes + 512)
        bytes.withUnsafeReadableBytes {
            HeadWriter.response(
                $0, head, fields, requestID: exchange.requestID, framing: exchange.framing,
                connection: ends
                    ? "Connection: close\r\n" : exchange.head.isHTTP10 ? "Connection: keep-alive\r\n" : nil,
                date: head.hasDate ? nil : loop.dateLine(),
                cookie: exchange.ticket == nil ? nil : ticketLine($0, fields),
                security: head.hasTransportSecurity ? nil : transportSecurity, into: &out)
        }
        writeHead(out)
        arm(.answerBody, loop.snapshot.timeouts.idle)
    }

    /// Strict-Transport-Security, which means nothing outside TLS (RFC 6797 §7.2).
    private var transportSecurity: ByteBuffer? {
        isSecure ? loop.snapshot.listeners[listener]?.secure?.transportSecurity : nil
    }

    /// Whether this connection may take no further request: the front door stops, or its listener is gone.
    var isLeaving: Bool {
        loop.traffic.isStopping.load(ordering: .relaxed) || loop.snapshot.listeners[listener] == nil
    }

    func upstreamData(_ data: ByteBuffer) {
        if exchange.framing == .chunked {
            write(Self.chunkSize(data.readableBytes))
            write(data)
            write(Self.lineEnd)
        } else {
            write(data)
        }
        arm(.answerBody, loop.snapshot.timeouts.idle)
    }

    func upstreamEnded(_ connection: UpstreamConnection, trailers: ByteBuffer?) {
        if stream == nil {
            if exchange.framing == .chunked, exchange.head.method != .head { write(Self.lastChunk(trailers)) }
            flush()
        }
        let isReusable = exchange.isRequestComplete
        releaseUpstream()
        if isReusable { connection.rest() } else { connection.close() }
        finish(trailers: trailers)
    }

    /// The service agreed to the protocol that the client asked for; returns false when the client did not ask.
    func upstreamSwitched(
        _ connection: UpstreamConnection, _ bytes: ByteBuffer, _ head: ResponseHead, _ fields: [HeadParser.Field]
    ) -> Bool {
        guard exchange.head.upgrades, exchange.isRequestComplete, asked(for: head.upgrade, in: bytes) else {
            return false
        }
        exchange.answer = .underway
        exchange.status = 101
        exchange.mayRetry = false
        countReplicaAnswer(status: 101)
        if loop.accessLog != nil { exchange.answeredAt = .now() }
        var out = ByteBufferAllocator().buffer(capacity: bytes.readableBytes + 512)
        bytes.withUnsafeReadableBytes {
            HeadWriter.response(
                $0, head, fields, requestID: exchange.requestID, framing: .asIs, connection: "Connection: Upgrade\r\n",
                into: &out)
        }
        write(out)
        flush()
        count(status: 101)
        beginTunnel(connection)
        return true
    }

    /// Whether the client named the protocol that the service switches to; an answer that names none is let pass
    /// (RFC 9110 §7.8).
    private func asked(for protocols: Span32, in answer: ByteBuffer) -> Bool {
        var names: [Span32] = []
        answer.withUnsafeReadableBytes { ConnectionOptions.forEach($0, protocols) { names.append($0) } }
        let offered = exchange.bytes.texts(exchange.head.protocols).map { $0.lowercased() }
        return answer.texts(names).allSatisfy { offered.contains($0.lowercased()) }
    }

    /// The connection to the service broke.
    ///
    /// - Parameter untouched: no byte of an answer had come.
    func upstreamLost(_ connection: UpstreamConnection, untouched: Bool) {
        guard exchange.connection === connection else { return }
        let upstream = exchange.upstream
        if phase != .tunnel { countReplicaFailure(.broken) }
        releaseUpstream()
        if phase == .tunnel {
            leaveRelease()
            closeAfterWrites()
            return
        }
        guard exchange.answer == .awaited else {
            // The client has part of an answer; only a broken connection tells it that the rest is missing.
            exchange.reason = .upstreamClosed
            countUpstreamFailure()
            close()
            return
        }
        if untouched, exchange.mayRetry {
            exchange.mayRetry = false
            // Who took no connection before is asked once more: it may be back by now.
            exchange.tried = []
            if let upstream, let release = exchange.release, release.upstreams.count > 1 {
                exchange.tried.append(upstream)
            }
            exchange.release?.meter.recordRetry(second: Self.second(.now()))
            dispatch(fresh: true)
            return
        }
        if untouched, exchange.mayHandOver, handOver() { return }
        countUpstreamFailure()
        fail(.upstreamClosed)
    }

    func upstreamInvalid(_ connection: UpstreamConnection) {
        guard exchange.connection === connection else { return }
        countReplicaFailure(.broken)
        releaseUpstream()
        countUpstreamFailure()
        if exchange.answer == .awaited {
            fail(.upstreamInvalid)
        } else {
            exchange.reason = .upstreamInvalid
            close()
        }
    }

    // MARK: From the front door

    /// Refuses what is not a request, so that nothing behind it on the connection can be trusted.
    ///
    /// - Parameter head: what there is of it, if it was taken out of what was received.
    func refuse(_ reason: Reason, head: ByteBuffer? = nil) {
        exchange = Exchange()
        // Even a refused HEAD has no body in its answer (RFC 9110 §9.3.2).
        exchange.head.method = (head ?? input).withUnsafeReadableBytes { bytes in
            guard bytes.count >= Int(parser.startLine.end) else { return .other }
            let line = bytes.slice(parser.startLine)
            return Method(UnsafeRawBufferPointer(rebasing: line.prefix { $0 != 0x20 }))
        }
        exchange.started = .now()
        exchange.requestID = .made(loop.identities.next(), loop.identities.next())
        exchange.closesAfter = true
        serial &+= 1
        phase = .exchange
        fail(reason)
    }

    /// Answers the present request with a reason instead of the service's answer.
    func fail(_ reason: Reason) {
        dropUpstream()
        guard exchange.answer == .awaited else {
            exchange.reason = reason
            close()
            return
        }
        exchange.reason = reason
        if exchange.release == nil { loop.refusals[reason, default: 0] += 1 }
        var answer = OwnAnswer(reason: reason, requestID: exchange.requestID.text)
        switch exchange.refusal {
        case .maintenance(let maintenance):
            answer.maintenance = maintenance
            answer.retryAfter = maintenance.until.map { max(1, $0 - UnixTime.now()) } ?? 300
        case .rate(let limited): answer.retryAfter = limited.seconds
        case nil: answer.retryAfter = reason.status == 503 ? 1 : nil
        }
        var (fields, body) = answer.written(for: wishes(for: reason))
        if reason == .methodNotAllowed { fields.writeStaticString("Allow: GET, HEAD\r\n") }
        if reason == .traceMethod { fields.writeString("Allow: \(Self.methods)\r\n") }
        if case .rate(let limited) = exchange.refusal { fields.writeString(limited.fields) }
        writeOwnHead(status: reason.status, fields: fields, length: body.readableBytes)
        if exchange.head.method != .head { write(body) }
        finishOwn()
    }

    /// Answers TRACE and OPTIONS that may be passed on no further (RFC 9110 §7.6.2).
    func answerAsLast() {
        guard exchange.head.method == .options else {
            fail(.traceMethod)
            return
        }
        let fields = ByteBuffer(string: "Allow: \(Self.methods)\r\n")
        writeOwnHead(status: 200, fields: fields, length: 0)
        finishOwn()
    }

    /// Ends an answer of the front door itself. A stream sends its last bytes and its end as one.
    func finishOwn() {
        if stream == nil { flush() }
        finish()
    }

    /// What is passed on to services.
    private static var methods: String { "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE" }

    /// The head of an answer that the front door gives itself.
    func writeOwnHead(status: Int, fields: ByteBuffer, length: Int?) {
        exchange.answer = .underway
        exchange.status = status
        if !exchange.isRequestComplete || isLeaving { exchange.closesAfter = true }
        var out = ByteBufferAllocator().buffer(capacity: 384)
        out.writeString("HTTP/1.1 \(status) \(Self.phrase(status))\r\n")
        out.writeImmutableBuffer(loop.dateLine())
        if let transportSecurity { out.writeImmutableBuffer(transportSecurity) }
        out.writeImmutableBuffer(fields)
        if exchange.ticket != nil, let line = ticketLine(fields) { out.writeImmutableBuffer(line) }
        if let length { out.writeString("Content-Length: \(length)\r\n") }
        out.writeStaticString("X-Request-Id: ")
        exchange.requestID.write(&out)
        out.writeStaticString("\r\n")
        if exchange.closesAfter {
            out.writeStaticString("Connection: close\r\n")
        } else if exchange.head.isHTTP10 {
            out.writeStaticString("Connection: keep-alive\r\n")
        }
        out.writeStaticString("\r\n")
        writeHead(out)
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 303: "See Other"
        case 304: "Not Modified"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 416: "Range Not Satisfiable"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Unknown"
        }
    }

    // MARK: The end

    /// The answer is complete: counts it, and takes the next request or ends the connection.
    ///
    /// - Parameter trailers: for HTTP/2, which writes them with the end; HTTP/1 has written them.
    func finish(trailers: ByteBuffer? = nil) {
        exchange.answer = .complete
        count(status: exchange.status)
        leaveRelease()
        let closes = exchange.closesAfter || !exchange.isRequestComplete
        exchange.bytes = ByteBuffer()
        if let stream {
            // What is written may still wait for the client's window; the stream ends when it is out, perhaps in this call.
            phase = .lingering
            arm(.lingering, loop.snapshot.timeouts.idle)
            stream.end(gather.take(), trailers: trailers)
            return
        }
        if closes {
            closeAfterWrites()
            return
        }
        phase = .waiting
        arm(.keepAlive, loop.snapshot.timeouts.keepAlive)
        advance()
        resumeReading()
    }

    /// Ends the connection once what was written is with the system, and not before: closing throws away what waits.
    ///
    /// - Parameter lingers: whether the client may be sending still.
    func closeAfterWrites(lingers: Bool = true) {
        if stream != nil {
            close()
            return
        }
        phase = .lingering
        input = ByteBuffer()
        arm(.lingering, loop.snapshot.timeouts.idle)
        guard let context else { return }
        flush()
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in
            guard self.phase == .lingering else { return }
            if lingers { self.linger() } else { self.close() }
        }
    }

    /// The exchange ends without a complete answer.
    func abandonExchange(clientLeft: Bool) {
        dropUpstream()
        exchange.clientLeft = clientLeft
        if phase == .exchange, let release = exchange.release {
            if clientLeft {
                release.meter.recordClientAborted(second: Self.second(.now()))
                // 499 as nginx has it: the status that the client did not wait for.
                exchange.status = exchange.answer == .awaited ? 499 : exchange.status
            }
            count(status: exchange.status)
        }
        leaveRelease()
    }

    func dropUpstream() {
        let connection = exchange.connection
        releaseUpstream()
        connection?.abandon()
    }

    func leaveRelease() {
        guard let release = exchange.release else { return }
        // A tunnel is counted when it begins and logged when it ends.
        if exchange.status == 101, phase == .tunnel, loop.accessLog != nil {
            logAccess(status: 101, microseconds: Self.microseconds(from: exchange.started, to: .now()))
        }
        exchange.release = nil
        loop.leave(release)
    }

    func countUpstreamFailure() { exchange.release?.meter.recordUpstreamFailure(second: Self.second(.now())) }

    private func count(status: Int) {
        let metrics = loop.snapshot.configuration.metrics
        guard metrics || loop.accessLog != nil else { return }
        let now = NIODeadline.now()
        let microseconds = Self.microseconds(from: exchange.started, to: now)
        if metrics {
            exchange.release?.meter.record(status: status, microseconds: microseconds, second: Self.second(now))
        }
        if loop.accessLog != nil, status != 101 { logAccess(status: status, microseconds: microseconds) }
    }
}
