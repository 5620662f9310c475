import Planning
import Spec
import World

extension DockerEngine {
    /// What ends by itself this often before it was ready once is not waited for any longer.
    private static let attemptsAtStart = 5

    func gate(_ name: ServiceName, _ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome {
        let service = context.desired.service(name)
        // The step's own limit leaves room for the calls; a service has the time that its author gave it.
        let limit = min(deadline, service?.gateDeadline ?? deadline)
        return try await gate(name, release: context.release, service: service, within: limit)
    }

    func gate(
        _ name: ServiceName, release: ReleaseID, service: DesiredService?, within limit: Duration
    ) async throws -> StepOutcome {
        let all = try await replicas(of: name, release: release)
        guard !all.isEmpty else { return StepOutcome(didChange: false) }
        let end = keeper.uptime() + limit
        let passes = max(1, service?.readiness?.passes ?? 1)
        let missing = try await withThrowingTaskGroup(of: Missing?.self) { group in
            for replica in all {
                group.addTask {
                    try await wait(for: replica.container, passes: passes, service?.readiness, until: end)
                }
            }
            return try await group.reduce(into: [Missing]()) { all, one in if let one { all.append(one) } }
        }
        guard missing.isEmpty else {
            let isDead = missing.contains(where: \.isDead)
            throw WorldError(
                code: "not-ready", operation: "wait for \(name)",
                underlying: missing.map(\.text).sorted().joined(separator: "; "),
                hint: isDead
                    ? "It ends by itself, so waiting longer would not help; `hauban logs \(name)` shows what it wrote."
                    : "`health.start` (\(limit.inWords)) of services.\(name) says how long it may take.")
        }
        return StepOutcome(didChange: false)
    }

    struct Missing: Sendable {
        var text: String
        var isDead = false
    }

    /// Asks with growing waits, itself: the engine's own first look comes after a whole interval.
    ///
    /// - Returns: `nil` once it is ready.
    func wait(
        for container: ListedContainer, passes: Int, _ probe: Probe?, until end: Duration
    ) async throws -> Missing? {
        var pause = Duration.milliseconds(50)
        var passed = 0
        var last = "it was not asked"
        while true {
            guard let facts = try await api.inspect(container.id) else {
                return Missing(text: "\(container.name) is gone", isDead: true)
            }
            if facts.restarts >= Self.attemptsAtStart {
                return Missing(
                    text:
                        "\(facts.name) was started \(facts.restarts) times, and each time exited with code \(facts.exitCode)",
                    isDead: true)
            }
            if facts.state == .dead || !facts.error.isEmpty {
                return Missing(text: "\(facts.name) cannot be started: \(facts.error)", isDead: true)
            }
            let answer = facts.state == .running ? try await ask(facts, probe) : "it is \(facts.state.rawValue)"
            if let answer {
                passed = 0
                last = answer
            } else {
                passed += 1
                if passed >= passes { return nil }
            }
            guard keeper.uptime() < end else { return Missing(text: "\(facts.name) is not ready: \(last)") }
            try await keeper.sleep(passed > 0 ? min(probe?.interval ?? pause, .seconds(1)) : pause)
            pause = min(pause * 2, .seconds(1))
        }
    }

    /// Runs the check of a container that runs.
    ///
    /// - Returns: why it is not well; `nil` when it is, or when nobody can ask.
    private func ask(_ facts: ContainerFacts, _ probe: Probe?) async throws -> String? {
        guard let check = facts.check else { return nil }
        let timeout = probe?.timeout ?? .seconds(5)
        do {
            let result = try await api.execute(check, in: facts.id, outputLimit: 4_096, within: timeout)
            if result.isSuccess { return nil }
            let said = Printable.text(result.errors + result.output, limit: 300)
            return "its check \(result.status)" + (said.isEmpty ? "" : ": \(said)")
        } catch let error as WorldError where error.code == "timed-out" {
            return "its check did not end within \(timeout.inWords)"
        } catch let error as WorldError where ["docker-conflict", "docker-not-found"].contains(error.code) {
            return "it ended meanwhile"
        }
    }

    /// Whether a container answers well now: as the engine says, and asked anew before the engine has looked for the first time.
    func isReady(_ facts: ContainerFacts) async throws -> Bool {
        guard facts.state == .running else { return false }
        switch facts.health {
        case .none, .healthy: return true
        case .unhealthy: return false
        case .starting: return try await ask(facts, nil) == nil
        }
    }
}
