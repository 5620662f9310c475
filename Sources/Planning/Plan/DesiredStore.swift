import Spec

/// How a database or cache runs where containers do: what only an engine of containers asks.
package struct DesiredStore: Codable, Hashable, Sendable {
    /// With its tag: `postgres:15-alpine`.
    package var image: String
    /// What the server's program is told besides where its data lie and who may come in.
    package var arguments: [String]
    /// The check of readiness as a program in the container.
    package var check: [String]
    package var milliCPUs: Int
    /// Bytes.
    package var memory: Int
    package var labels: [String: String]
    /// Whether its port is published on 127.0.0.1 of the engine's machine too; nil, as in what older versions stored, is no.
    package var isOpen: Bool?

    package init(
        image: String, arguments: [String] = [], check: [String], milliCPUs: Int, memory: Int,
        labels: [String: String] = [:], isOpen: Bool? = nil
    ) {
        self.image = image
        self.arguments = arguments
        self.check = check
        self.milliCPUs = milliCPUs
        self.memory = memory
        self.labels = labels
        self.isOpen = isOpen
    }
}
