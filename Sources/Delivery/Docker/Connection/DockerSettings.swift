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

    /// The engine that `docker` would speak to: `DOCKER_HOST`, then `DOCKER_CONTEXT`, then the context in use, then the standard
    /// socket.
    ///
    /// - Throws: `WorldError`: `docker-address`, `docker-insecure`, `docker-context`.
    package func endpoint() throws -> DockerEndpoint {
        if let host = environment["DOCKER_HOST"], !host.isEmpty {
            return try DockerEndpoint(host, tls: tlsFiles)
        }
        let chosen =
            environment["DOCKER_CONTEXT"].flatMap { $0.isEmpty ? nil : $0 } ?? config?["currentContext"]?.string
        guard let chosen, !chosen.isEmpty, chosen != "default" else { return .standard }
        return try context(chosen)
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
