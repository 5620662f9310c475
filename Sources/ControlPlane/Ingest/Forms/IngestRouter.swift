import FoundationEssentials
import World

/// Where a message belongs: its form, and the key that came with it.
package struct IngestRoute: Hashable, Sendable {
    package var form: IngestForm
    /// `nil`: the sender gave none.
    package var key: String?
}

/// Knows every address that senders are given.
package enum IngestRouter {
    /// - Returns: `nil` for a path that is no sender's.
    package static func route(_ request: APIRequest) -> IngestRoute? {
        let segments = request.segments
        guard let first = segments.first else { return nil }
        switch first {
        case "v2": return foreign(Array(segments.dropFirst()), request)
        case "integrations" where segments.count >= 2:
            return segments[1] == "v1"
                ? onCall(Array(segments.dropFirst(2)), request) : own(Array(segments.dropFirst()), request)
        default: return nil
        }
    }

    /// PagerDuty's and Opsgenie's paths.
    private static func foreign(_ path: [String], _ request: APIRequest) -> IngestRoute? {
        func opsgenie(_ call: OpsgenieCall) -> IngestRoute {
            IngestRoute(form: .opsgenie(call), key: credential(request))
        }
        switch path.count {
        case 1 where path == ["enqueue"]: return IngestRoute(form: .pagerDutyEvent, key: routingKey(request))
        case 2 where path == ["change", "enqueue"]:
            return IngestRoute(form: .pagerDutyChange, key: routingKey(request))
        case 1 where path == ["alerts"]: return opsgenie(.create)
        case 3 where path[0] == "alerts":
            switch path[2] {
            case "close": return opsgenie(.close(path[1]))
            case "acknowledge": return opsgenie(.acknowledge(path[1]))
            case "notes": return opsgenie(.note(path[1]))
            default: return nil
            }
        case 3 where path[0] == "heartbeats" && path[2] == "ping": return opsgenie(.ping(heartbeat: path[1]))
        default: return nil
        }
    }

    /// `/integrations/v1/{type}/{key}/` and `…/heartbeat/`.
    private static func onCall(_ path: [String], _ request: APIRequest) -> IngestRoute? {
        switch path.count {
        case 2:
            let sender = OnCallIntegrations.sender(of: path[0])
            return IngestRoute(form: sender == .heartbeat ? .onCallHeartbeat : .onCall(sender), key: path[1])
        case 3 where path[2] == "heartbeat": return IngestRoute(form: .onCallHeartbeat, key: path[1])
        default: return nil
        }
    }

    /// `/integrations/{sender}[/{key}]`, and `/integrations/heartbeat/{key}[/{name}]`.
    private static func own(_ path: [String], _ request: APIRequest) -> IngestRoute? {
        guard let sender = Integration.Sender(rawValue: path[0]) else { return nil }
        let form: IngestForm
        switch sender {
        case .alertmanager: form = .alertmanager
        case .grafana: form = .grafana
        case .googleCloud: form = .googleCloud
        case .sns: form = .sns
        case .json: form = .json
        case .heartbeat: form = .heartbeat(name: path.count > 2 ? path[2] : nil)
        case .pagerDuty, .opsgenie: return nil
        }
        guard path.count <= (sender == .heartbeat ? 3 : 2) else { return nil }
        return IngestRoute(form: form, key: path.count > 1 ? path[1] : credential(request))
    }

    /// PagerDuty's key is in the body.
    private static func routingKey(_ request: APIRequest) -> String? {
        // Nobody knows yet who sent it: what is too large is not read for that.
        guard request.body.count <= PagerDutyEvents.bodyBytes else { return nil }
        return JSONValue(parsing: request.body)?["routing_key"]?.word
    }

    /// A key outside of path and body: `Authorization` as Opsgenie's GenieKey, a bearer token, or the password of Basic
    /// (RFC 7617); `apiKey` in the query as Opsgenie takes it, `auth_token` as Google Cloud Monitoring sends it.
    static func credential(_ request: APIRequest) -> String? {
        if let field = request.field("authorization"), let blank = field.firstIndex(of: " ") {
            let scheme = field[..<blank].lowercased()
            let text = String(field[blank...].drop { $0 == " " })
            switch scheme {
            case "geniekey", "bearer": return text
            case "basic":
                guard let data = Data(base64Encoded: text) else { return nil }
                let pair = String(decoding: data, as: UTF8.self)
                return pair.firstIndex(of: ":").map { String(pair[pair.index(after: $0)...]) }
            default: break
            }
        }
        let parameters = request.parameters
        return parameters.first("apiKey") ?? parameters.first("auth_token")
    }
}
