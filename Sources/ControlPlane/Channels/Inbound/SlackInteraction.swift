import Crypto
import FoundationEssentials
package import Response
package import World

/// Button presses as Slack posts them ("Handling user interaction"): a form with a `payload`, signed.
package enum SlackInteraction {
    /// The path to set as the app's Request URL under Interactivity.
    package static let path = "/hooks/slack/interactivity"

    /// How old a request may be: whoever recorded one cannot send it again later.
    package static let tolerance = Duration.seconds(300)

    /// Reads a request.
    ///
    /// Slack waits three seconds for an answer: ``answer`` at once, then whatever is to be said by ``feedback(_:to:)``.
    package static func read(_ request: APIRequest, signingSecret: Secret, now: Moment) -> InboundReading {
        guard request.method == "POST" else { return .refused(405, "button presses come by POST") }
        guard isSigned(request, by: signingSecret, now: now) else {
            return .refused(401, "the request is not signed by Slack, or is too old")
        }
        guard let payload = request.form.first("payload").flatMap({ JSONValue(parsing: Array($0.utf8)) }) else {
            return .refused(400, "there is no payload")
        }
        guard payload["type"]?.string == "block_actions", case .array(let actions)? = payload["actions"] else {
            return .answered(answer)
        }
        for action in actions {
            // The button that opens the console is pressed too; there is nothing to do then.
            guard let name = action["action_id"]?.string, let button = SlackMessage.Button(rawValue: name),
                let incident = action["value"]?.string, !incident.isEmpty
            else { continue }
            guard let user = payload["user"]?["id"]?.string, !user.isEmpty else {
                return .refused(400, "the payload does not say who pressed")
            }
            let known = payload["user"]?["username"] ?? payload["user"]?["name"]
            let deed: InboundAsk.Deed =
                switch button {
                case .acknowledge: .acknowledge
                case .resolve: .resolve
                }
            return .asks(
                InboundAsk(deed: deed, incident: incident, by: .slack(user: user, name: known?.string ?? "")))
        }
        return .answered(answer)
    }

    /// What Slack expects: a bare 200.
    package static var answer: Answer { .ok }

    /// Says something to the one who pressed, and to nobody else: why nothing was done.
    ///
    /// - Returns: `nil` when the request was one that cannot be replied to.
    package static func feedback(_ text: String, to request: APIRequest) -> HTTPRequest? {
        guard let payload = request.form.first("payload").flatMap({ JSONValue(parsing: Array($0.utf8)) }),
            let url = payload["response_url"]?.string, url.hasPrefix("https://hooks.slack.com/")
        else { return nil }
        let body = JSONValue.object([
            .init("response_type", .string("ephemeral")), .init("replace_original", .bool(false)),
            .init("text", .string(text)),
        ])
        return HTTPRequest(
            method: "POST", url: url, headers: ["Content-Type": "application/json; charset=utf-8"], body: body.text)
    }

    /// Whether the signature is Slack's, over this body and a recent time ("Verifying requests from Slack", version 0).
    static func isSigned(_ request: APIRequest, by secret: Secret, now: Moment) -> Bool {
        guard !secret.exposed.isEmpty, let stamp = request.field("x-slack-request-timestamp"), let seconds = Int(stamp),
            seconds > 0, seconds < 1 << 40, abs(now.seconds - seconds) <= Int(tolerance / .seconds(1)),
            let signature = request.field("x-slack-signature"), signature.hasPrefix("v0="),
            let code = bytes(hexadecimal: signature.dropFirst(3))
        else { return false }
        // Compared in constant time.
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Array("v0:\(stamp):".utf8) + request.body,
            using: SymmetricKey(data: Array(secret.exposed.utf8)))
    }

    private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map(UInt8.init) }
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
