import Foundation
import Planning
import Spec
import Testing

@Suite("A plan")
struct PlanTests {
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

    @Test("releases what is as declared but does not work")
    func notWell() throws {
        let shop = try Platforms.shop()
        var before = try Platforms.running(shop)
        for index in before.services.indices where before.services[index].name.text == "web" {
            before.services[index].state = .failed
        }
        #expect(try Plan.towards(shop, from: before).lines.first == "build web: is failed")
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
