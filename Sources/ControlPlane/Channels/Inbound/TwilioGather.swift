import Crypto
import FoundationEssentials
package import Response
import Spec
package import World

/// The digit that somebody pressed in a call, as Twilio posts it (TwiML, `<Gather>`), signed.
package enum TwilioGather {
    /// The path of ``ChannelSettings/Twilio/answers``.
    package static let path = "/hooks/twilio/gather"

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - publicURL: scheme and host as Twilio was told them: `https://hauban.shop.example`. What a proxy made of them does not
    ///     count.
    package static func read(_ request: APIRequest, publicURL: String, authToken: Secret) -> InboundReading {
        guard request.method == "POST" else { return .refused(405, "digits come by POST") }
        guard isSigned(request, publicURL: publicURL, by: authToken) else {
            return .refused(403, "the request is not signed by Twilio")
        }
        guard let incident = request.parameters.first("incident"), !incident.isEmpty,
            let number = request.form.first("To") ?? request.form.first("Called")
        else { return .refused(400, "the request names no incident or nobody") }
        let language = request.parameters.first("language").flatMap(Language.init(rawValue:)) ?? .english
        guard request.form.first("Digits") == "1" else {
            return .answered(answer(MessageWord.nothingAcknowledged.phrase, language))
        }
        return .asks(
            InboundAsk(
                deed: .acknowledge, incident: incident, page: request.parameters.first("page"), by: .telephone(number),
                language: language))
    }

    /// Says something and ends the call.
    package static func answer(_ words: Phrase, _ language: Language) -> Answer {
        let script = VoiceScript.ending(words.text(language), language)
        return Answer(status: 200, body: .bytes(Array(script.utf8), type: "text/xml; charset=utf-8"))
    }

    /// Whether the signature is Twilio's ("Webhooks security"): HMAC-SHA1 over the address and the form's pairs by name.
    static func isSigned(_ request: APIRequest, publicURL: String, by token: Secret) -> Bool {
        guard !token.exposed.isEmpty, let signature = request.field("x-twilio-signature"),
            let code = Data(base64Encoded: signature)
        else { return false }
        var values: [String: Set<String>] = [:]
        for (name, value) in request.form.entries { values[name, default: []].insert(value) }
        let pairs = values.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
            .map { name, values in values.sorted().map { name + $0 }.joined() }.joined()
        let target = request.path + (request.query.isEmpty ? "" : "?" + request.query)
        let key = SymmetricKey(data: Array(token.exposed.utf8))
        // Compared in constant time. Twilio is known to sign with the port of the scheme written out.
        var isRight = false
        for base in [publicURL] + withPort(publicURL) {
            let code = HMAC<Insecure.SHA1>.isValidAuthenticationCode(
                code, authenticating: Array((base + target + pairs).utf8), using: key)
            isRight = isRight || code
        }
        return isRight
    }

    private static func withPort(_ url: String) -> [String] {
        guard let scheme = url.firstRange(of: "://"), !url[scheme.upperBound...].contains(":") else { return [] }
        return [url + (url.hasPrefix("https") ? ":443" : ":80")]
    }
}
