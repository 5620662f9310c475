import Spec

/// What the placeholders of one process stand for on Google Cloud.
struct GoogleValues {
    let place: GooglePlace
    let name: ServiceName
    let service: Service
    /// The region of a called service: that of the caller, or the leading one for what runs there only.
    let regionKey: String

    /// A variable's value as Terraform's template.
    struct Filled {
        var text: String
        /// Whether the container's shell has to put it together; then `text` is a double-quoted word of the shell.
        var isComposed: Bool
    }

    /// Variables of one service, sorted by name.
    struct Environment {
        var plain: [(String, HCLValue)] = []
        var secrets: [(String, HCLValue)] = []
        var composed: [(String, HCLValue)] = []
    }

    var environment: Environment {
        var result = Environment()
        var secrets: [String: String] = [:]
        for (secret, variable) in service.secrets { secrets[variable] = secret.text }
        // Cloud Run hands over `PORT` itself, and takes it from nobody.
        for (variable, template) in service.env.sorted(by: { $0.key < $1.key }) where variable != "PORT" {
            let filled = fill(template)
            let value = Self.value(filled.text)
            if filled.isComposed {
                result.composed.append((variable, value))
                for (hidden, secret) in hiddenSecrets(template) { secrets[hidden] = secret }
            } else {
                result.plain.append((variable, value))
            }
        }
        result.secrets = secrets.sorted { $0.key < $1.key }.map { variable, secret in
            (variable, .code("google_secret_manager_secret.this[\"\(secret)\"].secret_id"))
        }
        return result
    }

    /// `"${x}"` is written `x`.
    static func value(_ text: String) -> HCLValue {
        if text.hasPrefix("${"), text.hasSuffix("}"), !text.dropFirst(2).contains("${"),
            text.dropLast().firstIndex(of: "}") == nil
        {
            return .code(String(text.dropFirst(2).dropLast()))
        }
        return .template(text)
    }

    func fill(_ template: Template) -> Filled {
        let isComposed = template.placeholders.contains { owner, attribute in
            attribute.map { isSecret(owner, $0) } ?? false
        }
        let text = template.parts.map { part -> String in
            switch part {
            case .text(let text): return Self.escaped(isComposed ? Self.shellQuoted(text) : text)
            case .placeholder(let owner, nil): return own(owner)
            case .placeholder(let owner, let attribute?): return other(owner, attribute)
            }
        }.joined()
        return Filled(text: text, isComposed: isComposed)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("${", with: "$${").replacing("%{", with: "%%{")
    }

    private static func shellQuoted(_ text: String) -> String {
        text.map { "\"$`\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    private func own(_ word: String) -> String {
        switch word {
        case "port": service.port.map { "\($0)" } ?? ""
        case "release": "${var.release}"
        case "environment": place.environment.text
        case "platform": place.platform.name.text
        default: ""
        }
    }

    private func isSecret(_ owner: String, _ attribute: String) -> Bool {
        guard let resource = ResourceName(owner).flatMap({ place.platform.resources[$0] }) else { return false }
        return switch resource.kind {
        case .postgres, .redis: attribute == "url" || attribute == "password"
        case .bucket, .topic, .cluster: false
        }
    }

    /// Variables that only the container's shell reads, with their secrets.
    private func hiddenSecrets(_ template: Template) -> [(String, String)] {
        template.placeholders.compactMap { owner, attribute in
            guard let attribute, isSecret(owner, attribute) else { return nil }
            guard let edge = EdgeName(owner), let resource = place.resource(edge) else { return nil }
            return (place.passwordVariable(edge, resource), place.password(edge, resource, name))
        }
    }

    private func other(_ owner: String, _ attribute: String) -> String {
        if let called = ServiceName(owner).flatMap({ place.platform.services[$0] }) {
            return address(of: owner, called, attribute)
        }
        guard let edge = EdgeName(owner), let resource = place.resource(edge) else { return "" }
        let module = "module.\(resource.kind.rawValue)_\(GooglePlace.label(owner))"
        let password = "$" + place.passwordVariable(edge, resource)
        switch (resource.kind, attribute) {
        case (.postgres, "host"): return "${\(module).host}"
        case (.postgres, "port"): return "5432"
        case (.postgres, "user"): return PostgresRoles.role(name)
        case (.postgres, "database"): return "${\(module).database}"
        case (.postgres, "url"):
            return "postgresql://\(PostgresRoles.role(name)):\(password)@${\(module).host}:5432/${\(module).database}"
        case (.redis, "host"): return "${\(module).host}"
        case (.redis, "port"): return "${\(module).port}"
        case (.redis, "user"): return "default"
        case (.redis, "url"):
            let scheme = place.settings.encrypt == .mesh ? "rediss" : "redis"
            return "\(scheme)://:\(password)@${\(module).host}:${\(module).port}/0"
        case (.postgres, "password"), (.redis, "password"): return password
        case (.bucket, "name"): return "${\(module).name}"
        case (.bucket, "url"): return "${\(module).url}"
        case (.bucket, "region"): return place.region
        case (.topic, "name"): return "${\(module).name}"
        case (.topic, "url"): return "${\(module).id}"
        case (.cluster, _): return "${\(module).url}"
        default: return ""
        }
    }

    private func address(of owner: String, _ called: Service, _ attribute: String) -> String {
        if called.site != nil {
            let host = called.expose.first.flatMap { Lowering.host($0.host, domain: place.settings.domain) } ?? ""
            return attribute == "url" ? "https://\(host)" : attribute == "host" ? host : "443"
        }
        let uri = "module.service_\(GooglePlace.label(owner))[\(regionKey)].uri"
        return switch attribute {
        case "host": "${trimprefix(\(uri), \"https://\")}"
        case "port": "443"
        default: "${\(uri)}"
        }
    }
}
