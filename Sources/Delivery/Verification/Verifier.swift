import FoundationEssentials
package import Planning
import Spec
package import World

/// Asks a deployed platform everything that its plan names, and notes what was answered and when.
///
/// It changes nothing but what the platform's own smoke requests and flows change. Every question has a deadline.
package struct Verifier: Sendable {
    let plan: VerificationPlan
    let engine: any VerifiedEngine
    let settings: Settings

    package struct Settings: Sendable {
        /// Stands for `${run}`.
        package var run: String
        /// Of a Prometheus whose targets must be up; the engine's own when nil.
        package var prometheus: String?
        /// Sends an alert and says how long it took to become an incident.
        package var incident: (@Sendable (_ run: String) async -> Answer<Duration>)?
        package var keeper: Timekeeper = .live
        package var progress: @Sendable (VerificationFact) -> Void = { _ in }

        package init(run: String) { self.run = run }
    }

    /// The longest that one question without a limit of its own may take.
    static let limit = Duration.seconds(10)

    package init(_ plan: VerificationPlan, _ engine: any VerifiedEngine, _ settings: Settings) {
        self.plan = plan
        self.engine = engine
        self.settings = settings
    }

    /// Everything that was seen; what cannot be asked is among it. The limits are measured when nothing else is wrong.
    ///
    /// - Throws: `WorldError` when nothing is known of what runs; `CancellationError`.
    package func facts() async throws -> [VerificationFact] {
        let judge = VerificationJudge(plan)
        let places = try await engine.whereabouts(of: plan.desired, within: .seconds(30))
        var facts = await gather(questions(places))
        try Task.checkCancellation()
        for request in plan.desired.smoke {
            facts.append(await seen { await smoke(request) })
            try Task.checkCancellation()
        }
        for flow in plan.flows {
            facts.append(await seen { await perform(flow, places) })
            try Task.checkCancellation()
        }
        if plan.wantsIncident { facts.append(await seen { await incident() }) }
        if !plan.limits.isEmpty {
            let isRefuted = facts.contains(where: judge.refutes)
            facts.append(
                await seen {
                    .measures(
                        over: plan.window,
                        isRefuted
                            ? .unasked("it was not measured, since something else is not as it must be")
                            : await LimitMeter(plan, engine, settings).measure())
                })
            try Task.checkCancellation()
        }
        return facts
    }

    typealias Question = @Sendable () async -> VerificationFact.Seen

    private func seen(_ question: Question) async -> VerificationFact {
        let at = settings.keeper.date().timeIntervalSince1970
        let began = settings.keeper.uptime()
        let seen = await question()
        let fact = VerificationFact(seen, at: at, took: settings.keeper.uptime() - began)
        settings.progress(fact)
        return fact
    }

    /// A few at a time: many at once would measure the asking.
    private func gather(_ questions: [Question]) async -> [VerificationFact] {
        await withTaskGroup(of: (Int, VerificationFact).self) { group in
            var found: [(Int, VerificationFact)] = []
            for (index, question) in questions.enumerated() {
                if index >= 4, let next = await group.next() { found.append(next) }
                group.addTask { (index, await self.seen(question)) }
            }
            for await next in group { found.append(next) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    // MARK: Questions

    private func questions(_ places: Whereabouts) -> [Question] {
        var all: [Question] = plan.desired.routes.map { route in { await self.route(route, places) } }
        all += places.closedPorts.map { port in { await Self.closedPort(port) } }
        all += places.unpublished.map { owner in
            { .closedPort(owner: owner, place: "no port of the machine", .got(false)) }
        }
        all += places.unknownPorts.sorted { $0.key < $1.key }.map { owner, why in
            { .closedPort(owner: owner, place: "other machines' side", .unasked(why)) }
        }
        all += plan.desired.resources.map { resource in { await self.resource(resource) } }
        for service in plan.desired.services where !service.isSite {
            let replicas = places.replicas.filter { $0.service == service.name }
            all += replicas.map { replica in { await self.api(service, replica) } }
            let missing = service.replicas - replicas.count
            if missing > 0 {
                all.append {
                    .api(
                        service.name, replica: service.name.text, question: "replicas",
                        .failed("\(replicas.count) of \(service.replicas) replicas run"))
                }
            }
            if let path = plan.metrics[service.name] {
                all += replicas.map { replica in { await self.metrics(service.name, replica, path) } }
            }
        }
        all += handshakes(places)
        if let url = settings.prometheus ?? places.prometheus { all.append { await Self.targets(url) } }
        return all
    }

    private func route(_ route: DesiredRoute, _ places: Whereabouts) async -> VerificationFact.Seen {
        let request = Planning.SmokeRequest(
            service: route.service, host: route.host, path: route.path, timeout: Self.limit)
        return .route(route, await visit(request, places))
    }

    /// Sends a request as the world does.
    func visit(_ request: Planning.SmokeRequest, _ places: Whereabouts) async -> Answer<HTTPGlance> {
        guard let address = places.address else { return .failed("the platform has no address") }
        var headers = request.headers
        var base = address
        var addresses: [String: String] = [:]
        if let host = request.host {
            if let (place, port) = Self.authority(of: address) {
                // The name that the certificate has to hold, at the front door that was deployed.
                base = "https://\(host):\(port)"
                addresses[host] = place
            } else {
                headers["Host"] = host
            }
        }
        if let bypass = places.bypass { headers["X-Hauban-Bypass"] = bypass }
        if request.body != nil, !headers.keys.contains(where: { $0.lowercased() == "content-type" }) {
            headers["Content-Type"] = "application/json"
        }
        let caller = HTTPCaller(
            .init(connecting: .seconds(5)), authorities: places.authorities, addresses: addresses)
        let answer: Answer<HTTPGlance>
        do {
            let got = try await caller.send(
                HTTPRequest(method: request.method, url: base + request.path, headers: headers, body: request.body),
                within: request.timeout)
            answer = .got(HTTPGlance(status: got.status, body: got.body, ownReason: got.fields["x-hauban-reason"]))
        } catch {
            answer = .failed(Self.words(error))
        }
        await caller.close()
        return answer
    }

    private static func closedPort(_ port: Whereabouts.ClosedPort) async -> VerificationFact.Seen {
        let place = "\(port.address):\(port.port)"
        do {
            _ = try await Socket.connect(address: port.address, port: port.port, timeout: .seconds(3))
            return .closedPort(owner: port.owner, place: place, .got(true))
        } catch let error as WorldError where error.code == "bad-address" {
            return .closedPort(owner: port.owner, place: place, .unasked(error.underlying))
        } catch {
            return .closedPort(owner: port.owner, place: place, .got(false))
        }
    }

    private func resource(_ resource: DesiredResource) async -> VerificationFact.Seen {
        do {
            let answer = try await engine.ask(resource, in: plan.desired, within: Self.limit)
            return .resource(
                resource.name, kind: resource.kind,
                answer.map { .got($0) } ?? .unasked("no service uses it, so nobody could ask it"))
        } catch {
            return .resource(resource.name, kind: resource.kind, .failed(Self.words(error)))
        }
    }

    private func api(_ service: DesiredService, _ replica: Whereabouts.Replica) async -> VerificationFact.Seen {
        guard case .http(let path)? = service.readiness?.check else {
            let answer: Answer<Int> = replica.trouble.map { .failed($0) } ?? .got(200)
            return .api(service.name, replica: replica.name, question: "readiness", answer)
        }
        do {
            let glance = try await engine.get(path, of: replica, within: Self.limit)
            return .api(service.name, replica: replica.name, question: "GET \(path)", .got(glance.status))
        } catch let question as UnaskedQuestion {
            return .api(service.name, replica: replica.name, question: "GET \(path)", .unasked(question.why))
        } catch {
            return .api(service.name, replica: replica.name, question: "GET \(path)", .failed(Self.words(error)))
        }
    }

    private func metrics(
        _ service: ServiceName, _ replica: Whereabouts.Replica, _ path: String
    ) async -> VerificationFact.Seen {
        do {
            let glance = try await engine.get(path, of: replica, within: Self.limit)
            return .metrics(service, replica: replica.name, path: path, .got(glance))
        } catch let question as UnaskedQuestion {
            return .metrics(service, replica: replica.name, path: path, .unasked(question.why))
        } catch {
            return .metrics(service, replica: replica.name, path: path, .failed(Self.words(error)))
        }
    }

    static func targets(_ url: String) async -> VerificationFact.Seen {
        var base = url[...]
        while base.last == "/" { base.removeLast() }
        do {
            let answer = try await HTTPGlance.of(base + "/api/v1/targets?state=active", within: limit)
            guard answer.status == 200 else { return .targets(url: url, .failed("it is answered \(answer.status)")) }
            return .targets(url: url, .got(answer.body))
        } catch {
            return .targets(url: url, .failed(words(error)))
        }
    }

    static func words(_ error: any Error) -> String {
        guard let error = error as? WorldError else { return "\(error)" }
        return error.underlying
    }
}

extension HTTPGlance {
    /// The whole of a page, of which figures may take megabytes.
    package static func of(_ url: String, within deadline: Duration) async throws -> HTTPGlance {
        let caller = HTTPCaller(.init(connecting: .seconds(5), answerBytes: 32 << 20))
        let answer: Result<HTTPRequest.Answer, any Error>
        do {
            answer = .success(try await caller.send(HTTPRequest(url: url), within: deadline))
        } catch {
            answer = .failure(error)
        }
        await caller.close()
        let got = try answer.get()
        return HTTPGlance(status: got.status, body: got.body)
    }
}
