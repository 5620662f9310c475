import Response
import Spec
import World

/// What is asked of Opsgenie's API, and about which alert.
package enum OpsgenieCall: Hashable, Sendable {
    case create
    case close(String)
    case acknowledge(String)
    case note(String)
    case ping(heartbeat: String)
}

/// Opsgenie's Alert API (`/v2/alerts`) and the ping of its Heartbeat API: an alert is known by its alias.
enum OpsgenieAlerts {
    /// "Alert API", limits of the fields.
    static let messageCharacters = 130
    static let aliasCharacters = 512

    static func read(_ call: OpsgenieCall, _ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        if case .ping(let name) = call {
            return IngestOutcome([.beat(name)], answer: answer("PONG - Heartbeat received", context))
        }
        // A close or an acknowledgement may come without a body.
        let text = request.body.isEmpty ? .object([]) : JSONValue(parsing: request.body)
        guard let root = text, root.members != nil else {
            return IngestOutcome(answer: refusal(400, "Could not parse request body.", context.id))
        }
        let name: String
        switch call {
        case .create, .ping: return create(root, context)
        case .close(let alert), .acknowledge(let alert), .note(let alert): name = alert
        }
        let target: AlertTarget
        do throws(IngestFault) {
            target = try self.target(name, request, context)
        } catch {
            return invalid("identifierType", error.reason, context)
        }
        let by = who(root, context)
        let note = root["note"]?.word?.clipped(IngestContext.noteCharacters)
        var deeds: [IngestDeed] = note.map { [.note(target, text: $0, by: by)] } ?? []
        switch call {
        case .close: deeds.append(.resolve(target))
        case .acknowledge: deeds.append(.acknowledge(target, by: by))
        case .note where note == nil: return invalid("note", "Note can not be empty.", context)
        case .note, .create, .ping: break
        }
        return IngestOutcome(deeds, answer: answer("Request will be processed", context))
    }

    private static func who(_ root: JSONValue, _ context: IngestContext) -> String {
        (root["user"]?.word ?? root["source"]?.word)?.clipped(IngestContext.nameCharacters) ?? context.integration.name
    }

    private static func target(
        _ name: String, _ request: APIRequest, _ context: IngestContext
    ) throws(IngestFault) -> AlertTarget {
        switch request.parameters.first("identifierType") ?? "id" {
        case "alias": return context.target(name)
        // Our ids are fingerprints; what is none can only be an alias.
        case "id":
            return Fingerprint(name).map { .fingerprint($0, of: context.integration.name) } ?? context.target(name)
        case let type: throw IngestFault("identifierType \(type) is not known; it can be id or alias")
        }
    }

    private static func create(_ root: JSONValue, _ context: IngestContext) -> IngestOutcome {
        guard let message = root["message"]?.word else {
            return invalid("message", "Message can not be empty.", context)
        }
        let alias = root["alias"]?.word ?? context.id
        guard alias.count <= aliasCharacters else {
            return invalid("alias", "Alias can not be longer than \(aliasCharacters) characters.", context)
        }
        let priority = root["priority"]?.word ?? "P3"
        guard let level = SeverityTable.opsgenie[priority] else {
            return invalid("priority", "should be one of [ P1, P2, P3, P4, P5 ]", context)
        }
        var draft = AlertDraft()
        draft.label("alertname", message.clipped(messageCharacters))
        draft.label("severity", level.rawValue)
        draft.label("entity", root["entity"]?.word)
        draft.label("source", root["source"]?.word)
        let tags = root["tags"]?.items?.compactMap(\.word) ?? []
        draft.label("tags", tags.sorted().joined(separator: ","))
        draft.annotations(of: root["details"])
        draft.annotation("summary", message)
        draft.annotation("description", root["description"]?.word)
        draft.annotation("priority", priority)
        let responders = root["responders"]?.items?.compactMap { one in
            one["name"]?.word ?? one["username"]?.word ?? one["id"]?.word
        }
        draft.annotation("responders", responders?.joined(separator: ", "))
        do throws(IngestFault) {
            var deeds: [IngestDeed] = [.report(try draft.report(context, key: alias))]
            if let note = root["note"]?.word {
                let note = note.clipped(IngestContext.noteCharacters)
                deeds.append(.note(context.target(alias), text: note, by: who(root, context)))
            }
            return IngestOutcome(deeds, answer: answer("Request will be processed", context))
        } catch {
            return invalid("alert", error.reason, context)
        }
    }

    private static func answer(_ result: String, _ context: IngestContext) -> Answer {
        .json(202) { writer in
            writer.object { writer in
                writer.key("result")
                writer.write(result)
                writer.key("took")
                writer.write(raw: Array("0.0".utf8))
                writer.key("requestId")
                writer.write(context.id)
            }
        }
    }

    private static func invalid(_ field: String, _ reason: String, _ context: IngestContext) -> IngestOutcome {
        IngestOutcome(
            answer: refusal(
                422, "Request body is not processable. Please check the errors.", context.id, errors: [field: reason]))
    }

    static func refusal(_ status: Int, _ message: String, _ id: String, errors: [String: String] = [:]) -> Answer {
        .json(status) { writer in
            writer.object { writer in
                writer.key("message")
                writer.write(message)
                if !errors.isEmpty {
                    writer.key("errors")
                    writer.write(errors)
                }
                writer.key("took")
                writer.write(raw: Array("0.0".utf8))
                writer.key("requestId")
                writer.write(id)
            }
        }
    }
}
