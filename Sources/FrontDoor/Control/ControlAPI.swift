import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1

/// One call of the control API, with its whole body.
struct ControlRequest: Sendable {
    var method: HTTPMethod
    var uri: String
    var body: ByteBuffer

    var path: String { String(uri.prefix { $0 != "?" }) }

    func query(_ name: String) -> String? {
        guard let mark = uri.firstIndex(of: "?") else { return nil }
        for pair in uri[uri.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.first.map(String.init) == name { return parts.count > 1 ? String(parts[1]) : "" }
        }
        return nil
    }
}

struct ControlResponse: Sendable {
    var status: HTTPResponseStatus
    var contentType: String
    var body: ByteBuffer
}

/// Answers the calls of the control API.
struct ControlAPI: Sendable {
    let door: FrontDoor
    /// Told once a stop is asked for, with the time that requests in flight may take.
    let onStop: @Sendable (Duration) -> Void

    func answer(_ request: ControlRequest) async -> ControlResponse {
        do {
            return try await route(request)
        } catch let error as FrontDoorError {
            return problem(error)
        } catch {
            return problem(
                FrontDoorError(
                    code: .requestInvalid, operation: "\(request.method.rawValue) \(request.uri)",
                    underlying: String(describing: error), hint: "See docs/front-door.md for what this call takes."))
        }
    }

    private func route(_ request: ControlRequest) async throws -> ControlResponse {
        switch (request.method, request.path) {
        case (.GET, "/v1/configuration"):
            return try json(await door.configuration)
        case (.PUT, "/v1/configuration"):
            let configuration = try decode(FrontDoorConfiguration.self, request)
            return try json(try await door.apply(configuration))
        case (.GET, "/v1/signals"):
            return try json(await door.signals(window: try window(request)))
        case (.GET, "/metrics"):
            let text = await door.metrics()
            return ControlResponse(
                status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: ByteBuffer(string: text))
        case (.GET, "/v1/health"):
            return try json(await health())
        case (.POST, "/v1/drain"):
            let asked = try decode(DrainRequest.self, request)
            return try json(
                await door.drain(
                    service: asked.service, release: asked.release,
                    deadline: .milliseconds(min(max(asked.deadlineMilliseconds, 0), 86_400_000)),
                    cutAfter: asked.cutAfterMilliseconds.map { .milliseconds(min(max($0, 0), 86_400_000)) }))
        case (.POST, "/v1/stop"):
            let asked =
                request.body.readableBytes == 0
                ? StopRequest(deadlineMilliseconds: 30_000) : try decode(StopRequest.self, request)
            onStop(.milliseconds(min(max(asked.deadlineMilliseconds, 0), 86_400_000)))
            return try json(asked, status: .accepted)
        default:
            throw FrontDoorError(
                code: .requestInvalid, operation: "\(request.method.rawValue) \(request.path)",
                underlying: "the control API has no such call", hint: "docs/front-door.md lists the calls.")
        }
    }

    private func health() async -> FrontDoorHealth {
        let configuration = await door.configuration
        let lacking = await door.lackingListeners
        return FrontDoorHealth(
            status: await door.isStopping ? "stopping" : "serving", generation: configuration.generation,
            processIdentifier: Int(getpid()),
            listeners: configuration.listeners.map {
                .init(
                    name: $0.name, host: $0.host, port: $0.port, isSecure: $0.tls != nil, trouble: lacking[$0.name])
            },
            certificates: await door.certificates(), replicas: await door.replicas)
    }

    private func window(_ request: ControlRequest) throws -> Int? {
        guard let text = request.query("window") else { return nil }
        guard let seconds = Int(text), (1...ReleaseMeter.history).contains(seconds) else {
            throw FrontDoorError(
                code: .requestInvalid, operation: "GET \(request.uri)",
                underlying: "window \"\(text)\" is not between 1 and \(ReleaseMeter.history)",
                hint: "Ask for a whole number of seconds, or leave window out for everything since the start.")
        }
        return seconds
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ request: ControlRequest) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(request.body.readableBytesView))
        } catch {
            throw FrontDoorError(
                code: .requestInvalid, operation: "\(request.method.rawValue) \(request.path)",
                underlying: "the body is not the JSON of a \(type): \(Self.explain(error))",
                hint: "docs/front-door.md shows the JSON that this call takes.")
        }
    }

    /// The place and reason of a JSON that does not fit, in a clause.
    private static func explain(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty
                ? "top level" : path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "\(place(context.codingPath)): key \"\(key.stringValue)\" is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            return "\(place(context.codingPath)): \(context.debugDescription)"
        default:
            return String(describing: error)
        }
    }

    private func json(_ value: some Encodable, status: HTTPResponseStatus = .ok) throws -> ControlResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var body = ByteBuffer(bytes: try encoder.encode(value))
        body.writeStaticString("\n")
        return ControlResponse(status: status, contentType: "application/json", body: body)
    }

    private func problem(_ error: FrontDoorError) -> ControlResponse {
        let status: HTTPResponseStatus =
            switch error.code {
            case .configurationInvalid, .certificateInvalid: .unprocessableEntity
            case .generationStale, .bindFailed, .alreadyRunning: .conflict
            case .stateUnreadable, .stateUnwritable, .answerUnreadable: .internalServerError
            case .unreachable, .stopped: .serviceUnavailable
            case .deadlineExceeded: .gatewayTimeout
            case .requestInvalid: .badRequest
            }
        let problem = ControlProblem(
            code: error.code, operation: error.operation, message: error.underlying, hint: error.hint)
        let answer = try? json(["error": problem], status: status)
        return answer
            ?? ControlResponse(status: status, contentType: "text/plain", body: ByteBuffer(string: "\(error)\n"))
    }
}
