import FoundationEssentials
package import World

extension DockerAPI {
    /// The servers of the Swarm that this engine manages, by name. Maps to `GET /nodes`.
    ///
    /// - Throws: `WorldError`; `swarm-manager` when this engine manages none.
    package func nodes(within deadline: Duration = .seconds(20)) async throws -> [SwarmNode] {
        try await ask("GET", "/nodes", for: "list the servers of the Swarm", within: deadline).list()
            .map(SwarmNode.init).sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// The services that carry all the labels, by name. Maps to `GET /services`.
    package func services(labelled labels: [String], within deadline: Duration = .seconds(20)) async throws
        -> [SwarmService]
    {
        try await ask(
            "GET", "/services", ["filters": Self.filters(["label": labels])], for: "list the services",
            within: deadline
        ).list().map(SwarmService.init).sorted { $0.name < $1.name }
    }

    /// Maps to `GET /services/{id}`.
    ///
    /// - Returns: `nil` when there is none.
    package func service(_ name: String, within deadline: Duration = .seconds(20)) async throws -> SwarmService? {
        do {
            return try SwarmService(
                try await ask("GET", Self.service(name), for: "look at the service \(name)", within: deadline))
        } catch let error as WorldError where error.code == "docker-not-found" {
            return nil
        }
    }

    /// Makes a service; its tasks are given to servers afterwards. Maps to `POST /services/create`.
    ///
    /// - Parameter credentials: with which the servers fetch its image.
    /// - Throws: `WorldError`; `docker-conflict` when the name is taken.
    package func create(
        _ spec: SwarmServiceSpec, credentials: RegistryCredentials? = nil, within deadline: Duration = .seconds(60)
    ) async throws {
        try await ask(
            "POST", "/services/create", fields: Self.authentication(credentials),
            body: spec.body(for: try await version(within: deadline)),
            for: "make the service \(spec.name)", within: deadline)
    }

    /// Says how many replicas a service shall have. Maps to `POST /services/{id}/update`; one that is gone is no error.
    ///
    /// - Parameter labels: laid over those that it has.
    package func scale(
        _ name: String, to replicas: Int, labels: [String: String] = [:], within deadline: Duration = .seconds(60)
    ) async throws {
        try await change(name, for: "give \(name) \(replicas) replicas", within: deadline) { found in
            guard found.replicas != replicas else { return nil }
            return found.spec.setting(
                "Mode", .members(("Replicated", .members(("Replicas", .integer(replicas)))))
            ).setting("Labels", .dictionary(found.labels.merging(labels) { $1 }))
        }
    }

    /// Has Swarm replace the tasks of a service by equal ones, one after another. Maps to `POST /services/{id}/update`.
    ///
    /// - Parameter label: gets the number of times that this was done.
    package func roll(_ name: String, counting label: String, within deadline: Duration = .seconds(60)) async throws {
        try await change(name, for: "replace the tasks of \(name)", within: deadline) { found in
            guard let task = found.spec["TaskTemplate"] else { return nil }
            let count = found.forced + 1
            return found.spec.setting("TaskTemplate", task.setting("ForceUpdate", .integer(count)))
                .setting("Labels", .dictionary(found.labels.merging([label: "\(count)"]) { $1 }))
        }
    }

    /// - Parameter changed: what it shall be; nil when it is so.
    private func change(
        _ name: String, for operation: String, within deadline: Duration, _ changed: (SwarmService) -> JSONValue?
    ) async throws {
        var attempts = 0
        while let found = try await service(name, within: deadline), let spec = changed(found) {
            do {
                try await ask(
                    "POST", Self.service(found.id) + "/update", ["version": "\(found.version)"], body: spec,
                    for: operation, within: deadline)
                return
            } catch let error as WorldError where error.underlying.contains("out of sequence") && attempts < 5 {
                // Somebody else changed it in between; it is read anew.
                attempts += 1
            }
        }
    }

    /// Removes a service; its tasks end by themselves. Maps to `DELETE /services/{id}`; one that is gone is no error.
    package func removeService(_ name: String, within deadline: Duration = .seconds(60)) async throws {
        try await Self.unlessGone {
            try await ask("DELETE", Self.service(name), for: "remove the service \(name)", within: deadline)
        }
    }

    /// The tasks of services, those that ended and are remembered included. Maps to `GET /tasks`.
    package func tasks(of services: [String], within deadline: Duration = .seconds(20)) async throws -> [SwarmTask] {
        guard !services.isEmpty else { return [] }
        return try await ask(
            "GET", "/tasks", ["filters": Self.filters(["service": services])], for: "list the tasks", within: deadline
        ).list().map(SwarmTask.init).sorted { ($0.service, $0.slot, $0.id) < ($1.service, $1.slot, $1.id) }
    }

    /// The secrets that carry all the labels, by name. Maps to `GET /secrets`.
    package func secrets(labelled labels: [String], within deadline: Duration = .seconds(20)) async throws
        -> [SwarmSecret]
    {
        try await ask(
            "GET", "/secrets", ["filters": Self.filters(["label": labels])], for: "list the secrets", within: deadline
        ).list().map(SwarmSecret.init).sorted { $0.name < $1.name }
    }

    /// Hands a value to the Swarm, which keeps it encrypted and gives it to servers whose tasks use it. Maps to `POST /secrets/create`.
    ///
    /// - Throws: `WorldError`; `docker-conflict` when the name is taken.
    package func createSecret(
        _ name: String, _ value: Secret, labels: [String: String], within deadline: Duration = .seconds(20)
    ) async throws {
        let data = Data(value.exposed.utf8).base64EncodedString()
        let body = JSONValue.members(
            ("Name", .string(name)), ("Labels", .dictionary(labels)), ("Data", .string(data)))
        try await ask("POST", "/secrets/create", body: body, for: "make the secret \(name)", within: deadline)
    }

    /// Maps to `DELETE /secrets/{id}`; one that is gone is no error.
    package func removeSecret(_ id: String, within deadline: Duration = .seconds(20)) async throws {
        try await Self.unlessGone {
            try await ask(
                "DELETE", "/secrets/\(PercentEncoding.encoded(id))", for: "remove a secret", within: deadline)
        }
    }

    /// The last lines that the tasks of a service wrote, on whichever server. Maps to `GET /services/{id}/logs`.
    package func logs(ofService name: String, last: Int, within deadline: Duration = .seconds(10)) async throws
        -> [DockerLine]
    {
        try await lastLines(Self.service(name) + "/logs", last, for: "read the log of \(name)", within: deadline)
    }

    /// The last lines of one task, on whichever server. Maps to `GET /tasks/{id}/logs`.
    package func logs(ofTask id: String, last: Int, within deadline: Duration = .seconds(10)) async throws
        -> [DockerLine]
    {
        try await lastLines(Self.task(id) + "/logs", last, for: "read the log of the task \(id)", within: deadline)
    }

    /// Hands over each line that a task writes until it ends, or the caller is cancelled. Maps to `GET /tasks/{id}/logs` with `follow`.
    package func follow(
        task id: String, since: String, onLine: @escaping @Sendable (DockerLine) -> Void
    ) async throws {
        try await follow(
            Self.task(id) + "/logs", last: nil, since: since, for: "follow the log of the task \(id)", onLine: onLine)
    }

    private static func task(_ id: String) -> String { "/tasks/\(PercentEncoding.encoded(id))" }
    private static func service(_ name: String) -> String { "/services/\(PercentEncoding.encoded(name))" }
}

extension JSONValue {
    /// The object with another value under a key.
    func setting(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.key != key } + [Member(key, value)])
    }
}
