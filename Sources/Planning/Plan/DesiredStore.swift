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

    package init(
        image: String, arguments: [String] = [], check: [String], milliCPUs: Int, memory: Int,
        labels: [String: String] = [:]
    ) {
        self.image = image
        self.arguments = arguments
        self.check = check
        self.milliCPUs = milliCPUs
        self.memory = memory
        self.labels = labels
    }
}
