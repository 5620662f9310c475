import FoundationEssentials
import Planning
import Spec
import World

extension Verifier {
    // MARK: Smoke requests and flows

    /// Sends a smoke request as the release did.
    func smoke(_ request: Planning.SmokeRequest) async -> VerificationFact.Seen {
        var routing = Routing()
        routing.tls = plan.desired.tls
        let context = ReleaseContext(
            release: ReleaseID(0), desired: plan.desired, baseline: ObservedState(), changed: [], routing: routing)
        let keeper = settings.keeper
        do {
            let answer = try await Deadline.run(request.timeout, for: request.text, keeper) { [engine] in
                try await engine.send(request, in: context)
            }
            if let refusal = request.refusal(status: answer.status, body: answer.body) {
                return .smoke(request, .failed(refusal))
            }
            return .smoke(request, .got("answered \(answer.status)"))
        } catch {
            return .smoke(request, .failed("got no answer: \(Self.words(error))"))
        }
    }

    /// Takes the steps of a flow, each until it passes or its time is over.
    func perform(_ flow: VerificationPlan.Flow, _ places: Whereabouts) async -> VerificationFact.Seen {
        let began = settings.keeper.uptime()
        for step in flow.steps {
            guard let request = step.request?.filled(run: settings.run) else {
                return .flow(flow.name, step: step.text, .unasked("no public route takes its path"))
            }
            let end = settings.keeper.uptime() + (step.again ?? .zero)
            while true {
                guard let refusal = await refusal(of: request, places) else { break }
                if settings.keeper.uptime() >= end || Task.isCancelled {
                    let time = step.again.map { ", for \($0.inWords)" } ?? ""
                    return .flow(flow.name, step: step.text, .failed(refusal + time))
                }
                try? await settings.keeper.sleep(.milliseconds(250))
            }
        }
        let steps = flow.steps.count
        let took = settings.keeper.uptime() - began
        return .flow(flow.name, step: "", .got("\(steps == 1 ? "1 step" : "\(steps) steps") in \(took.inWords)"))
    }

    private func refusal(of request: Planning.SmokeRequest, _ places: Whereabouts) async -> String? {
        switch await visit(request, places) {
        case .got(let glance): request.refusal(status: glance.status, body: glance.body)
        case .failed(let why): "got no answer: \(why)"
        case .unasked(let why): why
        }
    }

    func incident() async -> VerificationFact.Seen {
        guard let ask = settings.incident else {
            return .incident(.unasked("no control plane is known here; `hauban serve` or `hauban up` runs one"))
        }
        return .incident(await ask(settings.run))
    }

    // MARK: TLS

    func handshakes(_ places: Whereabouts) -> [Question] {
        guard let tls = plan.desired.tls else { return [] }
        guard let address = places.address, let (host, port) = Self.authority(of: address) else {
            return [{ .certificate(host: "the front door", .failed("it does not speak TLS")) }]
        }
        // By the names under which the world comes, at the front door that was deployed.
        let names = Set(plan.desired.routes.compactMap(\.host)).sorted()
        let shakes = (names.isEmpty ? [host] : names).map { name in
            TLSHandshake(host: name, port: port, address: name == host ? nil : host, authorities: places.authorities)
        }
        let shake = shakes[0]
        let versions = TLSHandshake.Version.allCases.filter { $0.rawValue <= tls.minimum }
        var all: [Question] = versions.map { version in
            { .tls(version: version.rawValue, Self.answer(await shake.attempt(version, within: Self.limit))) }
        }
        all += shakes.map { shake in { await self.certificate(shake) } }
        return all
    }

    private static func answer(_ outcome: TLSHandshake.Outcome) -> Answer<Bool> {
        switch outcome {
        case .accepted: .got(true)
        case .refused: .got(false)
        case .unreachable(let why): .failed(why)
        }
    }

    private func certificate(_ shake: TLSHandshake) async -> VerificationFact.Seen {
        let now = settings.keeper.date().timeIntervalSince1970
        switch await shake.attempt(within: Self.limit) {
        case .accepted(let end?):
            var glance = CertificateGlance(daysLeft: Int(((Double(end) - now) / 86_400).rounded(.down)))
            if case .refused(let why) = await shake.attempt(verifies: true, within: Self.limit) {
                glance.distrust = why
            }
            return .certificate(host: shake.host, .got(glance))
        case .accepted(nil): return .certificate(host: shake.host, .failed("it shows no certificate"))
        case .refused(let why), .unreachable(let why): return .certificate(host: shake.host, .failed(why))
        }
    }

    /// Host and port of `https://HOST:PORT`.
    static func authority(of address: String) -> (String, Int)? {
        guard address.hasPrefix("https://") else { return nil }
        let rest = address.dropFirst(8).prefix { $0 != "/" }
        guard let colon = rest.lastIndex(of: ":") else { return (String(rest), 443) }
        return Int(rest[rest.index(after: colon)...]).map { (String(rest[..<colon]), $0) }
    }
}
