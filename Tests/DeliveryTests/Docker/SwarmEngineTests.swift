import Delivery
import Foundation
import Planning
import Spec
import Testing
import World

extension DockerTests {
    /// The engine of Swarm on a real one of one server.
    @Suite("The Swarm engine")
    struct Swarm {
        let docker: TestDocker
        private var shop: DockerShop { DockerShop(docker: docker) }

        init() throws { docker = try TestDocker.running() }

        @Test("keeps the contract of engines")
        func contract() async throws {
            try await with { engine, folder in
                try engine.secrets.set(Secret("only-for-web"), for: "token")
                let load = SteadyLoad("http://\(docker.host):28080/api")
                let second = try await shop.filled(folder, "2", engine.here)
                var contract = EngineContract(
                    engine: engine, first: try await shop.filled(folder, "1", engine.here), second: second)
                contract.whenServing = {
                    load.begin()
                    try await secretIsShown()
                    #expect(try await engine.troubles(within: .seconds(20)) == [])
                }
                contract.whenReplaced = {
                    try await shop.verified(engine, second, target: "swarm")
                    try await asked(engine, second)
                    try await killReplica(engine)
                    let counts = await load.end()
                    #expect(counts.answered > 50)
                    #expect(counts.failed == [], "a release, its way back and a dead replica cost no request")
                }
                try await contract.check()
                #expect(try await docker.api.services(labelled: ["hauban.platform=shop"]) == [])
                #expect(try await docker.api.secrets(labelled: ["hauban.platform=shop"]) == [])
            }
        }

        @Test(
            "a release that never becomes healthy is returned while the old one answers, and what Swarm returns by itself is told as what it is"
        )
        func sick() async throws {
            try await with { engine, folder in
                var first = try await shop.filled(folder, "1", engine.here)
                first.services = first.services.filter { $0.name.text == "api" }
                first.services[0].canary = nil
                first.routes = [DesiredRoute(path: "/", service: first.services[0].name)]
                try await perform(engine, first, ReleaseID(1), from: try await engine.observe(within: .seconds(60)))
                try await lookAndMend(engine, first)
                let running = try await engine.observe(within: .seconds(60))
                let load = SteadyLoad("http://\(docker.host):28080/")
                load.begin()

                var second = first
                second.services[0].fingerprint = "sick"
                second.services[0].run = .words(["exit", "3"])
                let failure = try await #require(throws: WorldError.self) {
                    try await perform(engine, second, ReleaseID(2), from: running)
                }
                #expect(failure.code == "not-ready", "\(failure)")
                #expect(failure.underlying.contains("ended by itself"))
                #expect(failure.underlying.contains("(3)"))
                #expect(try await engine.observe(within: .seconds(60)).services == running.services)
                let counts = await load.end()
                #expect(counts.answered > 50)
                #expect(counts.failed == [])

                // Somebody changes the service by hand, and Swarm takes that back by itself.
                let name = first.services[0].name
                let changed = try await docker.cli(
                    "service", "update", "--detach", "--quiet", "--args", "exit 4", "--update-failure-action",
                    "rollback",
                    "--update-monitor", "2s", "shop-prod_api-r1")
                #expect(changed.isSuccess, "\(changed.errors)")
                let end = ContinuousClock.now + .seconds(90)
                while true {
                    let troubles = try await engine.troubles(within: .seconds(20))
                    if let told = troubles.first(where: { $0.underlying.contains("rollback_completed") }) {
                        #expect(told.code == "service-changed")
                        break
                    }
                    try #require(ContinuousClock.now < end, "\(troubles)")
                    try await Task.sleep(for: .milliseconds(100))
                }
                let context = ReleaseContext(
                    release: ReleaseID(1), desired: first, baseline: ObservedState(), changed: [name],
                    routing: Routing())
                let gate = Step(action: .gate, target: .services([name]), reason: .removed)
                let told = try await #require(throws: WorldError.self) {
                    try await engine.perform(gate, in: context, within: .seconds(60))
                }
                #expect(told.code == "not-ready" && told.underlying.contains("rollback_completed"), "\(told)")
                let signals = try await engine.signals(
                    of: [SignalSubject(service: name, release: ReleaseID(1))], window: .seconds(60),
                    within: .seconds(20))
                #expect(signals[0].failedReplicas > 0)
                #expect(signals[0].detail?.contains("rollback_completed") == true)
                #expect(try await engine.observe(within: .seconds(60)).service(name)?.state == .failed)
                #expect(try await engine.down() == 2, "a replica and the front door")
                #expect(try await docker.api.networks(labelled: "hauban.platform=shop") == [])
                #expect(try await engine.environmentStatus().replicas == [])
            }
        }

        // MARK: Parts

        /// All steps of a release; a failure takes back what was begun.
        private func perform(
            _ engine: SwarmEngine, _ desired: DesiredState, _ release: ReleaseID, from observed: ObservedState
        ) async throws {
            let plan = try Plan.towards(desired, from: observed)
            var context = ReleaseContext(
                release: release, desired: desired, baseline: observed, changed: plan.changed, routing: Routing())
            var done: [Step] = []
            func perform(_ step: Step) async throws {
                context.routing = plan.routing(
                    with: Set(done.map(\.id)), release: release, desired: desired, baseline: observed)
                _ = try await engine.perform(step, in: context, within: .seconds(60))
            }
            do {
                for step in plan.steps where step.phase != .judge && step.action != .hold {
                    done.append(step)
                    try await perform(step)
                }
            } catch {
                while let step = done.popLast() {
                    if let inverse = step.inverse { try await perform(inverse) }
                }
                throw error
            }
        }

        /// What commands show of it, and what is done about an incident.
        private func lookAndMend(_ engine: SwarmEngine, _ state: DesiredState) async throws {
            let name = state.services[0].name
            let status = try await engine.environmentStatus()
            #expect(status.isWell, "\(status)")
            #expect(status.replicas.map(\.id) == ["api.r1.0", "api.r1.1", "front-door"])
            #expect(status.address == "http://\(docker.host):28080")
            let readings = await engine.readings(window: .seconds(60), within: .seconds(60))
            #expect(try readings.replicas.get()["api"]?.ready == 2)
            let lines = try await engine.logs(LogQuery(services: ["api"]))
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.message == "serving 1" && $0.release == "r1" })

            let said = try await engine.run(
                .words(["say", "hello"]), asService: name, of: state, within: .seconds(60))
            #expect(said.isSuccess && said.output == "hello\n" && said.errors == "and an error\n", "\(said)")
            let scaled = try await engine.scaleReplicas(
                of: name, by: -1, within: 1...2, of: state, deadline: .seconds(60))
            #expect(scaled == (2, 1))
            #expect(try await engine.restartReplicas(of: name, within: .seconds(60)) == 1)
            #expect(try await engine.troubles(within: .seconds(20)) == [], "a restart of ours is nobody else's")
        }

        /// In a file of its own, for its container's user, and nowhere else.
        private func secretIsShown() async throws {
            let web = try #require(try await docker.api.containers(labelled: ["hauban.service=web"]).first)
            let shown = try await docker.api.execute(
                ["/probe", "show", "/run/secrets/token"], in: web.id, within: .seconds(20))
            #expect(shown.output == "400 10001:10001 only-for-web\n")
            let service = try await docker.cli("service", "inspect", "shop-prod_web-r1")
            #expect(service.isSuccess && !service.output.contains("only-for-web"))
        }

        /// Replicas are in networks that only the front door shares with them, so that it asks.
        private func asked(_ engine: SwarmEngine, _ desired: DesiredState) async throws {
            let places = try await engine.whereabouts(of: desired, within: .seconds(30))
            #expect(places.replicas.map(\.name) == ["api.r3.0", "api.r3.1", "web.r3.0", "worker.r3.0"])
            #expect(places.unpublished.sorted() == ["api", "web", "worker"])
            var api = try #require(places.replicas.first)
            let glance = try await engine.get("/", of: api, within: .seconds(10))
            #expect(glance.status == 200 && glance.body.hasPrefix("2"), "\(glance)")
            api.port = 9
            let refused = await #expect(throws: WorldError.self) {
                try await engine.get("/", of: api, within: .seconds(10))
            }
            #expect(
                refused?.code == "no-answer" && refused?.underlying.isEmpty == false, "\(String(describing: refused))")
        }

        /// A replica that dies is started again by Swarm at another address, which the front door finds.
        private func killReplica(_ engine: SwarmEngine) async throws {
            let victim = try #require(
                try await docker.api.containers(labelled: ["hauban.service=api", "hauban.release=r3"])
                    .first { $0.state == .running })
            _ = try? await docker.api.execute(["/probe", "kill"], in: victim.id, within: .seconds(20))
            let subject = SignalSubject(service: try #require(ServiceName("api")), release: ReleaseID(3))
            let end = ContinuousClock.now + .seconds(60)
            while true {
                let signals = try await engine.signals(of: [subject], window: .seconds(60), within: .seconds(20))
                if signals[0].restarts == 1, signals[0].failedReplicas == 0 {
                    #expect(signals[0].detail?.contains("137") == true)
                    break
                }
                try #require(ContinuousClock.now < end, "it is started again")
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        private func with(_ work: (SwarmEngine, String) async throws -> Void) async throws {
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            _ = try await TestDocker.probe(docker.folder)
            let made = try await docker.cli("swarm", "init", "--advertise-addr", docker.host)
            try #require(made.isSuccess, "\(made.errors)")
            let engine = SwarmEngine(try await shop.engine(folder))
            do {
                try await work(engine, folder)
            } catch {
                let lines = (try? await docker.api.logs(of: "shop-prod-front-door", last: 40)) ?? []
                Issue.record("the front door said:\n\(lines.map(\.text).joined(separator: "\n"))")
                try await leave()
                throw error
            }
            try await leave()
        }

        private func leave() async throws {
            for container in try await docker.api.containers(labelled: ["hauban.platform=shop"]) {
                try await docker.api.remove(container.id)
            }
            let left = try await docker.cli("swarm", "leave", "--force")
            #expect(left.isSuccess, "\(left.errors)")
            for network in try await docker.api.networks(labelled: "hauban.platform=shop") {
                try await docker.api.removeNetwork(network.id)
            }
        }
    }
}
