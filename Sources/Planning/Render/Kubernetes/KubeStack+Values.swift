import Spec

/// Variables of services: settings in a ConfigMap, and what holds a secret in a Secret that External Secrets puts together.
extension KubeStack {
    /// What becomes of one variable.
    enum Variable: Hashable {
        case plain(String)
        /// With the version of the release in it.
        case release(String)
        /// A template of External Secrets, with the secrets that it names.
        case secret(String, names: [String])
    }

    /// The name of the password that a service opens a store with, in the secret store.
    func passwordName(_ store: EdgeName, _ service: ServiceName) -> String { "\(store)-\(service)" }

    func own(_ service: Service) -> [String: String] {
        var values = ["platform": platform.name.text, "environment": place.name.text]
        if let port = port(service) { values["port"] = "\(port)" }
        return values
    }

    func variables(_ name: ServiceName, _ service: Service) -> [(name: String, value: Variable)] {
        var found = service.env.map { (name: $0.key, value: variable($0.value, name, service)) }
        for (secret, variable) in service.secrets {
            found.append((variable, .secret(reference(secret.text), names: [secret.text])))
        }
        return found.sorted { $0.name < $1.name }
    }

    func plainValues(_ name: ServiceName, _ service: Service) -> [String: String] {
        var values: [String: String] = [:]
        for (variable, value) in variables(name, service) {
            if case .plain(let text) = value { values[variable] = text }
        }
        return values
    }

    private func variable(_ template: Template, _ name: ServiceName, _ service: Service) -> Variable {
        var text = ""
        var literal = ""
        var secrets: [String] = []
        var isReleased = false
        for part in template.parts {
            switch part {
            case .text(let plain):
                text += plain
                literal += GoTemplate.literal(plain)
            case .placeholder("release", nil):
                isReleased = true
                text += Self.release
                literal += Self.release
            case .placeholder(let owner, nil):
                text += own(service)[owner] ?? ""
                literal += own(service)[owner] ?? ""
            case .placeholder(let owner, let attribute?):
                let value = value(owner, attribute, name)
                text += value.text
                literal += value.secret == nil ? GoTemplate.literal(value.text) : value.text
                if let secret = value.secret { secrets.append(secret) }
            }
        }
        if !secrets.isEmpty { return .secret(literal, names: secrets) }
        return isReleased ? .release(text) : .plain(text)
    }

    private func reference(_ secret: String, isQuoted: Bool = false) -> String {
        "{{ .\(Self.key(secret))\(isQuoted ? " | urlquery" : "") }}"
    }

    /// A name that templates of Go take after a point.
    static func key(_ secret: String) -> String { secret.replacing("-", with: "_") }

    /// What `${owner.attribute}` stands for, and the secret in it.
    private func value(_ owner: String, _ attribute: String, _ service: ServiceName) -> (text: String, secret: String?)
    {
        if owner == "secrets" { return (reference(attribute), attribute) }
        if let name = ServiceName(owner), let called = platform.services[name] {
            let port = port(called).map { "\($0)" } ?? ""
            switch attribute {
            case "host": return (owner, nil)
            case "port": return (port, nil)
            default: return ("http://\(owner):\(port)", nil)
            }
        }
        guard let name = ResourceName(owner), let resource = platform.resources[name] else { return ("", nil) }
        let password = passwordName(name.cast(), service)
        switch (resource.kind, attribute) {
        case (.postgres, "host"): return ("\(owner)-rw", nil)
        case (.postgres, "port"): return ("5432", nil)
        case (.postgres, "database"): return (PostgresRoles.database(resource, platform), nil)
        case (.postgres, "user"): return (PostgresRoles.role(service), nil)
        case (.postgres, "url"):
            let database = PostgresRoles.database(resource, platform)
            let user = PostgresRoles.role(service)
            // The operator's servers speak TLS with a certificate of their own.
            return (
                "postgresql://\(user):\(reference(password, isQuoted: true))@\(owner)-rw:5432/\(database)?sslmode=require",
                password
            )
        case (.redis, "host"): return (owner, nil)
        case (.redis, "port"): return ("6379", nil)
        case (.redis, "user"): return (service.text, nil)
        case (.redis, "url"):
            return ("redis://\(service):\(reference(password, isQuoted: true))@\(owner):6379/0", password)
        case (_, "password"): return (reference(password), password)
        case (.bucket, "name"): return ("\(platform.name)-\(place.name)-\(owner)", nil)
        case (.topic, "name"): return (resource.topic ?? owner, nil)
        // Only who made the bucket, the broker or the cluster knows the rest.
        default:
            let secret = "\(owner)-\(attribute.replacing("_", with: "-"))"
            return (reference(secret), secret)
        }
    }

    // MARK: Secrets

    func secretObjects(_ name: ServiceName, _ service: Service) -> [KubeObject] {
        let held = variables(name, service).compactMap { variable -> (String, String, [String])? in
            guard case .secret(let template, let names) = variable.value else { return nil }
            return (variable.name, template, names)
        }
        guard !held.isEmpty else { return [] }
        let isComposed = held.contains { $0.1 != reference($0.2[0]) }
        if !isComposed {
            let data = held.map { (local: $0.0, remote: $0.2[0]) }
            return [externalSecret(name.text, file: name.text, data)]
        }
        let template = YAMLTree.map(held.map { YAMLEntry($0.0, .text($0.1)) })
        let names = Set(held.flatMap(\.2)).sorted()
        return [
            externalSecret(
                name.text, file: name.text, names.map { (local: Self.key($0), remote: $0) },
                template: [YAMLEntry("data", template, comment: "Put together in the cluster; no file shows a value.")])
        ]
    }

    /// - Parameter data: keys of the Secret, or words of its template, with the names in the secret store.
    func externalSecret(
        _ name: String, file: String, _ data: [(local: String, remote: String)], template: [YAMLEntry] = []
    ) -> KubeObject {
        var spec: [YAMLEntry] = [
            YAMLEntry("refreshInterval", "1h"),
            YAMLEntry("secretStoreRef", ["kind": "SecretStore", "name": "secrets"]),
        ]
        if !template.isEmpty { spec.append(YAMLEntry("target", ["template": .map(template)])) }
        let rows = data.map { row -> YAMLTree in
            .map([
                YAMLEntry(
                    "secretKey", .text(row.local),
                    comment: SecretName(row.remote).flatMap { platform.secrets[$0]?.about }),
                YAMLEntry("remoteRef", ["key": .text(row.remote)]),
            ])
        }
        spec.append(YAMLEntry("data", .list(rows)))
        return KubeObject(
            apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: name, file: file,
            body: [YAMLEntry("spec", .map(spec))])
    }
}
