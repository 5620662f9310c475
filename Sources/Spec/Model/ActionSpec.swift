/// Something that can be done about an incident: by an escalation step, or by a person.
package struct ActionSpec: Sendable, Hashable {
    package enum Deed: Sendable, Hashable {
        case remedy(EscalationStep.Remedy)
        /// Adds replicas to the incident's service, or takes some away.
        case scale(by: Int)
        /// In the folder and with the environment of a service; the incident's where none is named.
        case run(CommandLine, service: ServiceName?)
        case http(WebCall)
    }

    /// A request to somebody else's service.
    package struct WebCall: Sendable, Hashable {
        package enum Method: String, Choice {
            case post = "POST"
            case put = "PUT"
            case patch = "PATCH"
            case get = "GET"
            case delete = "DELETE"

            package var meaning: String { "HTTP \(rawValue)" }
        }

        package var url: String
        package var method: Method
        /// JSON text.
        package var json: String?
        /// Sent as `Authorization: Bearer`.
        package var token: SecretName?

        static let shape: Shape<WebCall> = .record("web call", "A request to somebody else's service.") { f in
            let url = f.required(
                "url", .webAddress, "Where.", example: "https://cache.shop.example/flush")
            let method = f.value("method", Method.shape("a method"), default: Method.post, "How.")
            let json = f.optional("json", .json, "Body, sent as application/json.", example: "{scope: all}")
            let token = f.optional(
                "token", SecretName.shape("a secret"), "A declared secret, sent as `Authorization: Bearer`.")
            if json != nil, method == .get || method == .delete, f.isSound("json", "method") {
                f.reportKey(
                    .conflictingKeys, "\(method.rawValue) has no body", "json", with: "method", help: "Use `POST`.")
            }
            guard let url else { return nil }
            return WebCall(url: url, method: method, json: json, token: token)
        }
    }

    package var about: String?
    package var deed: Deed
    package var approval: Bool
    package var timeout: Duration
    /// How long after it succeeded people are not woken, so that it can be seen whether it cured.
    package var cure: Duration?

    static let shape: Shape<ActionSpec> = .record(
        "action", "Something that can be done about an incident: by an escalation step, or by a person."
    ) { f in
        let about = f.optional("about", .text(), "What it does, for whoever approves it.")
        let remedy = f.optional("remedy", EscalationStep.Remedy.shape("a remedy"), "What Hauban itself can do.")
        let scale = f.optional("scale", .integer(-50...50), "Replicas more, or with a minus fewer.", example: "2")
        let run = f.optional("run", .command, "A command, in a service's folder and environment.", example: "bin/flush")
        let service = f.optional(
            "service", ServiceName.shape("a service"), "Where `run` runs; the incident's service when absent.")
        let http = f.optional("http", WebCall.shape, "A request.")
        let approval = f.value(
            "approval", .boolean, default: false, because: "it harms nothing",
            "Somebody must have agreed before it is done.")
        let timeout = f.value("timeout", .duration, default: .seconds(300), "How long it may take.", example: "5m")
        let cure = f.optional(
            "cure", .duration,
            "How long after it succeeded people are not woken, so that it can be seen whether it cured.", example: "1m")
        let written = ["remedy", "scale", "run", "http"].filter(f.has)
        if f.book == nil, written.isEmpty, f.isSound("remedy", "scale", "run", "http") {
            f.report(
                .missingKey, "\(f.path.last) does nothing", help: "Add one of `remedy`, `scale`, `run` and `http`.")
        }
        if written.count > 1 {
            f.reportKey(
                .conflictingKeys, "an action does one thing", written[1], with: written[0],
                help: "Write another action for the other.")
        }
        if f.has("service"), !f.has("run"), f.isSound("run") {
            f.reportKey(
                .conflictingKeys, "`service` says where `run` runs", "service",
                help: "What else is done is done to the incident's service.")
        }
        if scale == 0, f.isSound("scale") { f.report(.outOfRange, "scaling by nothing does nothing", at: "scale") }
        if timeout <= .zero, f.isSound("timeout") {
            f.report(.outOfRange, "it has no time to be done in", at: "timeout", help: "At least `1s`.")
        }
        let deed: Deed =
            if let run { .run(run, service: service) } else if let http { .http(http) } else if let scale {
                .scale(by: scale)
            } else { .remedy(remedy ?? .restart) }
        return ActionSpec(about: about, deed: deed, approval: approval, timeout: timeout, cure: cure)
    }
}
