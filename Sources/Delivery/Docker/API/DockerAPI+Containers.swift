package import World

extension DockerAPI {
    /// The containers that carry all the labels, running or not, by name. Maps to `GET /containers/json`.
    package func containers(labelled labels: [String], within deadline: Duration = .seconds(30)) async throws
        -> [ListedContainer]
    {
        let answer = try await ask(
            "GET", "/containers/json", ["all": "true", "filters": Self.filters(["label": labels])],
            for: "list the containers", within: deadline)
        return try answer.list().map(ListedContainer.init).sorted { $0.name < $1.name }
    }

    /// Makes a container and joins it to all its networks; it does not run yet. Maps to `POST /containers/create`.
    ///
    /// - Returns: its id.
    /// - Throws: `WorldError`; `docker-conflict` when the name is taken, `docker-image-missing`.
    package func create(_ spec: ContainerSpec, within deadline: Duration = .seconds(60)) async throws -> String {
        let id = try await ask(
            "POST", "/containers/create", ["name": spec.name], body: spec.body, for: "make the container \(spec.name)",
            within: deadline
        ).text("Id")
        do {
            // Until version 1.44 one network may be named at the creation.
            for network in spec.networks.dropFirst() {
                try await connect(id, to: network, within: deadline)
            }
        } catch {
            try? await remove(id, within: deadline)
            throw error
        }
        return id
    }

    /// Maps to `POST /containers/{id}/start`; one that runs is no error.
    package func start(_ container: String, within deadline: Duration = .seconds(60)) async throws {
        try await ask("POST", Self.path(container, "start"), for: "start \(container)", within: deadline)
    }

    /// Sends the stop signal, and SIGKILL when the grace is over. Maps to `POST /containers/{id}/stop`.
    ///
    /// One that does not run, or is gone, is no error.
    package func stop(_ container: String, grace: Duration, within deadline: Duration? = nil) async throws {
        // Whole seconds are what the engine counts; a grace must not become shorter by that.
        let seconds = Int((grace / .seconds(1)).rounded(.up))
        try await Self.unlessGone {
            try await ask(
                "POST", Self.path(container, "stop"), ["t": "\(seconds)"], for: "stop \(container)",
                within: deadline ?? grace + .seconds(30))
        }
    }

    /// Sends a signal. Maps to `POST /containers/{id}/kill`.
    package func signal(_ container: String, _ name: String, within deadline: Duration = .seconds(20)) async throws {
        try await ask(
            "POST", Self.path(container, "kill"), ["signal": name], for: "send \(name) to \(container)",
            within: deadline)
    }

    /// Waits until it has ended. Maps to `POST /containers/{id}/wait`.
    ///
    /// - Returns: its exit code.
    package func wait(for container: String, within deadline: Duration) async throws -> Int {
        try await ask(
            "POST", Self.path(container, "wait"), ["condition": "not-running"], for: "wait for \(container)",
            within: deadline
        ).number("StatusCode")
    }

    /// Maps to `GET /containers/{id}/json`.
    ///
    /// - Returns: `nil` when there is none.
    package func inspect(_ container: String, within deadline: Duration = .seconds(20)) async throws -> ContainerFacts?
    {
        do {
            return try ContainerFacts(
                try await ask("GET", Self.path(container, "json"), for: "look at \(container)", within: deadline))
        } catch let error as WorldError where error.code == "docker-not-found" {
            return nil
        }
    }

    /// Ends it if it runs, and removes it with its anonymous volumes. Maps to `DELETE /containers/{id}`.
    ///
    /// One that is gone, or about to be, is no error.
    package func remove(_ container: String, within deadline: Duration = .seconds(60)) async throws {
        do {
            try await Self.unlessGone {
                try await ask(
                    "DELETE", "/containers/\(PercentEncoding.encoded(container))", ["force": "true", "v": "true"],
                    for: "remove \(container)", within: deadline)
            }
        } catch let error as WorldError where error.code == "docker-conflict" && error.underlying.contains("removal") {
            return
        }
    }

    /// Puts files into a container, running or not. Maps to `PUT /containers/{id}/archive`.
    ///
    /// - Parameter folder: absolute, inside the container; it must be there.
    package func put(
        _ files: TarStream, into folder: String, of container: String, within deadline: Duration = .seconds(60)
    ) async throws {
        let operation = "put files into \(container)"
        let answer = try await begin(
            "PUT", Self.path(container, "archive"), ["path": folder, "noOverwriteDirNonDir": "true"], pieces: files,
            for: operation, within: deadline)
        _ = try await answer.bytes(upTo: 1 << 20, within: deadline)
    }

    /// Runs a command in a running container to its end. Maps to `POST /containers/{id}/exec`, `POST /exec/{id}/start`,
    /// `GET /exec/{id}/json`.
    ///
    /// The engine does not end a command whose caller has left; at the deadline it goes on by itself.
    /// - Parameter outputLimit: of both outputs together; what is beyond is not kept.
    package func execute(
        _ command: [String], in container: String, environment: [String: String] = [:], user: String? = nil,
        outputLimit: Int = 256 << 10, within deadline: Duration
    ) async throws -> CommandResult {
        let operation = "run `\(command.first ?? "")` in \(container)"
        let body = JSONValue.members(
            ("Cmd", .texts(command)), ("AttachStdout", .bool(true)), ("AttachStderr", .bool(true)),
            ("Env", .texts(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })),
            ("User", user.map { .string($0) }))
        let id = try await ask(
            "POST", Self.path(container, "exec"), body: body, for: operation, within: deadline
        ).text("Id")
        let begun = JSONValue.members(("Detach", .bool(false)), ("Tty", .bool(false)))
        let answer = try await begin(
            "POST", "/exec/\(PercentEncoding.encoded(id))/start", body: begun, for: operation, within: deadline)
        let heard: HeardOutput
        do {
            heard = try await answer.fold(into: HeardOutput(limit: outputLimit), within: deadline) { heard, bytes in
                try heard.feed(bytes)
                return true
            }
        } catch {
            throw refusal(operation).failed(error)
        }
        let end = try await ask("GET", "/exec/\(PercentEncoding.encoded(id))/json", for: operation, within: deadline)
        guard try !end.flag("Running") else {
            throw WorldError(
                code: "docker-broken-off", operation: operation, underlying: "its output ended before it did")
        }
        return CommandResult(
            status: .exited(code: Int32(truncatingIfNeeded: try end.number("ExitCode"))),
            output: String(decoding: heard.output, as: UTF8.self),
            errors: String(decoding: heard.errors, as: UTF8.self),
            isCut: heard.isCut)
    }

    static func path(_ container: String, _ verb: String) -> String {
        "/containers/\(PercentEncoding.encoded(container))/\(verb)"
    }
}

/// Both outputs of a command, up to a limit.
private struct HeardOutput: Sendable {
    let limit: Int
    var frames = DockerFrames()
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var isCut = false

    init(limit: Int) { self.limit = limit }

    mutating func feed(_ bytes: [UInt8]) throws {
        for part in try frames.feed(bytes) {
            let room = max(0, limit - output.count - errors.count)
            isCut = isCut || part.bytes.count > room
            switch part.stream {
            case .output: output += part.bytes.prefix(room)
            case .error: errors += part.bytes.prefix(room)
            }
        }
    }
}
