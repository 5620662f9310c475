import Response
import World

/// What an ingest role has to know of the one that decides: who may send, and how their words are read.
struct IngestSettings: Codable, Sendable {
    /// A record, as it is written to a file or sent.
    struct Kept: Codable, Sendable {
        var kind: String
        var id: String
        var body: String

        init(_ record: Record) {
            kind = record.key.kind
            id = record.key.id
            body = record.body
        }
    }

    /// What is asked.
    struct Ask: Codable, Sendable {
        /// Of the settings that are known; `nil`: none are.
        var tag: String?
        /// Keys that were used since the last question.
        var uses: [IntegrationKey]
    }

    /// Another one with each change.
    var tag: String
    /// Integrations and their keys, hashed.
    var records: [Kept]
    var heartbeats: [String]
    /// Milliseconds.
    var resolveTimeout: Int
    /// When they were told.
    var at: Moment

    var keys: IntegrationKeys { IntegrationKeys(records.map { Record(kind: $0.kind, id: $0.id, body: $0.body) }) }
}
