import Delivery
import Planning
import Spec
import Testing

extension DockerShop {
    /// What a verification with limits and a flow says of what runs.
    func report(_ engine: any VerifiedEngine, _ desired: DesiredState, target: String) async throws
        -> VerificationReport
    {
        let text = """
            hauban: 1
            platform: shop
            release: {verify: {for: 1s, flows: {home: [{get: /, expect: {again-for: 60s}}]}}}
            environments:
              prod:
                target: \(target)
                accept:
                  availability: availability(api) > 99%
                  cpu: cpu(api) < 1000%
                  latency: p95(api) < 1m
                  memory: memory(api) < 99%
                  workers: up(worker) >= 1

            """
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        let name = try #require(EnvironmentName("prod"))
        let plan = VerificationPlan(desired, try #require(parsed.environments[name]))
        let facts = try await Verifier(plan, engine, Verifier.Settings(run: "v1")).facts()
        return VerificationJudge(plan).report(facts, release: ReleaseID(3))
    }

    /// Everything that a verification asks is answered by containers too.
    func verified(_ engine: any VerifiedEngine, _ desired: DesiredState, target: String) async throws {
        let report = try await report(engine, desired, target: target)
        #expect(report.verdict == .met, "\(report.findings.filter { $0.outcome != .met }.map(\.text))")
        let kinds = Set(report.findings.map(\.kind.rawValue))
        #expect(kinds == ["route", "port", "api", "smoke", "flow", "limit"])
        #expect(report.findings.count { $0.kind == .api } == 4)
    }
}
