package import Spec
package import World

/// A kind of resource that this target does not offer; see docs/adr/0004-local-buckets-and-topics.md.
package enum RefusedResource: String, Sendable, Hashable, CaseIterable {
    case bucket, topic

    /// Why, as one clause.
    package var reason: String {
        switch self {
        case .bucket: "no S3 server in Debian keeps its data and takes part in a release"
        case .topic:
            "the protocol of a topic is its cloud's (SNS and SQS, Pub/Sub), and no server here speaks it and keeps its messages"
        }
    }

    /// What to do instead, as whole sentences.
    package func help(_ name: ResourceName, environment: EnvironmentName) -> String {
        let remove = "remove it there with `environments.\(environment).resources.\(name): null`"
        return switch self {
        case .bucket:
            "Run an S3 server of your choice beside Hauban, \(remove), and give the services its address with "
                + "`environments.\(environment).services.NAME.env`; or deploy this platform to docker or a cloud."
        case .topic:
            "Use a stream of a `redis` resource where that is enough; or \(remove), start an emulator as a service with `run:`, "
                + "and give the services its address with `env:`; or deploy this platform to docker or a cloud."
        }
    }

    /// The refusal of the engine, for a platform that came past the check of its file.
    package func error(_ name: ResourceName, environment: EnvironmentName) -> WorldError {
        WorldError(
            code: "resource-not-local", operation: "start the \(rawValue) \(name) on this machine", underlying: reason,
            hint: help(name, environment: environment))
    }

    /// The refusal of an engine of containers.
    func dockerError(_ name: ResourceName, environment: EnvironmentName) -> WorldError {
        let other =
            switch self {
            case .bucket: "Run an S3 server of your choice as a service with `image:`, or elsewhere"
            case .topic:
                "Use a stream of a `redis` resource where that is enough, or an emulator as a service with `image:`"
            }
        return WorldError(
            code: "resource-not-docker", operation: "create the \(rawValue) \(name) on a Docker Engine",
            underlying: "no image of one is kept up for everybody",
            hint:
                "\(other); remove it here with `environments.\(environment).resources.\(name): null`, with the edges to it, and give "
                + "the services its address with `env:`.")
    }
}
