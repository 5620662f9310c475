package import Spec

/// The steps that lead from what is to what should be, in the order in which they are taken.
///
/// Its JSON is a contract: `version` changes when a key changes its meaning.
package struct Plan: Codable, Hashable, Sendable {
    package var version: Int
    package var platform: PlatformName
    package var environment: EnvironmentName
    package var steps: [Step]
    /// Services that run as declared and are not touched.
    package var unchanged: [ServiceName]

    package init(
        platform: PlatformName, environment: EnvironmentName, steps: [Step] = [], unchanged: [ServiceName] = []
    ) {
        self.version = 1
        self.platform = platform
        self.environment = environment
        self.steps = steps
        self.unchanged = unchanged.sorted()
    }

    /// Whether everything is as it should be.
    package var isEmpty: Bool { steps.isEmpty }

    /// The step of that id.
    package func step(_ id: String) -> Step? { steps.first { $0.id == id } }
}

/// Why no plan can be made.
package enum PlanError: Error, Hashable, Sendable {
    /// Each depends on the next, the last on the first.
    case cycle([ServiceName])
    /// A service depends on one that is not declared.
    case unknownDependency(service: ServiceName, on: ServiceName)

    /// The error as a clause.
    package var text: String {
        switch self {
        case .cycle(let names):
            "services depend on each other in a circle: "
                + (names + names.prefix(1)).map(\.text).joined(separator: " → ")
        case .unknownDependency(let service, let on): "service \(service) depends on \(on), which is not declared"
        }
    }
}
