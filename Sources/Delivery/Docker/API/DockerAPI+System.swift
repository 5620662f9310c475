import World

/// What an engine is.
package struct DockerFacts: Sendable, Hashable {
    /// `20.10.24`.
    package var version: String
    package var operatingSystem: String
    package var architecture: String
    /// Bytes of memory that it can give out.
    package var memory: Int
    package var isRootless: Bool
    /// Limits that its kernel cannot keep, in its own words.
    package var warnings: [String]
    package var storage: String
    /// Where it keeps images and volumes, on its own machine.
    package var folder: String
}

extension DockerAPI {
    /// Whether it answers. Maps to `GET /_ping`.
    package func ping(within deadline: Duration = .seconds(5)) async throws {
        let operation = "reach the Docker Engine at \(endpoint)"
        let answer = try await begin("GET", "/_ping", for: operation, within: deadline)
        _ = try await answer.bytes(upTo: 64 << 10, within: deadline)
    }

    /// Maps to `GET /info`.
    package func facts(within deadline: Duration = .seconds(20)) async throws -> DockerFacts {
        let info = try await ask(
            "GET", "/info", for: "ask the Docker Engine at \(endpoint) what it is", within: deadline)
        return DockerFacts(
            version: try info.text("ServerVersion"), operatingSystem: try info.text("OSType"),
            architecture: try info.text("Architecture"), memory: try info.number("MemTotal"),
            isRootless: try info.texts("SecurityOptions").contains { $0.contains("rootless") },
            warnings: try info.texts("Warnings").map { Printable.text($0) }, storage: try info.text("Driver"),
            folder: try info.text("DockerRootDir"))
    }
}
