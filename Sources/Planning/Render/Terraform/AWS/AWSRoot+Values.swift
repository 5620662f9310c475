import Spec

/// What a service is handed: variables, secrets, and the shell that puts values together which hold a secret.
extension AWSRoot {
    struct Handed {
        /// Terraform templates by variable.
        var variables: [String: String] = [:]
        /// Expressions of ARNs by variable.
        var secrets: [String: String] = [:]
        /// Lines of shell, as a Terraform template.
        var exports = ""
        /// Expressions of the ARNs that are read at the start.
        var read: Set<String> = []
    }

    func handed(_ name: ServiceName, _ service: Service) -> Handed {
        var handed = Handed()
        for (secret, variable) in service.secrets {
            let place = "module.secret_\(word(secret)).arn"
            handed.secrets[variable] = place
            handed.read.insert(place)
        }
        for (variable, template) in service.env.sorted(by: { $0.key < $1.key }) {
            if let value = plain(template, name, service) {
                handed.variables[variable] = value
            } else if case .placeholder(let owner, let attribute?) = template.parts.first, template.parts.count == 1,
                attribute == "password" || owner == "secrets"
            {
                let place = secretPlace(owner, attribute, name)
                handed.secrets[variable] = place
                handed.read.insert(place)
            } else {
                handed.exports += "export \(variable)=\"\(shell(template, name, service, &handed))\"\n"
            }
        }
        if collectsTraces {
            handed.variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4318"
            handed.variables["OTEL_SERVICE_NAME"] = name.text
            handed.variables["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio"
            handed.variables["OTEL_TRACES_SAMPLER_ARG"] = Self.decimal(platform.telemetry.sample.millionths)
        }
        return handed
    }

    /// Millionths as a decimal: `50000` is `0.05`.
    static func decimal(_ millionths: Int) -> String {
        var digits = String(1_000_000 + millionths % 1_000_000).dropFirst()
        while digits.count > 1, digits.last == "0" { digits = digits.dropLast() }
        let rest = millionths % 1_000_000 == 0 ? "" : "." + digits
        return "\(millionths / 1_000_000)\(rest)"
    }

    private func secretPlace(_ owner: String, _ attribute: String, _ service: ServiceName) -> String {
        owner == "secrets"
            ? "module.secret_\(AWSNames.word(attribute)).arn"
            : "module.password_\(AWSNames.word(owner))_\(word(service)).arn"
    }

    /// What is written as it is, in a Terraform template.
    private func literal(_ text: String) -> String {
        text.replacing("${", with: "$${").replacing("%{", with: "%%{")
    }

    /// What the words without an attribute stand for.
    func own(_ service: Service) -> [String: String] {
        var values = ["platform": platform.name.text, "environment": environment.text]
        if let port = port(service) { values["port"] = "\(port)" }
        return values
    }

    /// A value without secrets as a Terraform template; `nil` when it holds one.
    func plain(_ template: Template, _ name: ServiceName, _ service: Service) -> String? {
        var text = ""
        for part in template.parts {
            switch part {
            case .text(let plain): text += literal(plain)
            case .placeholder("release", nil): text += "${var.release}"
            case .placeholder(let owner, nil): text += literal(own(service)[owner] ?? "")
            case .placeholder(let owner, let attribute?):
                guard let value = plainValue(owner, attribute, name, service) else { return nil }
                text += value
            }
        }
        return text
    }

    /// An attribute of an edge as a Terraform template; `nil` for one that holds a password.
    private func plainValue(
        _ owner: String, _ attribute: String, _ user: ServiceName, _ service: Service
    ) -> String? {
        if let called = ServiceName(owner).flatMap({ platform.services[$0] }) {
            let port = port(called).map { "\($0)" } ?? ""
            return switch attribute {
            case "host": owner
            case "port": port
            default: "http://\(owner):\(port)"
            }
        }
        guard let name = ResourceName(owner), let resource = platform.resources[name] else { return nil }
        let label = "module.\(resource.kind.moduleWord)_\(word(name))"
        let reads = service.uses[name.cast()] == .subscribe
        switch (resource.kind, attribute) {
        case (.postgres, "host"), (.redis, "host"): return "${\(label).host}"
        case (.postgres, "port"): return "5432"
        case (.postgres, "database"): return PostgresRoles.database(resource, platform)
        case (.postgres, "user"): return PostgresRoles.role(user)
        case (.postgres, _): return nil
        case (.redis, "port"): return "6379"
        case (.redis, "url"): return "rediss://${\(label).host}:6379/0"
        case (.redis, "user"): return "default"
        case (.redis, _): return ""
        case (.bucket, "name"): return "${\(label).name}"
        case (.bucket, "region"): return settings.regions.first ?? "${var.region}"
        case (.bucket, "url"): return "s3://${\(label).name}"
        case (.bucket, _): return ""
        case (.topic, _):
            return reads ? "${\(label).queues[\"\(user)\"].url}" : "${\(label).arn}"
        case (.cluster, _): return "${\(label).url}"
        }
    }

    /// A value that holds secrets, for a double-quoted word of the shell within a Terraform template.
    private func shell(_ template: Template, _ name: ServiceName, _ service: Service, _ handed: inout Handed) -> String
    {
        template.parts.map { part -> String in
            switch part {
            case .text(let text): return literal(Self.quoted(text))
            case .placeholder("release", nil): return "${var.release}"
            case .placeholder(let owner, nil): return literal(Self.quoted(own(service)[owner] ?? ""))
            case .placeholder(let owner, let attribute?):
                if let value = plainValue(owner, attribute, name, service) { return value }
                let place = secretPlace(owner, attribute, name)
                let variable = passwordVariable(owner == "secrets" ? attribute : owner + "-password", service)
                handed.secrets[variable] = place
                handed.read.insert(place)
                guard let resource = ResourceName(owner).flatMap({ platform.resources[$0] }), attribute == "url" else {
                    return "$" + variable
                }
                return "postgresql://\(PostgresRoles.role(name)):$\(variable)@"
                    + "${module.postgres_\(AWSNames.word(owner)).host}:5432/"
                    + PostgresRoles.database(resource, platform) + "?sslmode=require"
            }
        }.joined()
    }

    private static func quoted(_ text: String) -> String {
        text.map { "\"$`\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    /// `DB_PASSWORD`, or with another beginning where the service has one of that name already.
    private func passwordVariable(_ text: String, _ service: Service) -> String {
        let variable = text.uppercased().replacing("-", with: "_")
        let isTaken = service.env[variable] != nil || service.secrets.values.contains(variable)
        return isTaken ? "HANDED_" + variable : variable
    }
}

extension Resource.Kind {
    /// The beginning of a module's label.
    var moduleWord: String {
        switch self {
        case .postgres: "postgres"
        case .redis: "redis"
        case .bucket: "bucket"
        case .topic: "topic"
        case .cluster: "kubernetes"
        }
    }
}
