import Delivery
import Foundation
import Planning
import Spec
import Testing
import World

extension DockerTests {
    /// The engine of Swarm on three servers, one of which is lost.
    @Suite("A Swarm of three servers")
    struct SwarmServers {
        let docker: TestDocker
        private var shop: DockerShop { DockerShop(docker: docker) }

        init() throws { docker = try TestDocker.running() }

        @Test(
            "a release reaches every server, and what ran on one that is lost comes up on the others, while requests are answered"
        )
        func loss() async throws {
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            _ = try await TestDocker.probe(docker.folder)
            try await StandInImages.ensure(on: docker)
            let others = try await TestServers(2, beside: docker)
            defer { others.stop() }
            // A beat of 2 s instead of 5: a server that fell is missed sooner.
            try await check(
                "swarm", "init", "--advertise-addr", TestServers.manager, "--dispatcher-heartbeat", "2s")
            let token = try await check("swarm", "join-token", "--quiet", "worker").filter { !$0.isWhitespace }
            for server in others.servers {
                let joined = try await TestDocker.run(
                    "docker", "-H", server.socket, "swarm", "join", "--token", token, "--advertise-addr",
                    server.address,
                    TestServers.manager + ":2377")
                try #require(joined.isSuccess, "\(joined.errors)")
            }
            do {
                try await lose(others, folder)
            } catch {
                for service in try await docker.api.services(labelled: ["hauban.platform=shop"]) {
                    Issue.record("\(try await check("service", "ps", "--no-trunc", service.name))")
                }
                let lines = (try? await docker.api.logs(of: "shop-prod-front-door", last: 40)) ?? []
                Issue.record("the front door said:\n\(lines.map(\.text).joined(separator: "\n"))")
                try await leave()
                throw error
            }
            try await leave()
        }

        private func lose(_ others: TestServers, _ folder: String) async throws {
            let here = try await shop.engine(folder)
            let engine = SwarmEngine(here, images: .everyServer)
            try engine.secrets.set(Secret("only-for-web"), for: "token")
            let first = try await state(folder, "1", here)
            // Without a registry nobody would find the images.
            let build = Step(action: .build, target: .services([first.services[0].name]), reason: .removed)
            let refused = try await #require(throws: WorldError.self) {
                try await SwarmEngine(here).perform(
                    build,
                    in: ReleaseContext(
                        release: ReleaseID(1), desired: first, baseline: ObservedState(), changed: [],
                        routing: Routing()), within: .seconds(60))
            }
            #expect(refused.code == "registry-missing")

            try await bring("redis:7-alpine", to: others)
            try await release(engine, first, ReleaseID(1), others)
            let kept = try await servers(of: "keeper")
            #expect(kept.count == 3, "the cache of the first server is reached from each: \(kept)")
            let placed = try await servers(of: "api")
            #expect(placed.count == 3, "one replica on each server: \(placed)")
            try await calls(others)

            let load = SteadyLoad("http://\(docker.host):28080/api")
            load.begin()
            let second = try await state(folder, "2", here)
            try await release(engine, second, ReleaseID(2), others)
            let moved = await load.end()
            #expect(moved.answered > 20)
            #expect(moved.failed == [], "a release over three servers costs no request")

            try await verified(engine, second)
            let after = SteadyLoad("http://\(docker.host):28080/api")
            after.begin()
            others.servers[1].kill()
            let end = ContinuousClock.now + .seconds(120)
            while true {
                let placed = try await servers(of: "api")
                let observed = try await engine.observe(within: .seconds(60))
                if placed.count == 2, observed.services.allSatisfy({ $0.state == .running }) { break }
                try #require(ContinuousClock.now < end, "\(placed) \(observed)")
                try await Task.sleep(for: .milliseconds(200))
            }
            let lost = try #require(try await engine.troubles(within: .seconds(60)).first)
            #expect(lost.code == "node-lost")
            #expect(lost.underlying.contains("server3 (10.213.0.3) is down"), "\(lost)")
            #expect(lost.underlying.contains("every service has all of its replicas elsewhere"), "\(lost)")
            let counts = await after.end()
            #expect(counts.answered > 20)
            // What was on its way to the lost server is lost with it; whoever asks one request after another has one.
            #expect(counts.failed.count <= 1, "\(counts.failed)")
            // The way out of a release does not wait for a server that cannot be asked.
            try await release(engine, empty(first), ReleaseID(3), others)
            #expect(try await engine.observe(within: .seconds(60)).services == [])
        }

        // MARK: Parts

        /// Each replica is asked, wherever it runs; what only another server knows is not known.
        private func verified(_ engine: SwarmEngine, _ desired: DesiredState) async throws {
            let places = try await engine.whereabouts(of: desired, within: .seconds(30))
            let api = places.replicas.filter { $0.service.text == "api" }
            #expect(api.count == 3)
            for replica in api {
                #expect(try await engine.get("/", of: replica, within: .seconds(10)).status == 200)
            }
            let report = try await shop.report(engine, desired, target: "swarm")
            let open = report.findings.filter { $0.outcome != .met }
            #expect(open.allSatisfy { $0.kind == .limit && $0.outcome == .unknown }, "\(open.map(\.text))")
            #expect(open.map(\.subject).contains("cpu"), "\(report.findings.map(\.text))")
            #expect(open.compactMap(\.reason).contains { $0.hasPrefix("only the server of api.r2.") })
        }

        /// All steps of a release but what judges it. What is built is brought to the other servers, as a registry would.
        private func release(
            _ engine: SwarmEngine, _ desired: DesiredState, _ release: ReleaseID, _ others: TestServers
        ) async throws {
            var observed = try await engine.observe(within: .seconds(60))
            observed.lastGood = desired
            let plan = try Plan.towards(desired, from: observed)
            var context = ReleaseContext(
                release: release, desired: desired, baseline: observed, changed: plan.changed, routing: Routing())
            var done: Set<String> = []
            for step in plan.steps where step.phase != .judge && step.action != .hold {
                done.insert(step.id)
                context.routing = plan.routing(with: done, release: release, desired: desired, baseline: observed)
                _ = try await engine.perform(step, in: context, within: .seconds(90))
                guard step.action == .build else { continue }
                let images = try await docker.api.images(labelled: "hauban.platform=shop").map(\.id)
                try await bring(images.joined(separator: " "), to: others)
            }
        }

        private func bring(_ images: String, to others: TestServers) async throws {
            for server in others.servers where server.process.isRunning {
                let sent = try await TestDocker.run(
                    "sh", "-c", "docker -H \(docker.endpoint) save \(images) | docker -H \(server.socket) load")
                try #require(sent.isSuccess, "\(sent.errors)")
            }
        }

        /// From every server, a service that calls another one finds the front door, and its secret.
        private func calls(_ others: TestServers) async throws {
            var asked = 0
            for server in others.servers {
                let api = try await DockerAPI(
                    connectingTo: .unix(path: server.folder + "/docker.sock"), within: .seconds(20))
                for web in try await api.containers(labelled: ["hauban.service=web"]) {
                    let hosts = try await api.execute(
                        ["/probe", "show", "/etc/hosts"], in: web.id, within: .seconds(20))
                    let line = try #require(
                        hosts.output.split(whereSeparator: \.isNewline).first { $0.hasSuffix("api") })
                    let address = String(line.prefix { !$0.isWhitespace })
                    let call = try await api.execute(
                        ["/probe", "ask", "8080", address], in: web.id, within: .seconds(30))
                    #expect(call.isSuccess, "\(call.output)\(call.errors)")
                    let secret = try await api.execute(
                        ["/probe", "show", "/run/secrets/token"], in: web.id, within: .seconds(20))
                    #expect(secret.output == "400 10001:10001 only-for-web\n")
                    asked += 1
                }
            }
            #expect(asked == 2)
        }

        private func servers(of service: String) async throws -> Set<String> {
            let services = try await docker.api.services(labelled: ["hauban.service=\(service)"])
            let tasks = try await docker.api.tasks(of: services.map(\.id))
            return Set(tasks.filter { $0.state == .running && $0.desired == .running }.compactMap(\.node))
        }

        private func state(_ folder: String, _ version: String, _ here: DockerEngine) async throws -> DesiredState {
            var state = try await shop.filled(folder, version, here)
            state.services = state.services.filter { $0.name.text != "worker" }
            for index in state.services.indices {
                state.services[index].canary = nil
                state.services[index].replicas = 3
            }
            let cache = try #require(ResourceName("cache"))
            state.resources = [
                DesiredResource(
                    name: cache, kind: "redis", version: "7", fingerprint: "cache",
                    container: DesiredStore(
                        image: "redis:7-alpine", arguments: [],
                        check: ["/bin/sh", "-c", "redis-cli ping | grep -q PONG"],
                        milliCPUs: 500, memory: 128 << 20))
            ]
            let ping = "redis-cli -h cache --user \"$CACHE_USER\" ping | grep -q PONG"
            state.services.append(
                DesiredService(
                    name: try #require(ServiceName("keeper")), fingerprint: "keeper",
                    run: .words(["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"]), replicas: 3,
                    environment: ["CACHE_USER": "${cache.user}", "REDISCLI_AUTH": "${cache.password}"],
                    uses: [DesiredEdge(kind: .resource, target: "cache", access: "write")],
                    readiness: Probe(check: .exec(.words(["/bin/sh", "-c", ping])), interval: .seconds(1)),
                    stopGrace: .seconds(3),
                    container: DesiredContainer(
                        repository: "redis:7-alpine", isReady: true, dockerfile: nil, user: "10001:10001",
                        memory: 64 << 20)))
            return state
        }

        private func empty(_ state: DesiredState) -> DesiredState {
            var state = state
            state.services = []
            state.routes = []
            state.smoke = []
            state.resources = []
            return state
        }

        @discardableResult
        private func check(_ words: String...) async throws -> String {
            let done = try await TestDocker.run(["docker", "-H", "\(docker.endpoint)"] + words)
            try #require(done.isSuccess, "\(done.errors)")
            return done.output
        }

        private func leave() async throws {
            for container in try await docker.api.containers(labelled: ["hauban.platform=shop"]) {
                try await docker.api.remove(container.id)
            }
            try await docker.api.removeVolume("shop-prod_cache-data")
            try await check("swarm", "leave", "--force")
            for network in try await docker.api.networks(labelled: "hauban.platform=shop") {
                try await docker.api.removeNetwork(network.id)
            }
        }
    }
}
