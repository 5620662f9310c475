import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// An answer whose head has come, and whose body comes when it is asked for.
///
/// Who reads it to no end lets it go: the connection is closed then.
package struct IncomingAnswer: Sendable {
    package let status: Int
    /// In their order, a field that came twice twice.
    package let fields: [(name: String, value: String)]
    private let body: HTTPClientResponse.Body
    private let operation: String

    init(_ response: HTTPClientResponse, operation: String) {
        status = Int(response.status.code)
        fields = response.headers.map { ($0.name, $0.value) }
        body = response.body
        self.operation = operation
    }

    /// The value of a field, by its name in any case.
    package func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The whole body.
    ///
    /// - Throws: `WorldError`: `answer-too-large`, `timed-out`, `request-failed`.
    package func bytes(upTo limit: Int, within deadline: Duration) async throws -> [UInt8] {
        let operation = operation
        let body = body
        do {
            return try await Deadline.run(deadline, for: operation) {
                var all = ByteBuffer()
                for try await part in body {
                    all.writeImmutableBuffer(part)
                    guard all.readableBytes <= limit else {
                        throw WorldError(
                            code: "answer-too-large", operation: operation,
                            underlying: "the answer is larger than \(limit) bytes")
                    }
                }
                return Array(all.readableBytesView)
            }
        } catch let error as WorldError {
            throw error
        } catch {
            throw WorldError(code: "request-failed", operation: operation, underlying: HTTPCaller.words(error))
        }
    }

    /// Folds the pieces as they come into a value, until the server ends the body or the step says that it has enough.
    ///
    /// - Parameters:
    ///   - deadline: of all of it; `nil` for what has no end but the task's cancellation.
    ///   - step: returns whether it wants more.
    /// - Throws: `WorldError`: `timed-out`, `request-failed`; `CancellationError`; what the step throws.
    package func fold<Value: Sendable>(
        into value: Value, within deadline: Duration?, _ step: @escaping @Sendable (inout Value, [UInt8]) throws -> Bool
    ) async throws -> Value {
        let body = body
        let operation = operation
        let read: @Sendable () async throws -> Value = {
            var value = value
            var pieces = body.makeAsyncIterator()
            while true {
                let piece: ByteBuffer?
                do {
                    piece = try await pieces.next()
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    try Task.checkCancellation()
                    throw WorldError(code: "request-failed", operation: operation, underlying: HTTPCaller.words(error))
                }
                // A cancelled body ends like a complete one.
                try Task.checkCancellation()
                guard let piece else { return value }
                guard try step(&value, Array(piece.readableBytesView)) else { return value }
            }
        }
        guard let deadline else { return try await read() }
        return try await Deadline.run(deadline, for: operation) { try await read() }
    }

    /// Hands over each piece as it comes, until the server ends it or the task is cancelled.
    ///
    /// - Throws: `WorldError`
    package func pieces(_ take: @Sendable ([UInt8]) -> Void) async throws {
        do {
            for try await part in body { take(Array(part.readableBytesView)) }
        } catch {
            throw WorldError(code: "request-failed", operation: operation, underlying: HTTPCaller.words(error))
        }
    }
}
