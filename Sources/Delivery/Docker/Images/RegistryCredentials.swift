import FoundationEssentials
package import World

/// Who may read and write at a registry. Prints as nothing that could be used.
package struct RegistryCredentials: Sendable, CustomStringConvertible {
    package let registry: String
    private let user: String
    private let secret: Secret
    /// In place of a password: a token that the registry gives for one.
    private let isToken: Bool

    package init(registry: String, user: String, secret: Secret) {
        self.registry = registry
        self.user = user
        self.secret = secret
        // docs.docker.com/reference/cli/docker/login#credential-helper-protocol
        isToken = user == "<token>"
    }

    package var description: String { "credentials of \(registry)" }

    /// The value of `X-Registry-Auth`: base64url of a JSON object (RFC 4648 §5, padded).
    package var authField: String { Self.encoded(object(address: true)) }

    /// The value of `X-Registry-Config`: the same by the registry's address.
    var configField: String { Self.encoded(.object([.init(Self.address(of: registry), object(address: false))])) }

    /// What `config.json` holds of them, by the registry's address.
    package var stored: (address: String, value: JSONValue) {
        let pair = Data("\(user):\(secret.exposed)".utf8).base64EncodedString()
        return (Self.address(of: registry), .object([.init("auth", .string(pair))]))
    }

    /// The field of who shows nothing.
    static var nobody: String { encoded(.object([])) }

    /// Docker's own registry is known by an old address.
    static func address(of registry: String) -> String {
        registry == "docker.io" ? "https://index.docker.io/v1/" : registry
    }

    private func object(address: Bool) -> JSONValue {
        .members(
            ("username", isToken ? nil : .string(user)), ("password", isToken ? nil : .string(secret.exposed)),
            ("identitytoken", isToken ? .string(secret.exposed) : nil),
            ("serveraddress", address ? .string(Self.address(of: registry)) : nil))
    }

    private static func encoded(_ value: JSONValue) -> String {
        Data(value.text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }
}

extension DockerSettings {
    /// The credentials that `docker login` left for a registry: asked of the keychain helper that is set for it, else those that lie
    /// in `config.json`.
    ///
    /// - Returns: `nil` when there are none.
    /// - Throws: `WorldError` with the code `registry-keychain` when the helper fails.
    package func credentials(
        for registry: String, runner: CommandRunner, path: String, within deadline: Duration = .seconds(20)
    ) async throws -> RegistryCredentials? {
        guard let config else { return nil }
        let address = RegistryCredentials.address(of: registry)
        let helper =
            config["credHelpers"]?[registry]?.string ?? config["credHelpers"]?[address]?.string
            ?? config["credsStore"]?.string
        if let helper, !helper.isEmpty {
            return try await asked(helper, address, registry, runner, path, deadline)
        }
        let stored = config["auths"]?[address] ?? config["auths"]?[registry] ?? config["auths"]?["https://" + registry]
        guard let text = stored?["auth"]?.string, let data = Data(base64Encoded: text) else { return nil }
        let pair = String(decoding: data, as: UTF8.self)
        guard let colon = pair.firstIndex(of: ":") else { return nil }
        return RegistryCredentials(
            registry: registry, user: String(pair[..<colon]),
            secret: Secret(String(pair[pair.index(after: colon)...].drop { $0 == "\0" })))
    }

    /// `docker-credential-NAME get`: the address on its input, an object on its output. What it says is never shown.
    private func asked(
        _ helper: String, _ address: String, _ registry: String, _ runner: CommandRunner, _ path: String,
        _ deadline: Duration
    ) async throws -> RegistryCredentials? {
        let operation = "ask docker-credential-\(Printable.text(helper)) for the credentials of \(registry)"
        func failure(_ text: String) -> WorldError {
            WorldError(
                code: "registry-keychain", operation: operation, underlying: text,
                hint:
                    "`docker login \(registry)` stores them again; `credsStore` in \(folder ?? "")/config.json names the helper."
            )
        }
        guard helper.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }) else {
            throw failure("its name is none")
        }
        var variables = environment
        variables["PATH"] = path
        // The address goes in as a variable, and no value comes back but on its output, which is kept nowhere.
        variables["HAUBAN_REGISTRY"] = address
        let command = Command(
            arguments: ["sh", "-c", "printf %s \"$HAUBAN_REGISTRY\" | exec docker-credential-\(helper) get"],
            environment: variables, workingDirectory: "/", deadline: deadline, outputLimit: 64 << 10)
        let result = try await runner(command)
        if result.isLate { throw failure("it did not answer within \(deadline)") }
        guard result.isSuccess else {
            // The words that every helper has for an unknown address.
            if (result.output + result.errors).contains("credentials not found") { return nil }
            throw failure("it \(result.status)")
        }
        guard let answer = JSONValue(parsing: Array(result.output.utf8)), let user = answer["Username"]?.string,
            let secret = answer["Secret"]?.string
        else { throw failure("its answer has no Username and Secret") }
        return RegistryCredentials(registry: registry, user: user, secret: Secret(secret))
    }
}
