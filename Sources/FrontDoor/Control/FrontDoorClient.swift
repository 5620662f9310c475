import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix

/// Calls a front door's control API over its Unix-domain socket; one short connection a call.
///
/// Every call throws `FrontDoorError`: the front door's own refusals as they were sent, `unreachable` when nobody answers,
/// `deadline-exceeded` when it takes too long.
package struct FrontDoorClient: Sendable {
    package let socket: String

    /// - Parameter socket: path of the control socket.
    package init(socket: String) { self.socket = socket }

    /// The configuration in force. Maps to `GET /v1/configuration`.
    package func configuration(deadline: Duration = .seconds(5)) async throws -> FrontDoorConfiguration {
        try await call(.GET, "/v1/configuration", deadline: deadline)
    }

    /// Puts a configuration in force and returns it as it serves, with chosen ports. Maps to `PUT /v1/configuration`.
    @discardableResult
    package func apply(
        _ configuration: FrontDoorConfiguration, deadline: Duration = .seconds(15)
    ) async throws -> FrontDoorConfiguration {
        try await call(.PUT, "/v1/configuration", body: try encode(configuration), deadline: deadline)
    }

    /// The golden signals of the last `window` seconds, or since the start. Maps to `GET /v1/signals`.
    package func signals(window: Int? = nil, deadline: Duration = .seconds(5)) async throws -> Signals {
        try await call(.GET, "/v1/signals" + (window.map { "?window=\($0)" } ?? ""), deadline: deadline)
    }

    /// The metrics in the Prometheus text format. Maps to `GET /metrics`.
    package func metrics(deadline: Duration = .seconds(5)) async throws -> String {
        String(buffer: try await send(.GET, "/metrics", body: nil, deadline: deadline))
    }

    /// Waits until a release that left the configuration holds no request. Maps to `POST /v1/drain`.
    ///
    /// - Parameters:
    ///   - deadline: of the drain; the call itself may take two seconds more.
    ///   - cutAfter: how long after it left what it still holds is cut.
    package func drain(
        service: String, release: String, deadline: Duration, cutAfter: Duration? = nil
    ) async throws -> DrainResult {
        let milliseconds = Int(deadline / .milliseconds(1))
        let body = DrainRequest(
            service: service, release: release, deadlineMilliseconds: milliseconds,
            cutAfterMilliseconds: cutAfter.map { Int($0 / .milliseconds(1)) })
        return try await call(.POST, "/v1/drain", body: try encode(body), deadline: deadline + .seconds(2))
    }

    /// Maps to `GET /v1/health`.
    package func health(deadline: Duration = .seconds(2)) async throws -> FrontDoorHealth {
        try await call(.GET, "/v1/health", deadline: deadline)
    }

    /// Asks the front door to end; returns once it has agreed, not once it is gone. Maps to `POST /v1/stop`.
    ///
    /// - Parameter grace: how long requests in flight may take.
    package func stop(grace: Duration = .seconds(30), deadline: Duration = .seconds(5)) async throws {
        let body = StopRequest(deadlineMilliseconds: Int(grace / .milliseconds(1)))
        let _: StopRequest = try await call(.POST, "/v1/stop", body: try encode(body), deadline: deadline)
    }

    // MARK: The call

    private func encode(_ value: some Encodable) throws -> ByteBuffer {
        ByteBuffer(bytes: try JSONEncoder().encode(value))
    }

    private func call<Value: Decodable>(
        _ method: HTTPMethod, _ uri: String, body: ByteBuffer? = nil, deadline: Duration
    ) async throws -> Value {
        let answer = try await send(method, uri, body: body, deadline: deadline)
        do {
            return try JSONDecoder().decode(Value.self, from: Data(answer.readableBytesView))
        } catch {
            throw unreadable("\(method.rawValue) \(uri)", String(describing: error))
        }
    }

    private func send(
        _ method: HTTPMethod, _ uri: String, body: ByteBuffer?, deadline: Duration
    ) async throws -> ByteBuffer {
        let operation = "\(method.rawValue) \(uri) on \(socket)"
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let answered = eventLoop.makePromise(of: ControlAnswer.self)
        let request = ControlRequest(method: method, uri: uri, body: body ?? ByteBuffer())
        let timer = eventLoop.scheduleTask(in: .nanoseconds(Int64(clamping: Int(deadline / .nanoseconds(1))))) {
            answered.fail(
                FrontDoorError(
                    code: .deadlineExceeded, operation: operation, underlying: "no answer within \(deadline)",
                    hint: "See whether the front door's process runs and has processor time; then try again."))
        }
        ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(ControlCall(request: request, answered: answered))
                }
            }
            .connect(unixDomainSocketPath: socket)
            .whenComplete { result in
                switch result {
                case .failure(let error): answered.fail(error)
                case .success(let channel):
                    answered.futureResult.whenComplete { _ in channel.close(promise: nil) }
                }
            }
        defer { timer.cancel() }
        let answer: ControlAnswer
        do {
            answer = try await answered.futureResult.get()
        } catch let error as FrontDoorError {
            throw error
        } catch {
            throw FrontDoorError(
                code: .unreachable, operation: operation, underlying: String(describing: error),
                hint: "The front door does not run, or not with this control socket; start the environment again.")
        }
        if (200..<300).contains(answer.status) { return answer.body }
        guard
            let problem = try? JSONDecoder().decode(
                [String: ControlProblem].self, from: Data(answer.body.readableBytesView))[
                    "error"]
        else { throw unreadable(operation, "status \(answer.status)") }
        throw FrontDoorError(
            code: problem.code, operation: problem.operation, underlying: problem.message, hint: problem.hint)
    }

    private func unreadable(_ operation: String, _ underlying: String) -> FrontDoorError {
        FrontDoorError(
            code: .answerUnreadable, operation: operation, underlying: underlying,
            hint: "The front door is probably of another version; restart it with this one.")
    }
}

private struct ControlAnswer: Sendable {
    var status: Int
    var body: ByteBuffer
}

/// Sends one request when the connection is up, and collects its answer.
private final class ControlCall: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: ControlRequest
    private let answered: EventLoopPromise<ControlAnswer>
    private var answer = ControlAnswer(status: 0, body: ByteBuffer())

    init(request: ControlRequest, answered: EventLoopPromise<ControlAnswer>) {
        self.request = request
        self.answered = answered
    }

    func channelActive(context: ChannelHandlerContext) {
        var headers = HTTPHeaders([("Host", "front-door"), ("Connection", "close")])
        if request.body.readableBytes > 0 {
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Content-Length", value: String(request.body.readableBytes))
        }
        let head = HTTPRequestHead(version: .http1_1, method: request.method, uri: request.uri, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(request.body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): answer.status = Int(head.status.code)
        case .body(var part): answer.body.writeBuffer(&part)
        case .end: answered.succeed(answer)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answered.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Without effect when the answer was complete.
        answered.fail(ChannelError.eof)
    }
}
