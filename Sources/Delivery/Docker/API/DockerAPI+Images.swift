import FoundationEssentials
import World

/// An image that an engine has.
package struct DockerImage: Sendable, Hashable {
    /// `sha256:…`, over its configuration: equal ids are equal images.
    package var id: String
    /// `registry/name:tag`.
    package var tags: [String]
    /// `registry/name@sha256:…`, once it was pushed or pulled.
    package var digests: [String]
    package var labels: [String: String]
    package var bytes: Int
    /// The user that it names for its processes; empty means root.
    package var user: String
}

extension DockerAPI {
    /// Maps to `GET /images/{name}/json`.
    ///
    /// - Returns: `nil` when the engine has none.
    package func image(_ name: String, within deadline: Duration = .seconds(30)) async throws -> DockerImage? {
        do {
            let answer = try await ask(
                "GET", "/images/\(PercentEncoding.encoded(name))/json", for: "look at the image \(name)",
                within: deadline)
            let config = answer.member("Config")
            return DockerImage(
                id: try answer.text("Id"), tags: try answer.texts("RepoTags"),
                digests: try answer.texts("RepoDigests"), labels: try config?.dictionary("Labels") ?? [:],
                bytes: try answer.number("Size"), user: try config?.member("User")?.text() ?? "")
        } catch let error as WorldError where error.code == "docker-image-missing" || error.code == "docker-not-found" {
            return nil
        }
    }

    /// The images with a label. Maps to `GET /images/json`.
    package func images(labelled label: String, within deadline: Duration = .seconds(30)) async throws
        -> [DockerImage]
    {
        let answer = try await ask(
            "GET", "/images/json", ["filters": Self.filters(["label": [label]])], for: "list the images",
            within: deadline)
        return try answer.list().map {
            DockerImage(
                id: try $0.text("Id"), tags: try $0.texts("RepoTags"), digests: try $0.texts("RepoDigests"),
                labels: try $0.dictionary("Labels"), bytes: try $0.number("Size"), user: "")
        }
    }

    /// Gives an image a further name. Maps to `POST /images/{name}/tag`.
    package func tag(_ image: String, as name: ImageName, within deadline: Duration = .seconds(30)) async throws {
        try await ask(
            "POST", "/images/\(PercentEncoding.encoded(image))/tag", ["repo": name.repository, "tag": name.tag],
            for: "name the image \(name)", within: deadline)
    }

    /// Takes a name from an image, and removes the image with its last one; one that is gone is no error, one that a container uses is.
    /// Maps to `DELETE /images/{name}`.
    package func removeImage(_ name: String, within deadline: Duration = .seconds(60)) async throws {
        try await Self.unlessGone {
            try await ask(
                "DELETE", "/images/\(PercentEncoding.encoded(name))", for: "remove the image \(name)", within: deadline)
        }
    }

    /// Builds an image. Maps to `POST /build`, with the builder that every engine has.
    ///
    /// - Parameters:
    ///   - context: the files, the Dockerfile among them.
    ///   - onLine: each line that the build says.
    /// - Returns: the image's id.
    /// - Throws: `WorldError`; `image-build-failed` with the build's last words.
    package func build(
        _ context: TarStream, _ request: ImageBuild, credentials: RegistryCredentials? = nil,
        within deadline: Duration, onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> String {
        let operation = "build the image \(request.name)"
        var query = [
            "t": request.name.description, "dockerfile": request.dockerfile, "rm": "true", "forcerm": "true",
            "labels": JSONValue.dictionary(request.labels).text, "version": "1",
        ]
        if !request.arguments.isEmpty { query["buildargs"] = JSONValue.dictionary(request.arguments).text }
        if request.pulls { query["pull"] = "true" }
        var fields: [(name: String, value: String)] = []
        if let credentials { fields.append(("X-Registry-Config", credentials.configField)) }
        let answer = try await begin(
            "POST", "/build", query, fields: fields, pieces: context, for: operation, within: deadline)
        let heard = try await progress(answer, operation, within: deadline, onLine: onLine)
        if let failure = heard.failure {
            let isOwn = heard.step != nil
            var error = refusal(operation).refused(status: 500, message: failure)
            if isOwn, error.code == "docker-failed" {
                error.code = "image-build-failed"
                error.hint =
                    heard.lastLines.isEmpty ? "" : "It said:\n    " + heard.lastLines.joined(separator: "\n    ")
            }
            throw error
        }
        guard let id = heard.id else {
            throw WorldError(
                code: "docker-broken-off", operation: operation, underlying: "the build ended without an image",
                hint: "See whether the engine at \(endpoint) was stopped meanwhile.")
        }
        return id
    }

    /// Fetches an image from its registry. Maps to `POST /images/create`.
    package func pull(
        _ name: ImageName, credentials: RegistryCredentials? = nil, within deadline: Duration
    ) async throws {
        try await pull(ImageReference(name), credentials: credentials, within: deadline)
    }

    /// Fetches an image from its registry. Maps to `POST /images/create`.
    ///
    /// - Throws: `WorldError`; `registry-refuses`, `docker-image-missing`.
    package func pull(
        _ name: ImageReference, credentials: RegistryCredentials? = nil, within deadline: Duration,
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        let operation = "pull the image \(name)"
        let answer = try await begin(
            "POST", "/images/create", ["fromImage": name.repository, "tag": name.mark],
            fields: Self.authentication(credentials), for: operation, within: deadline)
        try await finish(answer, operation, within: deadline, onLine: onLine)
    }

    /// Sends an image to its registry. Maps to `POST /images/{name}/push`.
    package func push(
        _ name: ImageName, credentials: RegistryCredentials? = nil, within deadline: Duration,
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        let operation = "push the image \(name)"
        // The engine wants the field even of those who have nothing to show.
        let fields: [(name: String, value: String)] = [
            ("X-Registry-Auth", credentials?.authField ?? RegistryCredentials.nobody)
        ]
        let answer = try await begin(
            "POST",
            "/images/\(name.repository.split(separator: "/").map { PercentEncoding.encoded(String($0)) }.joined(separator: "/"))/push",
            ["tag": name.tag], fields: fields, for: operation, within: deadline)
        try await finish(answer, operation, within: deadline, onLine: onLine)
    }

    static func authentication(_ credentials: RegistryCredentials?) -> [(name: String, value: String)] {
        credentials.map { [("X-Registry-Auth", $0.authField)] } ?? []
    }

    private func finish(
        _ answer: IncomingAnswer, _ operation: String, within deadline: Duration,
        onLine: @escaping @Sendable (String) -> Void
    ) async throws {
        let heard = try await progress(answer, operation, within: deadline, onLine: onLine)
        if let failure = heard.failure { throw refusal(operation).refused(status: 500, message: failure) }
        guard heard.messages > 0 else {
            throw WorldError(
                code: "docker-broken-off", operation: operation, underlying: "it ended without a word",
                hint: "See whether the engine at \(endpoint) was stopped meanwhile.")
        }
    }

    private func progress(
        _ answer: IncomingAnswer, _ operation: String, within deadline: Duration,
        onLine: @escaping @Sendable (String) -> Void
    ) async throws -> ImageProgress {
        do {
            var heard = try await answer.fold(into: ImageProgress(operation), within: deadline) { heard, bytes in
                try heard.feed(bytes, onLine)
                return true
            }
            try heard.finish(onLine)
            return heard
        } catch {
            throw refusal(operation).failed(error)
        }
    }
}

/// What a build, a pull or a push said.
private struct ImageProgress: Sendable {
    private var lines: JSONLines
    private var splitter = LineSplitter(limit: 4_096)
    private(set) var failure: String?
    private(set) var id: String?
    private(set) var step: String?
    private(set) var messages = 0
    /// The end of what it said.
    private(set) var lastLines: [String] = []

    init(_ operation: String) { lines = JSONLines(operation: operation) }

    mutating func feed(_ bytes: [UInt8], _ onLine: @Sendable (String) -> Void) throws {
        for value in try lines.feed(bytes) { try take(value, onLine) }
    }

    mutating func finish(_ onLine: @Sendable (String) -> Void) throws {
        for value in try lines.finish() { try take(value, onLine) }
        if let line = splitter.flush() { say(line, onLine) }
    }

    private mutating func take(_ value: DockerAnswer, _ onLine: @Sendable (String) -> Void) throws {
        messages += 1
        if let error = value.member("error") {
            failure = try value.member("errorDetail")?.member("message")?.text() ?? error.text()
        }
        if let found = value.member("aux")?.member("ID") { id = try found.text() }
        if let text = try value.member("stream")?.text() {
            for line in splitter.feed(Array(text.utf8)) { say(line, onLine) }
        } else if let status = try value.member("status")?.text(), value.member("progressDetail") == nil {
            onLine(Printable.text(status))
        }
    }

    private mutating func say(_ line: LineSplitter.Line, _ onLine: @Sendable (String) -> Void) {
        let text = Printable.text(line.text, limit: 4_096)
        if text.hasPrefix("Step ") { step = text }
        guard !text.isEmpty else { return }
        lastLines.append(text)
        if lastLines.count > 8 { lastLines.removeFirst() }
        onLine(text)
    }
}
