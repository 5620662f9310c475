import Foundation
import Planning
import Spec
import Testing

@Suite("A plan")
struct PlanTests {
    @Test("says of a migration whether the version before can run after it, where somebody said so, also to programs")
    func promise() throws {
        var state = try Platforms.shop()
        let index = try #require(state.services.firstIndex { $0.migrate != nil })
        for (promise, words, json) in [
            (nil, "migrate api (alembic upgrade head)", nil),
            (true, "migrate api (alembic upgrade head): the version before can run after it", true),
            (false, "migrate api (alembic upgrade head): the version before cannot run after it", false),
        ] as [(Bool?, String, Bool?)] {
            state.services[index].isMigrationCompatible = promise
            let plan = try Plan.towards(state, from: ObservedState())
            let step = try #require(plan.steps.first { $0.action == .migrate })
            #expect(step.line == words)
            let read = try JSONSerialization.jsonObject(with: JSONEncoder().encode(step)) as? [String: Any]
            #expect(read?["compatible"] as? Bool == json)
            #expect(try JSONDecoder().decode(Step.self, from: JSONEncoder().encode(step)) == step)
        }
    }

    @Test("of a first release creates, builds, migrates, and moves in waves")
    func first() throws {
        let plan = try Plan.towards(try Platforms.shop(), from: ObservedState())
        #expect(
            plan.lines == [
                "create db (postgres 15)",
                "build mailer: new",
                "build api: new",
                "build web: new",
                "build worker: new",
                "migrate api (alembic upgrade head)",
                "start mailer",
                "wait until mailer is ready",
                "switch mailer",
                "start api (2 replicas)",
                "wait until api is ready",
                "switch api",
                "start web",
                "wait until web is ready",
                "switch web",
                "start worker",
                "wait until worker is ready",
                "watch api, mailer, web, worker for 30s",
                "smoke-test api (1 request)",
            ])
        #expect(plan.summary == "create db; release mailer, api, web, worker")
    }

    @Test("of a change touches what changed, swaps in one motion, and stops the worker first")
    func change() throws {
        var next = try Platforms.shop()
        for index in next.services.indices where next.services[index].name.text != "mailer" {
            next.services[index].fingerprint += "-two"
        }
        let plan = try Plan.towards(next, from: try Platforms.running(try Platforms.shop()))
        #expect(
            plan.lines == [
                "build api: changed api → api-two",
                "build web: changed web → web-two",
                "build worker: changed worker → worker-t",
                "migrate api (alembic upgrade head)",
                "start api (2 replicas)",
                "start web",
                "wait until api is ready",
                "wait until web is ready",
                "switch api, web",
                "stop the old worker first",
                "start worker",
                "wait until worker is ready",
                "watch api, web, worker for 30s",
                "smoke-test api (1 request)",
                "stop worker (r1): its place is taken",
                "drain the old web",
                "stop web (r1): its place is taken",
                "drain the old api",
                "stop api (r1): its place is taken",
            ])
        #expect(plan.summary == "release api, web, worker; 1 service unchanged")
    }

    private static func canary(_ percents: Int..., hold: Duration = .seconds(60)) -> DesiredCanary {
        DesiredCanary(steps: percents.map { Percent(millionths: $0 * 10_000) }, hold: hold)
    }

    /// Steps of the rollout, from a shop of which these services move in shares and all but the mailer changed.
    private static func rollout(_ canaries: [String: DesiredCanary], inShares: Bool = true) throws -> [String] {
        var next = try Platforms.shop()
        for index in next.services.indices {
            let name = next.services[index].name.text
            next.services[index].canary = canaries[name]
            if name != "mailer" { next.services[index].fingerprint += "-two" }
        }
        let plan = try Plan.towards(next, from: try Platforms.running(try Platforms.shop()), inShares: inShares)
        return plan.steps.filter { $0.phase == .rollout && $0.action != .start && $0.action != .gate }.map(\.line)
    }

    @Test("of a canary moves traffic in shares, each watched, and what needs it with the last")
    func shares() throws {
        #expect(
            try Self.rollout(["api": Self.canary(5, 50)]) == [
                "send 5% of api to the new release", "watch api at 5% for 1m",
                "send 50% of api to the new release", "watch api at 50% for 1m",
                "switch api, web", "stop the old worker first",
            ])
    }

    @Test("of a canary that calls what changed waits until that serves whole")
    func sharesLast() throws {
        #expect(
            try Self.rollout(["web": Self.canary(5)]) == [
                "switch api", "send 5% of web to the new release", "watch web at 5% for 1m", "switch web",
                "stop the old worker first",
            ])
        #expect(
            try Self.rollout(["api": Self.canary(5), "web": Self.canary(5)]) == [
                "send 5% of api to the new release", "watch api at 5% for 1m", "switch api",
                "send 5% of web to the new release", "watch web at 5% for 1m", "switch web",
                "stop the old worker first",
            ])
    }

    @Test("of canaries that do not call each other moves them together when they have the same steps")
    func sharesTogether() throws {
        func lines(_ web: DesiredCanary) throws -> [String] {
            var shop = try Platforms.shop()
            for index in shop.services.indices { shop.services[index].dependsOn = [] }
            let before = try Platforms.running(shop)
            for index in shop.services.indices where ["api", "web"].contains(shop.services[index].name.text) {
                shop.services[index].fingerprint += "-two"
                shop.services[index].canary = shop.services[index].name.text == "api" ? Self.canary(5) : web
            }
            let plan = try Plan.towards(shop, from: before)
            return plan.steps.filter { [.shift, .switchTraffic].contains($0.action) }.map(\.line)
        }
        #expect(try lines(Self.canary(5)) == ["send 5% of api, web to the new release", "switch api, web"])
        #expect(
            try lines(Self.canary(5, hold: .seconds(1))) == [
                "send 5% of api to the new release", "switch api", "send 5% of web to the new release", "switch web",
            ])
    }

    @Test("of a canary that serves nobody yet, is down, or goes back, moves at once")
    func noShares() throws {
        var shop = try Platforms.shop()
        shop.services[0].canary = Self.canary(5)
        #expect(try !Plan.towards(shop, from: ObservedState()).steps.contains { $0.action == .shift })
        var before = try Platforms.running(shop)
        shop.services[0].fingerprint = "api-two"
        #expect(try Plan.towards(shop, from: before).steps.contains { $0.action == .shift })
        before.services[0].state = .failed
        #expect(try !Plan.towards(shop, from: before).steps.contains { $0.action == .shift })
        #expect(
            try Self.rollout(["api": Self.canary(5)], inShares: false) == [
                "switch api, web", "stop the old worker first",
            ])
    }

    @Test("takes a share back that nobody is left to decide about")
    func lostShare() throws {
        let shop = try Platforms.shop()
        var before = try Platforms.running(shop)
        before.services[0].newcomer = ReleaseID(2)
        before.leftovers = [Leftover(service: try Platforms.name("api"), release: ReleaseID(2))]
        #expect(
            try Plan.towards(shop, from: before).lines == [
                "change the public routes", "smoke-test api (1 request)",
                "stop api: left over from an earlier release",
            ])
    }

    @Test("towards what is there already is empty")
    func nothing() throws {
        let shop = try Platforms.shop()
        let plan = try Plan.towards(shop, from: try Platforms.running(shop))
        #expect(plan.isEmpty)
        #expect(plan.summary == "nothing to do; 4 services unchanged")
    }

    @Test("takes services that are gone off the front door, and stops them when the release is kept")
    func removal() throws {
        var next = try Platforms.shop()
        let before = try Platforms.running(next)
        next.services.removeAll { $0.name.text == "web" || $0.name.text == "worker" }
        next.routes.removeAll { $0.service.text == "web" }
        next.resources = []
        #expect(
            try Plan.towards(next, from: before).lines == [
                "take web off the front door: no longer declared",
                "smoke-test api (1 request)",
                "drain the old web",
                "stop web (r1): no longer declared",
                "stop worker (r1): no longer declared",
                "stop db, keeping its data: no longer declared",
            ])
    }

    @Test("changes the routes alone when only they differ")
    func routes() throws {
        var next = try Platforms.shop()
        let before = try Platforms.running(next)
        next.routes.append(DesiredRoute(path: "/mail", service: try Platforms.name("mailer")))
        let plan = try Plan.towards(next, from: before)
        #expect(plan.lines == ["change the public routes", "smoke-test api (1 request)"])
        #expect(plan.step("switch")?.inverse?.action == .switchBack)
    }

    @Test("changes how the routes are served over TLS when only that differs, and back when the release is returned")
    func transport() throws {
        var next = try Platforms.shop()
        let before = try Platforms.running(next)
        next.tls = DesiredTLS(certificate: "/shop.pem", key: "/shop.key", minimum: "1.3", hsts: 60, redirect: true)
        let plan = try Plan.towards(next, from: before)
        #expect(plan.lines == ["change the public routes", "smoke-test api (1 request)"])
        func table(_ inForce: Set<String>) -> Routing {
            plan.routing(with: inForce, release: ReleaseID(2), desired: next, baseline: before)
        }
        #expect(table([]).tls == nil)
        #expect(table(["switch"]).tls == next.tls)
        #expect(try Plan.towards(next, from: Platforms.running(next)).isEmpty)
        #expect(
            try Plan.towards(Platforms.shop(), from: Platforms.running(next)).lines.first == "change the public routes")
    }

    @Test("has a certificate before anything is built, and asks for none that is there, valid and renewed")
    func certificates() throws {
        var next = try Platforms.shop()
        let order = CertificateOrder(names: ["www.shop.example", "shop.example"])
        next.tls = DesiredTLS(source: .order(order), minimum: "1.2", hsts: 60, redirect: true)
        #expect(next.tls?.order?.names == ["shop.example", "www.shop.example"])
        let first = try Plan.towards(next, from: ObservedState())
        let lines = first.lines
        let have = "have a certificate for shop.example, www.shop.example (Let's Encrypt)"
        let asked = try #require(lines.firstIndex(of: have))
        let built = try #require(lines.firstIndex { $0.hasPrefix("build") })
        #expect(asked < built)
        #expect(first.summary.contains("see to the certificate of shop.example, www.shop.example"))
        let step = try #require(first.step("certify.shop.example.www.shop.example"))
        #expect(step.phase == .prepare && step.undo == nil)
        #expect(next.limit(of: step, before: nil) == next.limits.build)
        let written = try JSONEncoder().encode(step)
        #expect(try JSONDecoder().decode(Step.self, from: written) == step)

        var running = try Platforms.running(next)
        running.certificates = [ObservedCertificate(order)]
        #expect(try Plan.towards(next, from: running).isEmpty)
        running.certificates = [ObservedCertificate(order, trouble: "not renewed")]
        #expect(
            try Plan.towards(next, from: running).lines == [
                "see to the certificate of shop.example, www.shop.example (Let's Encrypt): it is not renewed"
            ])

        // Other names have a certificate of their own, and the one before goes once the release is kept.
        running.certificates = [ObservedCertificate(order)]
        next.tls?.source = .order(CertificateOrder(names: ["shop.example"], directory: "https://ca.test/dir"))
        #expect(
            try Plan.towards(next, from: running).lines == [
                "have a certificate for shop.example (https://ca.test/dir)", "change the public routes",
                "smoke-test api (1 request)",
                "forget the certificate of shop.example, www.shop.example: no longer declared",
            ])
        next.tls = nil
        #expect(
            try Plan.towards(next, from: running).lines.last
                == "forget the certificate of shop.example, www.shop.example: no longer declared")
    }

    @Test("TLS is stored as earlier versions stored it, and orders beside")
    func storedTransport() throws {
        let old = #"{"certificate":"/a.pem","hsts":60,"key":"/a.key","minimum":"1.3","redirect":true}"#
        let files = DesiredTLS(certificate: "/a.pem", key: "/a.key", minimum: "1.3", hsts: 60, redirect: true)
        #expect(try JSONDecoder().decode(DesiredTLS.self, from: Data(old.utf8)) == files)
        let asked = CertificateOrder(
            names: ["a.test"], directory: "https://ca.test", root: "/r.pem", email: "a@a.test")
        let order = DesiredTLS(source: .order(asked), minimum: "1.2", hsts: 0, redirect: false)
        for one in [files, order] {
            #expect(try JSONDecoder().decode(DesiredTLS.self, from: JSONEncoder().encode(one)) == one)
        }
        #expect([files.authorities, order.authorities] == ["/a.pem", "/r.pem"])
    }

    @Test("releases what is as declared but does not work")
    func notWell() throws {
        let shop = try Platforms.shop()
        var before = try Platforms.running(shop)
        for index in before.services.indices where before.services[index].name.text == "web" {
            before.services[index].state = .failed
        }
        #expect(try Plan.towards(shop, from: before).lines.first == "build web: is failed")
    }

    @Test("brings back replicas that somebody took away, without shares, and says how many run, also to programs")
    func missing() throws {
        var shop = try Platforms.shop()
        let index = try #require(shop.services.firstIndex { $0.name.text == "api" })
        shop.services[index].canary = Self.canary(5)
        var before = try Platforms.running(shop)
        before.services[index].runningReplicas = 2
        #expect(try Plan.towards(shop, from: before).isEmpty)
        before.services[index].runningReplicas = 1
        before.services[index].state = .starting
        let plan = try Plan.towards(shop, from: before)
        #expect(plan.lines.first == "build api: 1 of 2 replicas run")
        #expect(plan.summary == "release api; 3 services unchanged")
        #expect(!plan.steps.contains { $0.action == .shift })
        let reason = try #require(plan.steps.first?.reason)
        let json = try JSONEncoder().encode(reason)
        #expect(try JSONDecoder().decode(StepReason.self, from: json) == reason)
        let read = try JSONSerialization.jsonObject(with: json) as? [String: Any]
        #expect(read?["code"] as? String == "replicas-missing" && read?["running"] as? Int == 1)
        // Who says nothing of it keeps the number by itself.
        before.services[index].runningReplicas = nil
        #expect(try Plan.towards(shop, from: before).isEmpty)
    }

    @Test("of a service or database that is gone makes it again")
    func gone() throws {
        let shop = try Platforms.shop()
        var before = try Platforms.running(shop)
        let index = try #require(before.services.firstIndex { $0.name.text == "api" })
        before.services[index].state = .stopped
        before.services[index].fingerprint = ""
        before.resources = []
        #expect(
            try Plan.towards(shop, from: before).lines.prefix(2) == ["create db (postgres 15)", "build api: is gone"])
    }

    @Test("starts a front door that does not run, by itself or with what is switched anyway")
    func door() throws {
        let shop = try Platforms.shop()
        var before = try Platforms.running(shop)
        before.hasFrontDoor = false
        let plan = try Plan.towards(shop, from: before)
        #expect(plan.lines == ["start the front door", "smoke-test api (1 request)"])
        #expect(plan.summary == "start the front door; 4 services unchanged")
        let reason = try #require(plan.steps.first?.reason)
        #expect(try JSONDecoder().decode(StepReason.self, from: JSONEncoder().encode(reason)) == reason)
        var next = shop
        for index in next.services.indices { next.services[index].fingerprint += "-two" }
        #expect(try !Plan.towards(next, from: before).lines.contains("start the front door"))
        before.hasFrontDoor = true
        #expect(try Plan.towards(shop, from: before).isEmpty)
    }

    @Test("of services in a circle is the circle")
    func circle() throws {
        var shop = try Platforms.shop()
        shop.services[1].dependsOn = [try Platforms.name("web")]
        let desired = shop
        let names = try ["api", "mailer", "web"].map(Platforms.name)
        #expect(throws: PlanError.cycle(names)) { try Plan.towards(desired, from: ObservedState()) }
        #expect(
            PlanError.cycle(names).text == "services depend on each other in a circle: api → mailer → web → api")
    }

    @Test("of a service that needs an undeclared one names both")
    func unknown() throws {
        var shop = try Platforms.shop()
        shop.services.removeAll { $0.name.text == "mailer" }
        let desired = shop
        #expect(
            throws: PlanError.unknownDependency(service: try Platforms.name("api"), on: try Platforms.name("mailer"))
        ) { try Plan.towards(desired, from: ObservedState()) }
    }

    @Test("has JSON with stable keys, and reads its own back")
    func json() throws {
        var shop = try Platforms.shop()
        shop.services = shop.services.filter { $0.name.text == "mailer" }
        shop.routes = []
        shop.smoke = []
        let plan = try Plan.towards(shop, from: ObservedState())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(plan), as: UTF8.self)
        #expect(
            text.hasPrefix(
                #"{"environment":"prod","platform":"shop","steps":[{"action":"provision","detail":"postgres 15","#
                    + #""id":"provision.db","reason":{"code":"new","text":"new"},"target":{"resource":"db"}},"#
                    + #"{"action":"build","id":"build.mailer","reason":{"code":"new","text":"new"},"#
                    + #""target":{"services":["mailer"]}}"#))
        #expect(text.hasSuffix(#""unchanged":[],"version":1}"#))
        #expect(text.contains(#""undo":"stop-new""#))
        #expect(try JSONDecoder().decode(Plan.self, from: Data(text.utf8)) == plan)
    }

    @Test("a service listens to nothing new before its switch, and old routes stay until then")
    func routing() throws {
        var next = try Platforms.shop()
        let before = try Platforms.running(next)
        next.services[0].fingerprint = "api-two"
        next.routes = [DesiredRoute(path: "/v2", service: try Platforms.name("api"))]
        let plan = try Plan.towards(next, from: before)
        func table(_ inForce: Set<String>) -> Routing {
            plan.routing(with: inForce, release: ReleaseID(2), desired: next, baseline: before)
        }
        let api = try Platforms.name("api")
        #expect(table([]) == Routing(of: before))
        #expect(table(["start.api", "gate.api"]) == Routing(of: before))
        #expect(table(["switch.api"]).release(of: api) == ReleaseID(2))
        #expect(table(["switch.api"]).routes.map(\.path) == ["/v2"])

        next.services[0].canary = Self.canary(5, 50)
        let canary = try Plan.towards(next, from: before)
        func shared(_ inForce: Set<String>) -> Routing {
            canary.routing(with: inForce, release: ReleaseID(2), desired: next, baseline: before)
        }
        func backend(_ inForce: Set<String>) -> Routing.Backend? {
            shared(inForce).backends.first { $0.service == api }
        }
        #expect(canary.step("shift.5%.api")?.inverse?.id == "shift-back.5%.api")
        #expect(backend(["shift.5%.api"])?.newcomer == .init(release: ReleaseID(2), share: Percent(millionths: 50_000)))
        #expect(backend(["shift.5%.api", "shift.50%.api"])?.newcomer?.share == Percent(millionths: 500_000))
        #expect(backend(["shift.5%.api", "shift.50%.api"])?.release == ReleaseID(1))
        #expect(shared(["shift.5%.api"]).routes == before.routes)
        let whole = backend(["shift.5%.api", "shift.50%.api", "switch.api"])
        #expect(whole == .init(service: api, release: ReleaseID(2)))
        let json = String(decoding: try JSONEncoder().encode(canary), as: UTF8.self)
        #expect(json.contains(#""share":"5%""#) && json.contains(#""version":1"#))
        #expect(try JSONDecoder().decode(Plan.self, from: Data(json.utf8)) == canary)
    }
}

/// Platforms for the tests of planning.
enum Platforms {
    static func name(_ text: String) throws -> ServiceName { try #require(ServiceName(text)) }

    /// web → api → mailer; a worker that is replaced; a database.
    static func shop() throws -> DesiredState {
        let mailer = DesiredService(name: try name("mailer"), fingerprint: "mailer", listens: true)
        let api = DesiredService(
            name: try name("api"), fingerprint: "api", replicas: 2, listens: true,
            migrate: .shell("alembic upgrade head"), dependsOn: [mailer.name])
        let web = DesiredService(name: try name("web"), fingerprint: "web", listens: true, dependsOn: [api.name])
        let worker = DesiredService(
            name: try name("worker"), fingerprint: "worker", rollout: .replace, dependsOn: [web.name])
        return DesiredState(
            platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("prod")),
            services: [worker, web, api, mailer],
            resources: [
                DesiredResource(
                    name: try #require(ResourceName("db")), kind: "postgres", version: "15", fingerprint: "db")
            ],
            routes: [DesiredRoute(path: "/", service: web.name), DesiredRoute(path: "/api", service: api.name)],
            smoke: [SmokeRequest(service: api.name, path: "/api/health")])
    }

    /// The world once a first release of it was kept.
    static func running(_ desired: DesiredState) throws -> ObservedState {
        ObservedState(
            services: desired.services.map {
                ObservedService(
                    name: $0.name, release: ReleaseID(1), fingerprint: $0.fingerprint, readyReplicas: $0.replicas,
                    state: .running, isRouted: $0.isRouted)
            },
            resources: desired.resources.map {
                ObservedResource(name: $0.name, kind: $0.kind, version: $0.version, fingerprint: $0.fingerprint)
            },
            routes: desired.routes, tls: desired.tls, lastGood: desired)
    }
}
