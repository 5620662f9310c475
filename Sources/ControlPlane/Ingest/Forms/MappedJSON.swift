import Response
import Spec
import World

/// Plain JSON of any sender, read as its integration's mapping says.
enum MappedJSON {
    static func read(_ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        guard let root = JSONValue(parsing: request.body) else {
            return IngestOutcome(answer: .fault(400, "the body is not JSON"))
        }
        let mapping = context.integration.mapping ?? .usual
        var items = [root]
        if let path = mapping.items {
            guard let list = path.value(in: root)?.items else {
                return IngestOutcome(answer: .fault(400, "there is no list of alerts at \(path)"))
            }
            items = list
        } else if let list = root.items {
            items = list
        }
        var deeds: [IngestDeed] = []
        var rejects: [IngestOutcome.Reject] = []
        var keys: [String] = []
        for (index, item) in items.enumerated() {
            do throws(IngestFault) {
                let (key, itsDeeds) = try deed(item, mapping, context)
                deeds += itsDeeds
                keys.append(key)
            } catch {
                rejects.append(.init(index: index, reason: error.reason))
            }
        }
        guard rejects.isEmpty else { return IngestOutcome(deeds, answer: .rejects(rejects), rejects: rejects) }
        let answer = Answer.json { writer in
            writer.object { writer in
                writer.key("status")
                writer.write("ok")
                writer.key("keys")
                writer.array { writer in for key in keys { writer.write(key) } }
            }
        }
        return IngestOutcome(deeds, answer: answer)
    }

    private static func deed(
        _ item: JSONValue, _ mapping: JSONMapping, _ context: IngestContext
    ) throws(IngestFault) -> (key: String, [IngestDeed]) {
        guard item.members != nil else { throw IngestFault("the alert is no object") }
        guard let title = mapping.title.word(in: item) else {
            let places = mapping.title.map(\.description).joined(separator: ", ")
            throw IngestFault("the alert has no title: nothing at \(places)")
        }
        var draft = AlertDraft()
        for path in mapping.labelObjects {
            for member in path.value(in: item)?.members ?? [] { draft.label(member.key, member.value.word) }
        }
        for (name, path) in mapping.labels { draft.label(name, path.value(in: item)?.word) }
        draft.label("alertname", title.clipped(255))
        let key = mapping.key.word(in: item) ?? LabelSet(draft.labels).fingerprint.description
        draft.label("severity", level(mapping.severity.word(in: item), mapping, context).rawValue)
        for path in mapping.annotationObjects { draft.annotations(of: path.value(in: item)) }
        for (name, path) in mapping.annotations { draft.annotation(name, path.value(in: item)?.display) }
        draft.annotation("summary", title)
        draft.annotation("description", mapping.message.word(in: item))
        draft.generatorURL = mapping.url.word(in: item) ?? ""
        draft.startsAt = mapping.startsAt.lazy.compactMap { $0.value(in: item)?.moment }.first
        let status = mapping.status.word(in: item)?.lowercased()
        if let status, mapping.resolved.contains(status) { draft.endsAt = context.now }
        let report = try draft.report(context, key: key)
        if let status, mapping.acknowledged.contains(status) {
            return (key, [.report(report), .acknowledge(context.target(key), by: context.integration.name)])
        }
        return (key, [.report(report)])
    }

    private static func level(_ word: String?, _ mapping: JSONMapping, _ context: IngestContext) -> Level {
        guard let word else { return context.integration.level }
        return mapping.severities[word.lowercased()] ?? Level(severity: word) ?? context.integration.level
    }
}

extension Answer {
    /// What went wrong with a message, for senders that have no form of their own for it.
    static func fault(
        _ status: Int, _ detail: String, rejects: [IngestOutcome.Reject] = [], fields: [String: String] = [:]
    ) -> Answer {
        let (word, title) =
            switch status {
            case 401: ("integration-key", "The integration key is missing or not valid")
            case 403: ("not-allowed", "The message is not taken from this sender")
            case 404: ("unknown", "The message is about nothing that is known here")
            case 405: ("method", "The method is not served")
            case 413: ("too-large", "The message is too large")
            case 429, 503: ("try-later", "To be tried again later")
            default: ("unreadable", "The message cannot be taken as it is")
            }
        let list = rejects.prefix(IngestOutcome.named).map { reject in
            JSONValue.object([
                .init("index", .number("\(reject.index)")), .init("reason", .string(reject.reason)),
            ])
        }
        return Problem(
            word, status: status, title: title, detail: detail,
            members: list.isEmpty ? [] : [.init("rejected", .array(list))], fields: fields
        ).answer
    }

    static func rejects(_ rejects: [IngestOutcome.Reject]) -> Answer {
        let first = rejects.first.map { "\($0.index): \($0.reason)" } ?? ""
        return fault(
            400, "\(rejects.count) of the alerts cannot be taken, the others are kept. \(first)", rejects: rejects)
    }
}
