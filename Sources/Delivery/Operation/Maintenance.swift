package import FoundationEssentials
import FrontDoor
package import Spec
import World

/// A maintenance of an environment, or of one of its services.
package struct MaintenanceStatus: Codable, Hashable, Sendable {
    /// Absent when the whole environment is in maintenance.
    package var service: String?
    package var since: Date
    /// When it ends by itself.
    package var until: Date?
    package var message: String?
}

/// A maintenance that was begun, with what lets the team pass.
package struct BegunMaintenance: Codable, Hashable, Sendable {
    package var maintenance: MaintenanceStatus
    /// For the field `X-Hauban-Bypass`.
    package var token: String
    /// Gives a browser the cookie that lets it pass.
    package var link: String?
}

extension PlatformEngine {
    /// Answers visitors with a page from now on. One that is on already gets the new end, message and page, and keeps its
    /// token.
    ///
    /// - Parameter service: `nil` for the whole environment.
    /// - Throws: `WorldError` with the code `front-door-absent` when nothing was deployed.
    package func beginMaintenance(
        of service: ServiceName?, until: Date?, message: String?, page: String?, now: Date
    ) async throws -> BegunMaintenance {
        try await requireFrontDoor(for: "begin a maintenance")
        var random = SystemRandomNumberGenerator()
        let fresh = (0..<2).map { _ in
            let hex = String(UInt64.random(in: .min ... .max, using: &random), radix: 16)
            return String(repeating: "0", count: 16 - hex.count) + hex
        }.joined()
        var begun = FrontDoorConfiguration.Maintenance(
            since: Int(now.timeIntervalSince1970), until: until.map { Int($0.timeIntervalSince1970) },
            message: message, token: fresh, page: page)
        try await changeFrontDoor { configuration in
            let second = Int(now.timeIntervalSince1970)
            let earlier =
                if let service { configuration.services[service.text]?.maintenance } else { configuration.maintenance }
            if let earlier, earlier.isOn(at: second) { begun.since = earlier.since }
            // A browser keeps one cookie: all that are on at a time have one token.
            let others = [earlier, configuration.maintenance] + configuration.services.values.map(\.maintenance)
            if let other = others.compactMap({ $0 }).first(where: { $0.isOn(at: second) }) { begun.token = other.token }
            if let service {
                configuration.services[service.text, default: .init(releases: [])].maintenance = begun
            } else {
                configuration.maintenance = begun
            }
        }
        return BegunMaintenance(
            maintenance: MaintenanceStatus(service?.text, begun), token: begun.token,
            link: await publicAddress().map {
                "\($0)\(FrontDoorConfiguration.Maintenance.bypassPath)\(begun.token)"
            })
    }

    /// Lets visitors in again.
    ///
    /// - Returns: whether there was a maintenance to end.
    package func endMaintenance(of service: ServiceName?, now: Date) async throws -> Bool {
        try await requireFrontDoor(for: "end a maintenance")
        var wasOn = false
        try await changeFrontDoor { configuration in
            let second = Int(now.timeIntervalSince1970)
            if let service {
                wasOn = configuration.services[service.text]?.maintenance?.isOn(at: second) ?? false
                configuration.services[service.text]?.maintenance = nil
            } else {
                wasOn = configuration.maintenance?.isOn(at: second) ?? false
                configuration.maintenance = nil
            }
        }
        return wasOn
    }

    private func requireFrontDoor(for operation: String) async throws {
        guard try await hasFrontDoor() else {
            throw WorldError(
                code: "front-door-absent", operation: operation,
                underlying: "nothing of \(environment) is running",
                hint: "`hauban deploy \(environment)` starts it.")
        }
    }
}

extension MaintenanceStatus {
    init(_ service: String?, _ maintenance: FrontDoorConfiguration.Maintenance) {
        self.service = service
        since = Date(timeIntervalSince1970: Double(maintenance.since))
        until = maintenance.until.map { Date(timeIntervalSince1970: Double($0)) }
        message = maintenance.message
    }

    /// Those in force, the environment's own first.
    static func all(in configuration: FrontDoorConfiguration, at now: Int) -> [MaintenanceStatus] {
        let own = configuration.maintenance.map { [(nil as String?, $0)] } ?? []
        let services = configuration.services.sorted { $0.key < $1.key }.compactMap { name, service in
            service.maintenance.map { (name as String?, $0) }
        }
        return (own + services).filter { $0.1.isOn(at: now) }.map { MaintenanceStatus($0.0, $0.1) }
    }
}
