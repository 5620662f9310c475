import Crypto
import Foundation
import FoundationEssentials
import Response
import World

/// What providers have published about requests to them, as a list of complaints.
enum ProviderRules {
    typealias Request = StubProvider.Request

    /// `chat.postMessage`, "Block Kit reference", "Message metadata".
    static func slack(_ request: Request) -> [String] {
        var complaints = basics(request, type: "application/json")
        if request.target != "/api/chat.postMessage" { complaints.append("no such method: \(request.target)") }
        if request.fields["authorization"]?.hasPrefix("Bearer xoxb-") != true { complaints.append("not_authed") }
        guard let body = JSONValue(parsing: Array(request.body.utf8)) else { return complaints + ["invalid_json"] }
        if body["channel"]?.string?.isEmpty != false { complaints.append("channel_not_found") }
        if let text = body["text"]?.string, !text.isEmpty, text.count <= 40_000 {} else { complaints.append("no_text") }
        if let thread = body["thread_ts"]?.string, thread.wholeMatch(of: /\d{10}\.\d{6}/) == nil {
            complaints.append("invalid_thread_ts")
        }
        if body["metadata"]?["event_type"]?.string?.isEmpty != false { complaints.append("invalid_metadata_schema") }
        guard case .object? = body["metadata"]?["event_payload"] else { return complaints + ["no event_payload"] }
        guard case .array(let blocks)? = body["blocks"] else { return complaints }
        if blocks.isEmpty || blocks.count > 50 { complaints.append("invalid_blocks: \(blocks.count)") }
        for block in blocks {
            switch block["type"]?.string {
            case "header":
                if block["text"]?["type"]?.string != "plain_text" || length(block["text"]?["text"]) > 150 {
                    complaints.append("invalid header")
                }
            case "section": if length(block["text"]?["text"]) > 3000 { complaints.append("section too long") }
            case "actions":
                guard case .array(let elements)? = block["elements"], (1...25).contains(elements.count) else {
                    complaints.append("invalid actions")
                    continue
                }
                for element in elements where length(element["text"]?["text"]) > 75 { complaints.append("button") }
            case "context", "divider": break
            default: complaints.append("unknown block \(block.text)")
            }
        }
        return complaints
    }

    /// "Send an alert event", and its OpenAPI description.
    static func pagerDuty(_ request: Request) -> [String] {
        var complaints = basics(request, type: "application/json")
        if request.target != "/v2/enqueue" { complaints.append("no such path: \(request.target)") }
        if request.body.utf8.count > 512 << 10 { complaints.append("larger than 512 KB") }
        guard let body = JSONValue(parsing: Array(request.body.utf8)) else { return complaints + ["not JSON"] }
        if length(body["routing_key"]) != 32 { complaints.append("Length of 'routing_key' is incorrect") }
        if length(body["dedup_key"]) > 255 { complaints.append("dedup_key") }
        let action = body["event_action"]?.string
        if !["trigger", "acknowledge", "resolve"].contains(action) { complaints.append("event_action") }
        guard action == "trigger" else { return complaints }
        if !(1...1024).contains(length(body["payload"]?["summary"])) { complaints.append("payload.summary") }
        if length(body["payload"]?["source"]) == 0 { complaints.append("payload.source") }
        if !["critical", "error", "warning", "info"].contains(body["payload"]?["severity"]?.string) {
            complaints.append("payload.severity")
        }
        return complaints
    }

    /// "Messages resource" and "Calls resource" of Twilio's API 2010-04-01.
    static func twilio(_ request: Request) -> [String] {
        var complaints = basics(request, type: "application/x-www-form-urlencoded")
        guard
            let match = request.target.wholeMatch(of: /\/2010-04-01\/Accounts\/AC[0-9a-f]{32}\/(Messages|Calls)\.json/)
        else { return complaints + ["no such resource: \(request.target)"] }
        if request.fields["authorization"]?.hasPrefix("Basic ") != true { complaints.append("20003") }
        let form = form(request.body)
        if form["To"]?.wholeMatch(of: /\+[1-9]\d{6,14}/) == nil { complaints.append("21211: To") }
        if match.1 == "Messages" {
            if form["From"] == nil, form["MessagingServiceSid"] == nil { complaints.append("21603: From") }
            if !(1...1600).contains(form["Body"]?.count ?? 0) { complaints.append("21617: Body") }
        } else {
            if form["From"] == nil { complaints.append("21213: From") }
            if !(1...4000).contains(form["Twiml"]?.count ?? 0) { complaints.append("21205: Twiml") }
        }
        return complaints
    }

    /// Standard Webhooks 1.0; the signature is computed here once more.
    static func webhook(_ request: Request, secret: String) -> [String] {
        var complaints = basics(request, type: "application/json")
        guard let id = request.fields["webhook-id"], let time = request.fields["webhook-timestamp"],
            let signature = request.fields["webhook-signature"],
            let key = Data(base64Encoded: String(secret.dropFirst(6)))
        else { return complaints + ["fields are missing"] }
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(id).\(time).\(request.body)".utf8), using: SymmetricKey(data: key))
        let expected = "v1," + Data(code).base64EncodedString()
        if !signature.split(separator: " ").contains(Substring(expected)) { complaints.append("not signed") }
        if let seconds = Double(time), abs(seconds - Date().timeIntervalSince1970) < 300 {
        } else {
            complaints.append("too old")
        }
        if JSONValue(parsing: Array(request.body.utf8)) == nil { complaints.append("not JSON") }
        return complaints
    }

    private static func basics(_ request: Request, type: String) -> [String] {
        var complaints: [String] = []
        if request.method != "POST" { complaints.append("method \(request.method)") }
        if request.fields["content-type"]?.hasPrefix(type) != true { complaints.append("not \(type)") }
        return complaints
    }

    static func form(_ body: String) -> [String: String] {
        var values: [String: String] = [:]
        for pair in body.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(sides[0])] = sides.count > 1 ? String(sides[1]).removingPercentEncoding ?? "" : ""
        }
        return values
    }

    private static func length(_ value: JSONValue?) -> Int { value?.string?.count ?? 0 }
}
