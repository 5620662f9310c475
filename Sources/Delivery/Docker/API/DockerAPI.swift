import FoundationEssentials
import Synchronization
import World

/// The Engine API of one Docker Engine (docs.docker.com/engine/api/v1.41).
///
/// Every call has a deadline for all of it, every answer a bound. An answer is believed as far as it was read: fields that are used are
/// checked, others passed over.
package struct DockerAPI: Sendable {
    package let endpoint: DockerEndpoint
    private let connection: DockerConnection
    private let agreed: Agreed
    private static let answerLimit = 32 << 20

    /// What both sides speak, once they were asked.
    private final class Agreed: Sendable {
        let version = Mutex<DockerVersion?>(nil)
    }

    /// One that connects with its first question: nobody needs to be there yet.
    ///
    /// - Parameter environment: what `ssh` is started with: where it is found, its agent, its home.
    /// - Throws: `WorldError` for TLS files that cannot be used.
    package init(at endpoint: DockerEndpoint, environment: [String: String] = [:]) throws {
        self.init(try DockerConnection(endpoint, environment: environment))
    }

    /// One that has connected.
    ///
    /// - Throws: `WorldError`: `docker-unreachable`, `docker-permission`, `docker-version`, `timed-out`.
    package init(
        connectingTo endpoint: DockerEndpoint, environment: [String: String] = [:],
        within deadline: Duration = .seconds(20)
    ) async throws {
        try self.init(at: endpoint, environment: environment)
        _ = try await version(within: deadline)
    }

    init(_ connection: DockerConnection) {
        self.connection = connection
        endpoint = connection.endpoint
        agreed = Agreed()
    }

    /// What both sides speak; asked once. Maps to `GET /_ping`.
    ///
    /// - Throws: `WorldError`: `docker-unreachable`, `docker-permission`, `docker-version`, `timed-out`.
    package func version(within deadline: Duration) async throws -> DockerVersion {
        if let known = agreed.version.withLock({ $0 }) { return known }
        let operation = "reach the Docker Engine at \(endpoint)"
        let answer: IncomingAnswer
        do {
            answer = try await connection.caller.open(
                "GET", connection.base + "/_ping", fields: [("Host", "docker")], body: [], within: deadline)
            let body = try await answer.bytes(upTo: 64 << 10, within: deadline)
            guard answer.status == 200 else { throw refusal(operation).refused(status: answer.status, body: body) }
        } catch {
            throw refusal(operation).failed(error)
        }
        guard let text = answer.field("Api-Version"), let theirs = DockerVersion(text) else {
            throw WorldError(
                code: "docker-answer-invalid", operation: operation,
                underlying: "what answers names no version of the Engine API",
                hint: "Is it a Docker Engine that listens at \(endpoint)?")
        }
        guard theirs >= .oldest else {
            throw WorldError(
                code: "docker-version", operation: operation, underlying: "it speaks version \(theirs) of the API",
                hint: "hauban needs Docker 20.10 or newer, with API \(DockerVersion.oldest).")
        }
        let version = min(theirs, .newest)
        agreed.version.withLock { $0 = version }
        return version
    }

    /// Asks for one value and reads the answer to its end.
    ///
    /// - Returns: null for an answer without a body.
    /// - Throws: `WorldError`
    @discardableResult
    func ask(
        _ method: String, _ path: String, _ query: [String: String] = [:],
        fields: [(name: String, value: String)] = [], body: JSONValue? = nil, for operation: String,
        within deadline: Duration
    ) async throws -> DockerAnswer {
        let answer = try await begin(
            method, path, query, fields: fields, body: body, for: operation, within: deadline)
        let bytes: [UInt8]
        do {
            bytes = try await answer.bytes(upTo: Self.answerLimit, within: deadline)
        } catch {
            throw refusal(operation).failed(error)
        }
        if bytes.allSatisfy({ $0 == 0x0a || $0 == 0x20 || $0 == 0x0d }) {
            return DockerAnswer(.null, operation: operation)
        }
        guard let value = JSONValue(parsing: bytes) else {
            throw WorldError(
                code: "docker-answer-invalid", operation: operation, underlying: "the answer is not JSON",
                hint: "Is it a Docker Engine that listens at \(endpoint)?")
        }
        return DockerAnswer(value, operation: operation)
    }

    /// Begins a call whose answer is read as it comes.
    ///
    /// - Throws: `WorldError` for a status that is no success; 304 (nothing to do) is one.
    func begin(
        _ method: String, _ path: String, _ query: [String: String] = [:], fields: [(name: String, value: String)] = [],
        body: JSONValue? = nil, for operation: String, within deadline: Duration
    ) async throws -> IncomingAnswer {
        var bytes: [UInt8] = []
        var all = fields
        if let body {
            body.write(to: &bytes)
            all.append(("Content-Type", "application/json"))
        }
        let sent = bytes
        let head = all
        return try await checked(operation, deadline) { url, host in
            try await connection.caller.open(
                method, url + address(path, query), fields: [host] + head, body: sent, within: deadline)
        }
    }

    /// Begins a call whose body is sent piece by piece.
    func begin<Pieces: AsyncSequence & Sendable>(
        _ method: String, _ path: String, _ query: [String: String], fields: [(name: String, value: String)] = [],
        pieces: Pieces, for operation: String, within deadline: Duration
    ) async throws -> IncomingAnswer where Pieces.Element == [UInt8] {
        try await checked(operation, deadline) { url, host in
            try await connection.caller.open(
                method, url + address(path, query), fields: [host, ("Content-Type", "application/x-tar")] + fields,
                pieces: pieces, within: deadline)
        }
    }

    private func checked(
        _ operation: String, _ deadline: Duration,
        _ open: (String, (name: String, value: String)) async throws -> IncomingAnswer
    ) async throws -> IncomingAnswer {
        do {
            let version = try await version(within: deadline)
            let answer = try await open("\(connection.base)/v\(version)", ("Host", "docker"))
            if (200..<300).contains(answer.status) || answer.status == 304 { return answer }
            let body = try await answer.bytes(upTo: 1 << 20, within: deadline)
            throw refusal(operation).refused(status: answer.status, body: body)
        } catch {
            throw refusal(operation).failed(error)
        }
    }

    func refusal(_ operation: String) -> DockerRefusal {
        DockerRefusal(operation: operation, endpoint: endpoint, complaint: connection.complaint)
    }

    private func address(_ path: String, _ query: [String: String]) -> String {
        guard !query.isEmpty else { return path }
        return path + "?"
            + query.sorted { $0.key < $1.key }.map {
                "\(PercentEncoding.encoded($0.key))=\(PercentEncoding.encoded($0.value))"
            }
            .joined(separator: "&")
    }
}

extension JSONValue {
    /// An object from pairs, those without a value left out.
    static func members(_ pairs: (String, JSONValue?)...) -> JSONValue {
        .object(pairs.compactMap { key, value in value.map { Member(key, $0) } })
    }

    /// An object whose values are texts, by their keys.
    static func dictionary(_ values: [String: String]) -> JSONValue {
        .object(values.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) })
    }

    static func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

    static func integer(_ value: Int) -> JSONValue { .number("\(value)") }
}
