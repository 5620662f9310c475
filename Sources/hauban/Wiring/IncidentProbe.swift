import Delivery
import FoundationEssentials
import Planning
import Spec
import World

/// Sends an alert to the control plane of an environment and waits until it is an incident; then ends both.
struct IncidentProbe: Sendable {
    private let access: PlaneAccess
    private let platform: PlatformName
    private let environment: EnvironmentName

    private static let patience = Duration.seconds(30)

    /// - Returns: `nil` where no control plane of this environment is known.
    init?(_ session: Session) {
        let variables = ProcessEnvironment.all
        let data = LocalAccess.usualFolder
        if (variables["HAUBAN_URL"] ?? "").isEmpty {
            guard let local = LocalAccess.read(data), local.serves == nil || local.serves == session.place.state else {
                return nil
            }
        }
        guard let access = try? PlaneAccess.find(url: nil, tokenFile: nil, data: data, variables: variables) else {
            return nil
        }
        self.access = access
        platform = session.platform.name
        environment = session.name
    }

    /// How long it took; 30 seconds at most.
    func ask(_ run: String) async -> Answer<Duration> {
        do {
            return try await PlaneClient.with(access) { client in
                let began = ContinuousClock.now
                try await send(run, isOver: false, client)
                let incidents: [String]
                do {
                    incidents = try await self.incidents(of: run, client)
                } catch {
                    try? await send(run, isOver: true, client)
                    throw error
                }
                let took = began.duration(to: .now)
                try await send(run, isOver: true, client)
                // With its only alert it ends by itself, unless somebody is slower than we are.
                for incident in incidents {
                    _ = try? await client.json(
                        "POST", ["incidents", incident, "resolve"], body: .object([]), doing: "resolve \(incident)")
                }
                return incidents.isEmpty ? .failed("none within \(Self.patience.inWords)") : .got(took)
            }
        } catch let error as WorldError where error.code == "no-control-plane" {
            return .unasked(error.underlying)
        } catch let error as WorldError {
            return .failed(error.underlying)
        } catch {
            return .failed("\(error)")
        }
    }

    private func send(_ run: String, isOver: Bool, _ client: PlaneClient) async throws {
        let now = Date()
        let labels: [(String, String)] = [
            ("alertname", "HaubanVerification"), ("environment", environment.text), ("platform", platform.text),
            ("severity", "low"), ("verification", run),
        ]
        var alert: [JSONValue.Member] = [
            .init("labels", .object(labels.map { .init($0.0, .string($0.1)) })),
            .init(
                "annotations",
                .object([.init("summary", .string("A verification of \(platform) sent this, and ends it itself."))])),
        ]
        if isOver {
            alert.append(.init("startsAt", .string(Timestamp.text(now.addingTimeInterval(-60)))))
            alert.append(.init("endsAt", .string(Timestamp.text(now))))
        }
        _ = try await client.ask(
            "POST", ["api", "v2", "alerts"], body: .array([.object(alert)]), doing: "send a test alert")
    }

    private func incidents(of run: String, _ client: PlaneClient) async throws -> [String] {
        let end = ContinuousClock.now + Self.patience
        while true {
            let answer = try await client.json(
                "GET", ["alerts"], query: [("filter", "verification=\"\(run)\""), ("state", "all")],
                doing: "look for its incident")
            let found = answer.value.items("items").flatMap { $0.items("incidents").compactMap(\.string) }
            if !found.isEmpty || ContinuousClock.now >= end { return found }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
