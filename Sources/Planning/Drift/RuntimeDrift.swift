package import Spec

/// What runs and was not released so, one finding a fact.
package struct RuntimeDrift: Sendable, Hashable {
    /// The last part of the rule that a waiver names: `drift/limits`.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// What was released is not there.
        case gone
        /// It is there and does not run.
        case stopped
        /// Another number of replicas than was released.
        case replicas
        /// It runs another image, or the image's name leads to another one.
        case image
        case command, environment, user, limits, mounts, networks, ports, restart, privileges
        /// Nobody released it, and it is in our networks or has our labels.
        case foreign
    }

    package struct Finding: Sendable, Hashable {
        /// What a waiver's `scope` is compared with: `services.api`.
        package var path: SpecPath
        /// What it is called where it runs: `shop-prod-api-r3-0`.
        package var subject: String
        package var kind: Kind
        package var found: String
        package var wanted: String
        package var mend: String
        /// The waiver in force that sets it aside.
        package var waiver: WaiverName?

        package init(
            _ path: SpecPath, _ subject: String, _ kind: Kind, found: String, wanted: String, mend: String
        ) {
            self.path = path
            self.subject = subject
            self.kind = kind
            self.found = found
            self.wanted = wanted
            self.mend = mend
        }

        package var rule: String { "drift/\(kind.rawValue)" }
    }

    /// By subject, then kind.
    package var findings: [Finding]

    package init(_ findings: [Finding]) {
        self.findings = findings.sorted {
            ($0.subject, $0.kind.rawValue, $0.found) < ($1.subject, $1.kind.rawValue, $1.found)
        }
    }

    /// Those that no waiver sets aside.
    package var open: [Finding] { findings.filter { $0.waiver == nil } }

    /// The same with each finding that a waiver in force covers marked by its name.
    package func waived(
        by waivers: [WaiverName: Waiver], in environment: EnvironmentName, today: CalendarDate
    ) -> RuntimeDrift {
        let inForce = waivers.sorted { $0.key < $1.key }.filter { _, waiver in
            waiver.expires >= today && waiver.file == nil
                && (waiver.environment == nil || waiver.environment == environment)
        }
        var drift = self
        for index in drift.findings.indices {
            let finding = drift.findings[index]
            drift.findings[index].waiver =
                inForce.first { _, waiver in
                    waiver.rule == finding.rule && Self.covers(waiver.scope, finding.path, environment)
                }?.key
        }
        return drift
    }

    /// `services.api`, `services.*`, `environments.prod`, `environments.prod.services.api`.
    private static func covers(_ scope: SpecPath, _ path: SpecPath, _ environment: EnvironmentName) -> Bool {
        var components = scope.components[...]
        if components.count >= 2, components.first == "environments" {
            guard [environment.text, "*"].contains(components[1]) else { return false }
            components = components.dropFirst(2)
        }
        guard components.count <= path.components.count else { return false }
        return zip(components, path.components).allSatisfy { $0 == "*" || $0 == $1 }
    }
}
