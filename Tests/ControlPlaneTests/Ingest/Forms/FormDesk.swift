import ControlPlane
import Response
import Spec
import Testing
import World

/// A desk with one integration and its key, as a test of a form needs it.
final class FormDesk {
    static let now = Moment(milliseconds: 1_800_000_000_000)
    static let id = "43a29c5c-3dbf-4fa4-9c26-f4f71023e120"

    var desk: IngestDesk
    let key: String
    var certificates: [String: [UInt8]] = [:]
    var now = FormDesk.now

    init(
        _ sender: Integration.Sender, _ change: (inout Integration) -> Void = { _ in },
        limits: IngestLimits = IngestLimits()
    ) throws {
        var integration = Integration(name: "shop", sender: sender, created: Self.now, createdBy: "ana")
        change(&integration)
        var keys = IntegrationKeys([])
        key = try keys.create(integration, random: Array(0..<29)).key
        desk = IngestDesk(keys: keys, limits: limits)
    }

    /// `KEY` in path, query, fields and body is the integration's key.
    func send(
        _ path: String, query: String = "", _ body: String = "", fields: [String: String] = [:],
        method: String = "POST",
        _ location: SourceLocation = #_sourceLocation
    ) throws -> IngestOutcome {
        func filled(_ text: String) -> String {
            text.split(separator: "KEY", omittingEmptySubsequences: false).joined(separator: key)
        }
        let request = APIRequest(
            method, filled(path), query: filled(query), fields: fields.mapValues(filled),
            body: Array(filled(body).utf8))
        desk.certificates = SigningCertificates()
        for (url, pem) in certificates { desk.certificates.put(pem, from: url, now: now) }
        let outcome = desk.take(request, now: now, id: Self.id)
        return try #require(outcome, sourceLocation: location)
    }
}

extension IngestOutcome {
    var reports: [AlertBook.Report] {
        deeds.compactMap { if case .report(let report) = $0 { report } else { nil } }
    }

    var text: String {
        switch answer.body {
        case .none, .live, .relay: ""
        case .json(let bytes), .bytes(let bytes, _): String(decoding: bytes, as: UTF8.self)
        case .text(let text): text
        }
    }

    var json: JSONValue? { JSONValue(parsing: Array(text.utf8)) }

    func field(_ name: String) -> String? { answer.fields.first { $0.0 == name }?.1 }
}

extension AlertBook.Report {
    func isOver(at now: Moment = FormDesk.now) -> Bool { endsAt.map { $0 <= now } ?? false }

    /// Its severity as the response reads it.
    var level: Level? { labels["severity"].flatMap(Level.init(severity:)) }
}
