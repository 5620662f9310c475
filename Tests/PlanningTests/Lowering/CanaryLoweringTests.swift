import Planning
import Spec
import Testing

@Suite struct CanaryLoweringTests {
    @Test("what keeps a client on its side is carried over, and only a canary has shares")
    func sides() throws {
        let parsed = ParsedPlatform.parse(
            text: """
                hauban: 1
                platform: shop
                services:
                  a: {source: a, port: 80, rollout: canary}
                  b: {source: b, port: 80, rollout: {way: canary, steps: [1%, 12.5%], hold: 5m, by: {header: X-User}}}
                  c: {source: c, port: 80, rollout: {way: canary, by: {cookie: session}, force: X-Try}}
                  d: {source: d, site: {output: dist}, rollout: {way: canary, by: request}}
                  e: {source: e, port: 80}
                environments: {dev: {target: local}}
                """, name: "hauban.yaml")
        #expect(parsed.diagnostics.isEmpty)
        let dev = try #require(EnvironmentName("dev"))
        let platform = try #require(parsed.environments[dev])
        let state = Lowering(platform: platform, environment: dev, root: "/shop").desiredState()
        let usual = [50_000, 250_000, 500_000].map { Percent(millionths: $0) }
        #expect(
            state.services.map(\.canary) == [
                DesiredCanary(steps: usual),
                DesiredCanary(
                    steps: [Percent(millionths: 10_000), Percent(millionths: 125_000)], hold: .seconds(300),
                    by: .header("X-User")),
                DesiredCanary(steps: usual, by: .cookie("session"), force: "X-Try"),
                DesiredCanary(steps: usual, by: .request), nil,
            ])
        #expect(state.services.allSatisfy { $0.rollout == .beside })
        #expect(
            state.services.map { $0.canary?.length } == [
                .seconds(180), .seconds(600), .seconds(180), .seconds(180), nil,
            ])
    }
}
