import World

/// Turns what the engine refused, or why it could not be asked, into an error that says what mends it.
struct DockerRefusal {
    let operation: String
    let endpoint: DockerEndpoint
    /// What ssh said, where there is one.
    var complaint: String?

    /// Of an answer with a status that is no success.
    func refused(status: Int, body: [UInt8]) -> WorldError {
        let said = JSONValue(parsing: body)?["message"]?.string ?? String(decoding: body.prefix(2_000), as: UTF8.self)
        return refused(status: status, message: said)
    }

    func refused(status: Int, message: String) -> WorldError {
        let words = message.lowercased()
        let text = Printable.text(message.isEmpty ? "status \(status) without a word" : message)
        func error(_ code: String, _ hint: String = "") -> WorldError {
            WorldError(code: code, operation: operation, underlying: text, hint: hint)
        }
        if words.contains("no space left on device") {
            return error("disk-full", "Make room on the engine's disk: `docker system df` says what takes it.")
        }
        if words.contains("port is already allocated") || words.contains("address already in use") {
            return error("port-taken", "End what has the port, or choose another one.")
        }
        if words.contains("client version") && words.contains("too") {
            return error("docker-version", "hauban speaks versions \(DockerVersion.range) of the Engine API.")
        }
        if words.contains("unauthorized") || words.contains("authentication required")
            || words.contains("requested access to the resource is denied")
            || words.contains("no basic auth credentials")
        {
            return error(
                "registry-refuses", "`docker login REGISTRY` stores credentials that may read and write there.")
        }
        if words.contains("no such image") || words.contains("manifest unknown")
            || words.contains("not found: manifest")
        {
            return error("docker-image-missing", "Build it, or see whether its name and tag are right.")
        }
        if words.contains("not a swarm manager") {
            return error(
                "swarm-manager",
                "Run hauban on a manager of the Swarm; `docker swarm init` makes a server the first one of a new Swarm."
            )
        }
        if words.contains("swarm does not have a leader") {
            return error(
                "swarm-leader",
                "More than half of its managers must be up: `docker node ls` on one that is, or `docker swarm init "
                    + "--force-new-cluster` there when the others are lost for good.")
        }
        switch status {
        case 400: return error("docker-refused")
        case 401, 403: return error("docker-forbidden", "The engine's owner lets this client not do so.")
        case 404: return error("docker-not-found")
        case 409: return error("docker-conflict")
        default: return error("docker-failed", "The engine's own log says more: `journalctl -u docker`.")
        }
    }

    /// Of a call that got no whole answer.
    func failed(_ error: any Error) -> any Error {
        guard let error = error as? WorldError else { return error }
        var mapped = WorldError(code: error.code, operation: operation, underlying: error.underlying, hint: error.hint)
        switch error.code {
        case "timed-out":
            mapped.hint = "See whether the engine at \(endpoint) is busy: `docker info`, its disk, its log."
        case "answer-too-large":
            mapped.code = "docker-answer-invalid"
        case "request-failed":
            let words = error.underlying.lowercased()
            if words.contains("permission denied") {
                mapped.code = "docker-permission"
                mapped.hint =
                    "Run as a user of the group `docker` (who is in it owns the machine), or use a rootless engine."
            } else if words.contains("refused") || words.contains("no such file") || words.contains("not known")
                || words.contains("unreachable") || words.contains("timeout") || words.contains("not trusted")
            {
                mapped.code = "docker-unreachable"
                mapped.hint =
                    "Nobody listens at \(endpoint), or not for us: is the engine up (`systemctl status docker`)? "
                    + "DOCKER_HOST names another one."
            } else {
                mapped.code = "docker-broken-off"
                mapped.underlying = "the answer broke off: \(error.underlying)"
                mapped.hint = "See whether the engine at \(endpoint) was stopped meanwhile."
            }
            if let complaint {
                mapped.code = "docker-unreachable"
                mapped.underlying = "ssh: \(complaint)"
                mapped.hint = "Try `ssh \(endpoint.description.dropFirst(6)) docker version` by hand."
            }
        default: return error
        }
        return mapped
    }
}
