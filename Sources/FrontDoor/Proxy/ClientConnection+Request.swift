import NIOCore
import Synchronization

extension ClientConnection {
    // MARK: Head

    /// Takes a request's head from the received bytes; returns whether anything came of it.
    func beginRequest() -> Bool {
        let limits = loop.snapshot.configuration.limits
        let outcome = input.withUnsafeReadableBytes { parser.parse($0, limits: limits, skipsEmptyLines: true) }
        switch outcome {
        case .incomplete:
            if wait != .head { arm(.head, loop.snapshot.timeouts.headerRead) }
            return false
        case .refused(let reason):
            refuse(reason)
            return false
        case .complete(let length):
            guard let bytes = input.readSlice(length: length) else { return false }
            let analyzed = bytes.withUnsafeReadableBytes { RequestHead.analyze($0, parser) }
            switch analyzed {
            case .failure(let reason):
                refuse(reason, head: bytes)
                return false
            case .success(let head):
                begin(head, bytes)
                parser.reset()
                return phase == .exchange || phase == .waiting
            }
        }
    }

    private func begin(_ head: RequestHead, _ bytes: ByteBuffer) {
        serial &+= 1
        wait = .answerHead
        deadline = .distantFuture
        phase = .exchange
        exchange = Exchange()
        exchange.started = .now()
        exchange.head = head
        exchange.bytes = bytes
        // A stream has frames instead of chunks, and says itself where the body ends.
        exchange.body = BodyDecoder(stream != nil && head.framing == .chunked ? .untilClose : head.framing)
        if !head.nominated.isEmpty { exchange.body.nominated = bytes.texts(head.nominated) }
        exchange.isRequestComplete = head.framing == .none
        exchange.closesAfter = !head.keepAlive
        bytes.withUnsafeReadableBytes { raw in
            identify(raw, head)
            if head.maxForwards == 0 {
                answerAsLast()
                return
            }
            if loop.accessLog != nil { exchange.userAgent = userAgent(raw) }
            let fields = RequestFields(bytes: raw, fields: parser.fields)
            let entry = loop.enter(
                listener: listener, host: raw.slice(head.host), path: raw.slice(head.path), fields,
                client: { client(raw, head, trustsForwarded: $0) }, passes: { passes($0) })
            switch entry {
            case .refused(let reason):
                fail(reason)
            case .redirect(let entry):
                redirect(entry, raw)
            case .challenge(let folder):
                answerChallenge(folder, raw)
            case .maintenance(let maintenance):
                exchange.refusal = .maintenance(maintenance)
                fail(.maintenance)
            case .bypass(let maintenance):
                admit(to: maintenance)
            case .limited(let refusal):
                exchange.refusal = .rate(refusal)
                fail(.rateLimited)
            case .release(
                let release, let service, let site, let stripped, let trustsForwarded, let maxBodyBytes, let ticket):
                exchange.ticket = ticket
                exchange.release = release
                exchange.service = service
                exchange.bodyLimit = maxBodyBytes
                if case .length(let length) = head.framing, length > maxBodyBytes {
                    fail(.bodyTooLarge)
                } else if let site {
                    exchange.site = site
                    serveFile(site, strippedPath(raw, head, stripped))
                } else {
                    forward(raw, head, stripped: stripped, trustsForwarded: trustsForwarded)
                }
            }
        }
    }

    /// Whose request it is: the peer's, or on a listener that trusts it, of whom the peer names.
    private func client(
        _ raw: UnsafeRawBufferPointer, _ head: RequestHead, trustsForwarded: Bool
    ) -> ClientAddress? {
        if trustsForwarded, !head.forwardedFor.isEmpty {
            let named = ClientAddress.forwarded(String(decoding: raw.slice(head.forwardedFor), as: UTF8.self))
            if let named { return named }
        }
        return peerAddress
    }

    /// Settles the request's id and the trace that it belongs to.
    private func identify(_ raw: UnsafeRawBufferPointer, _ head: RequestHead) {
        let given = raw.slice(head.requestID)
        if (1...128).contains(given.count), given.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            exchange.requestID = .given(ByteBuffer(bytes: given))
        } else {
            exchange.requestID = .made(loop.identities.next(), loop.identities.next())
        }
    }

    private func forward(_ raw: UnsafeRawBufferPointer, _ head: RequestHead, stripped: Int, trustsForwarded: Bool) {
        let fromParent = head.traceparent.isEmpty ? nil : TraceContext(traceparent: raw.slice(head.traceparent))
        let fromCloud =
            head.cloudTrace.isEmpty
            ? nil : TraceContext(cloudTrace: raw.slice(head.cloudTrace), newSpan: loop.identities.next())
        let trace =
            fromParent ?? fromCloud
            ?? TraceContext(
                traceHigh: loop.identities.next(), traceLow: loop.identities.next(), span: loop.identities.next(),
                sampled: false)
        exchange.trace = trace
        let forwarded = ForwardedContext(
            peer: peer, trustsForwarded: trustsForwarded, isSecure: isSecure, stripped: stripped,
            requestID: exchange.requestID,
            trace: trace, writesTraceparent: fromParent == nil,
            // Both fields name one trace: a cloud field that disagrees with the traceparent is replaced.
            writesCloudTrace: fromCloud == nil
                || fromParent.map { ($0.traceHigh, $0.traceLow) != (fromCloud?.traceHigh, fromCloud?.traceLow) }
                    ?? false
        )
        var out = ByteBufferAllocator().buffer(capacity: raw.count + 384)
        HeadWriter.request(raw, head, parser.fields, forwarded, into: &out)
        exchange.outgoing = out
        exchange.mayRetry =
            head.method.isIdempotent && head.framing == .none && !head.upgrades
            && exchange.service?.retriesDeadConnection == true
        exchange.mayHandOver = exchange.mayRetry
        dispatch(fresh: false)
    }

    // MARK: Dispatch

    /// Sends the request's head to the replica that holds the fewest requests.
    ///
    /// - Parameter fresh: on a connection of its own, since a kept one just turned out dead.
    func dispatch(fresh: Bool) {
        guard let release = exchange.release,
            let upstream = release.pick(
                excluding: exchange.tried, now: exchange.started, rules: loop.snapshot.rules)
        else {
            if handOver() { return }
            countUpstreamFailure()
            fail(exchange.lastConnectTimedOut ? .connectTimeout : .connectFailed)
            return
        }
        exchange.upstream = upstream
        exchange.attempts += 1
        exchange.replica = upstream.runtime.upstream.replica
        upstream.runtime.inFlight.add(1, ordering: .relaxed)
        if !fresh, let connection = upstream.takeIdle() {
            attach(connection, isReused: true)
            return
        }
        let serial = serial
        UpstreamConnection.connect(to: upstream, loop: loop) { result in
            self.connected(upstream, result, serial: serial)
        }
    }

    /// Gives a request that nobody of its release takes to the release that stands in; the failure is counted where it was.
    func handOver() -> Bool {
        guard let service = exchange.service, let release = exchange.release,
            let other = loop.enterStandIn(of: service.name, insteadOf: release)
        else { return false }
        let now = NIODeadline.now()
        release.meter.record(
            status: 502, microseconds: UInt64(max(0, (now - exchange.started).nanoseconds)) / 1_000,
            second: Self.second(now))
        loop.leave(release)
        exchange.release = other
        exchange.tried = []
        exchange.mayRetry = false
        exchange.mayHandOver = false
        dispatch(fresh: false)
        return true
    }

    private func connected(
        _ upstream: LoopUpstream, _ result: Result<UpstreamConnection, any Error>, serial: Int
    ) {
        guard serial == self.serial, phase == .exchange, exchange.connection == nil, exchange.answer == .awaited,
            exchange.upstream === upstream
        else {
            if case .success(let connection) = result { connection.close() }
            return
        }
        switch result {
        case .success(let connection) where connection.isUsable:
            attach(connection, isReused: false)
            advance()
        case .success(let connection):
            connection.close()
            connectFailed(upstream, timedOut: false)
        case .failure(let error):
            if case ChannelError.connectTimeout = error {
                connectFailed(upstream, timedOut: true)
            } else {
                connectFailed(upstream, timedOut: false)
            }
        }
    }

    private func connectFailed(_ upstream: LoopUpstream, timedOut: Bool) {
        // A second without it: long enough to spare most requests the attempt, short enough to notice its return.
        let avoidedUntil = NIODeadline.now() + .seconds(1)
        upstream.runtime.avoidedUntil.store(avoidedUntil.uptimeNanoseconds, ordering: .relaxed)
        countReplicaFailure(.unreachable)
        releaseUpstream()
        exchange.lastConnectTimedOut = timedOut
        exchange.tried.append(upstream)
        dispatch(fresh: false)
    }

    private func attach(_ connection: UpstreamConnection, isReused: Bool) {
        exchange.connection = connection
        if loop.accessLog != nil { exchange.sentAt = .now() }
        connection.begin(self, head: exchange.outgoing, isReused: isReused)
        if exchange.isRequestComplete {
            awaitAnswer()
        } else {
            arm(.requestBody, loop.snapshot.timeouts.idle)
            passRequestBody()
        }
        connection.flush()
    }

    private func awaitAnswer() {
        guard exchange.answer == .awaited, let service = exchange.service else { return }
        arm(.answerHead, service.responseHeader)
    }

    /// Gives back the replica's count, and with it the claim on its connection.
    func releaseUpstream() {
        exchange.upstream?.runtime.inFlight.subtract(1, ordering: .relaxed)
        exchange.upstream = nil
        exchange.connection = nil
    }

    // MARK: Body

    /// Passes on what has arrived of the request's body, as far as the service takes it.
    func passRequestBody() {
        guard let connection = exchange.connection else { return }
        let limits = loop.snapshot.configuration.limits
        var moved = false
        do throws(Reason) {
            while !exchange.isRequestComplete, connection.isWritable {
                var next = try exchange.body.next(&input, limits: limits)
                if next == nil, let stream {
                    next = try stream.requestEnd(limits: limits, isDrained: input.readableBytes == 0)
                }
                guard let piece = next else { break }
                moved = true
                switch piece {
                case .data(let data):
                    if exchange.body.total > exchange.bodyLimit { throw .bodyTooLarge }
                    passOn(data, to: connection)
                case .end(let trailers):
                    exchange.isRequestComplete = true
                    if exchange.head.framing == .chunked { connection.write(Self.lastChunk(trailers)) }
                }
            }
        } catch {
            fail(error)
            return
        }
        guard moved else { return }
        connection.flush()
        if exchange.isRequestComplete {
            awaitAnswer()
        } else if exchange.answer == .awaited {
            arm(.requestBody, loop.snapshot.timeouts.idle)
        }
    }

    private func passOn(_ data: ByteBuffer, to connection: UpstreamConnection) {
        if exchange.head.framing == .chunked {
            connection.write(Self.chunkSize(data.readableBytes))
            connection.write(data)
            connection.write(Self.lineEnd)
        } else {
            connection.write(data)
        }
    }

    /// The service can take more of the request, or of the tunnel.
    func upstreamWritable() {
        if phase == .exchange { advance() }
        resumeReading()
    }

    static let lineEnd = ByteBuffer(staticString: "\r\n")
    private static let emptyChunk = ByteBuffer(staticString: "0\r\n\r\n")

    static func chunkSize(_ count: Int) -> ByteBuffer {
        var line = ByteBufferAllocator().buffer(capacity: 18)
        line.writeHex(count)
        line.writeStaticString("\r\n")
        return line
    }

    static func lastChunk(_ trailers: ByteBuffer?) -> ByteBuffer {
        guard let trailers else { return emptyChunk }
        var end = ByteBuffer(staticString: "0\r\n")
        end.writeImmutableBuffer(trailers)
        end.writeStaticString("\r\n")
        return end
    }

    private func strippedPath(_ raw: UnsafeRawBufferPointer, _ head: RequestHead, _ stripped: Int) -> String {
        String(decoding: raw.slice(Span32(Int(head.path.start) + stripped, Int(head.path.end))), as: UTF8.self)
    }
}
