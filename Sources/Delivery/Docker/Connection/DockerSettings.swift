import FoundationEssentials
import World

/// What Docker's own configuration says: which engine is meant, and who keeps the credentials of registries.
///
/// Read as Docker's command line reads it (docs.docker.com/engine/context, docs.docker.com/reference/cli/docker#environment-variables).
package struct DockerSettings: Sendable {
    /// The variables of whoever runs this.
    let environment: [String: String]
    /// `DOCKER_CONFIG`, or `.docker` at home.
    package let folder: String?

    package init(environment: [String: String]) {
        self.environment = environment
        folder =
            environment["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
            ?? environment["HOME"].map { $0 + "/.docker" }
    }

    /// The engine that is meant: what the caller says (`DOCKER_HOST`, then `DOCKER_CONTEXT`), then what hauban.yaml says, then what
    /// `docker` would speak to: the context in use, or the standard socket.
    ///
    /// - Parameters:
    ///   - context: the environment's own.
    ///   - server: `USER@HOST`, the first of the environment's servers.
    /// - Throws: `WorldError`: `docker-address`, `docker-insecure`, `docker-context`.
    package func endpoint(context named: String? = nil, server: String? = nil) throws -> DockerEndpoint {
        func said(_ variable: String) -> String? { environment[variable].flatMap { $0.isEmpty ? nil : $0 } }
        if let host = said("DOCKER_HOST") { return try DockerEndpoint(host, tls: tlsFiles) }
        if let chosen = said("DOCKER_CONTEXT") ?? named { return try context(chosen) }
        if let server { return try DockerEndpoint("ssh://" + server) }
        return try context(config?["currentContext"]?.string ?? "")
    }

    /// `config.json`, if there is one that can be read.
    var config: JSONValue? {
        guard let folder, let bytes = try? SmallFile.read(folder + "/config.json", limit: 1 << 20) else { return nil }
        return JSONValue(parsing: bytes)
    }

    private var tlsFiles: DockerEndpoint.TLSFiles? {
        guard let wish = environment["DOCKER_TLS_VERIFY"], !wish.isEmpty else { return nil }
        let path = environment["DOCKER_CERT_PATH"].flatMap { $0.isEmpty ? nil : $0 } ?? folder
        return path.map { DockerEndpoint.TLSFiles(folder: $0) }
    }

    /// Contexts lie in folders that are named by the SHA-256 of their names.
    private func context(_ name: String) throws -> DockerEndpoint {
        if name.isEmpty || name == "default" { return .standard }
        let mark = ContentHash(of: name.utf8).hex
        guard let folder, let bytes = try? SmallFile.read("\(folder)/contexts/meta/\(mark)/meta.json", limit: 1 << 20),
            let meta = JSONValue(parsing: bytes), let docker = meta["Endpoints"]?["docker"],
            let host = docker["Host"]?.string
        else {
            throw WorldError(
                code: "docker-context", operation: "use the Docker context \(Printable.text(name))",
                underlying: "there is no such context, or it names no engine",
                hint: "`docker context ls` shows them; DOCKER_HOST names an engine without one.")
        }
        let files = "\(folder)/contexts/tls/\(mark)/docker"
        if docker["SkipTLSVerify"] == .bool(true) {
            throw WorldError(
                code: "docker-insecure", operation: "use the Docker context \(Printable.text(name))",
                underlying: "it trusts any certificate", hint: "Update the context with the server's `ca`.")
        }
        return try DockerEndpoint(host, tls: Folder.exists(files) ? .init(folder: files) : nil)
    }
}
