import Delivery
import Foundation
import Planning
import Spec
import Synchronization
import Testing
import World

extension DockerTests {
    /// The engine of containers under the contract that every engine keeps: a real engine, and a front door in a container of its own.
    @Suite("The Docker engine")
    struct Engine {
        let docker: TestDocker
        private var shop: DockerShop { DockerShop(docker: docker) }

        init() throws { docker = try TestDocker.running() }

        @Test("keeps the contract of engines")
        func contract() async throws {
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            _ = try await TestDocker.probe(docker.folder)
            let engine = try await shop.engine(folder)
            try engine.secrets.set(Secret("only-for-web"), for: "token")
            let load = SteadyLoad("http://\(docker.host):28080/api")
            let second = try await shop.filled(folder, "2", engine)
            var contract = EngineContract(
                engine: engine, first: try await shop.filled(folder, "1", engine), second: second)
            contract.whenServing = {
                load.begin()
                try await secretIsShown()
                try await fenced(engine)
            }
            contract.whenReplaced = {
                try await shop.verified(engine, second, target: "docker")
                try await killReplica(engine)
                let counts = await load.end()
                #expect(counts.answered > 50)
                #expect(counts.failed == [], "a release, its way back and a dead replica cost no request")
            }
            let api = try #require(ServiceName("api"))
            contract.losses = [
                .init(summary: "release api; 2 services unchanged", "1 of 2 replicas run") {
                    try await remove(replicaOf: api)
                },
                .init(summary: "start the front door; 3 services unchanged", "start the front door") {
                    try await docker.api.remove("shop-prod-front-door")
                },
            ]
            do {
                try await contract.check()
            } catch {
                Issue.record("the front door said:\n\(await doorLog())")
                try await down(engine)
                throw error
            }
            try await down(engine)
        }

        private func doorLog() async -> String {
            let lines = (try? await docker.api.logs(of: "shop-prod-front-door", last: 40)) ?? []
            return lines.map(\.text).joined(separator: "\n")
        }

        /// In a file of its own, for its container's user, and nowhere else.
        private func secretIsShown() async throws {
            let web = try #require(
                try await docker.api.containers(labelled: ["hauban.platform=shop", "hauban.service=web"]).first)
            let shown = try await docker.api.execute(
                ["/probe", "show", "/run/secrets/token"], in: web.id, within: .seconds(20))
            #expect(shown.output == "400 10001:10001 only-for-web\n")
            let file = try await docker.api.execute(
                ["/probe", "environment", "TOKEN_FILE"], in: web.id, within: .seconds(20))
            #expect(file.output == "/run/secrets/token\n")
            let inspected = try await CommandRunner.live(
                Command(
                    arguments: ["docker", "inspect", web.id],
                    environment: [
                        "PATH": "/usr/local/bin:/usr/bin:/bin", "DOCKER_HOST": "\(docker.endpoint)",
                        "HOME": docker.folder,
                    ], workingDirectory: "/", deadline: .seconds(60)))
            #expect(inspected.isSuccess && !inspected.output.contains("only-for-web"))
        }

        /// Who lost its lease changes nothing any more.
        private func fenced(_ engine: DockerEngine) async throws {
            let context = ReleaseContext(
                release: ReleaseID(9),
                desired: DesiredState(platform: engine.platform, environment: engine.environment),
                baseline: ObservedState(), changed: [], routing: Routing())
            let step = Step(action: .withdraw, target: .services([]), reason: .removed)
            try await Fence.$current.withValue(7) { try await engine.takeOver() }
            let lost = try await #require(throws: WorldError.self) {
                try await Fence.$current.withValue(6) {
                    try await engine.perform(step, in: context, within: .seconds(60))
                }
            }
            #expect(lost.code == "lease-lost")
        }

        /// As somebody does by hand.
        private func remove(replicaOf service: ServiceName) async throws {
            let labels = ["hauban.platform=shop", "hauban.service=\(service)", "hauban.kind=service"]
            try await docker.api.remove(try #require(try await docker.api.containers(labelled: labels).first).id)
        }

        /// A replica that dies is started again by Docker at the address that the front door has, and misses nobody.
        private func killReplica(_ engine: DockerEngine) async throws {
            let labels = ["hauban.platform=shop", "hauban.service=api", "hauban.kind=service"]
            let victim = try #require(try await docker.api.containers(labelled: labels).first)
            let before = try #require(try await docker.api.inspect(victim.id))
            let address = try #require(victim.labels["hauban.address"])
            #expect(before.addresses.values.contains(address))
            _ = try? await docker.api.execute(["/probe", "kill"], in: victim.id, within: .seconds(20))
            let end = ContinuousClock.now + .seconds(60)
            while true {
                let facts = try #require(try await docker.api.inspect(victim.id))
                if facts.restarts == 1, facts.state == .running {
                    #expect(facts.addresses.values.contains(address))
                    break
                }
                try #require(ContinuousClock.now < end, "it is started again")
                try await Task.sleep(for: .milliseconds(20))
            }
            let name = try #require(ServiceName("api"))
            let signals = try await engine.signals(
                of: [SignalSubject(service: name, release: ReleaseID(3))], window: .seconds(60), within: .seconds(20))
            #expect(signals.first?.restarts == 1)
        }

        private func down(_ engine: DockerEngine) async throws {
            for container in try await docker.api.containers(labelled: ["hauban.platform=shop"]) {
                try await docker.api.remove(container.id)
            }
            for network in try await docker.api.networks(labelled: "hauban.platform=shop") {
                try await docker.api.removeNetwork(network.id)
            }
        }
    }
}
