import FoundationEssentials
import Response
import World

/// Keeps secrets out of what is told of an attempt: servers repeat in their answers what they were sent.
struct SecretFilter: Sendable {
    /// Each secret in the forms in which it travels, long ones first.
    private let words: [String]

    init(_ secrets: [Secret]) {
        var words: Set<String> = []
        for secret in secrets.flatMap({ Self.parts($0.exposed) }) where !secret.isEmpty {
            words.insert(secret)
            words.insert(ProviderTemplate.formBody([("", secret)]).dropFirst().description)
            words.insert(Data(secret.utf8).base64EncodedString())
            words.insert(String(JSONValue.string(secret).text.dropFirst().dropLast()))
        }
        self.words = words.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    /// The value, and what of it may be repeated alone: the token after `Bearer`, the path of an address.
    private static func parts(_ secret: String) -> [String] {
        var parts = [secret]
        if let last = secret.split(separator: " ").last, last.count >= 8 { parts.append(String(last)) }
        if let scheme = secret.firstRange(of: "://") {
            let target = secret[scheme.upperBound...].drop { $0 != "/" && $0 != "?" }
            let path = target.prefix { $0 != "?" }
            parts += [target, path].filter { $0.count > 1 }.map(String.init)
        }
        return parts
    }

    /// A text in one line, without secrets, and only then cut.
    func clean(_ text: String, limit: Int = 300) -> String {
        var text = text
        for word in words { text = text.replacing(word, with: Secret.redacted) }
        var line = ""
        for scalar in text.unicodeScalars {
            line.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return line.count <= limit ? line : line.prefix(limit - 1) + "…"
    }

    func clean(_ answer: DeliveryAnswer) -> DeliveryAnswer {
        switch answer {
        case .accepted(let reference): .accepted(reference: reference.map { clean($0) })
        case .refused(let detail): .refused(clean(detail))
        case .failed(let detail, let retryAfter): .failed(clean(detail), retryAfter: retryAfter)
        }
    }
}
