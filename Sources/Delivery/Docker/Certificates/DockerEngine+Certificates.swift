import FoundationEssentials
import FrontDoor
import Glibc
import Planning
import Spec
import World

extension DockerEngine {
    var certificates: CertificatePlace { CertificatePlace(place: place) }
    private static var egress: String { "egress" }
    /// Of one order; certbot itself gives up after 90 s of waiting for a verdict.
    private static var orderLimit: Duration { .seconds(180) }

    /// Sees to it that there is a valid certificate for the release's names, and that it is renewed. The authority is asked only for one
    /// that is not there; what serves is not touched.
    ///
    /// - Throws: `WorldError` with the code `certificate-refused` and what the authority said.
    func certify(_ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome {
        guard let order = context.desired.tls?.order else { preconditionFailure("a certificate that nobody asked for") }
        let end = keeper.uptime() + deadline
        let isHad = certificates.trouble(of: order, now: now) == nil
        try certificates.prepare(order)
        let image = try await image(Certbot.image, for: "run certbot", within: deadline)
        _ = try await networks([Self.egress])
        if !isHad {
            try await ensureFrontDoor(for: context.desired, mayReplace: false)
            try await changeFrontDoor { wanted in
                for index in wanted.listeners.indices where wanted.listeners[index].name == Self.publicListener {
                    wanted.listeners[index].challenges = Self.challenges
                }
            }
            try await self.order(order, image: image.id, until: end)
            if let trouble = certificates.trouble(of: order, now: now) {
                throw WorldError(
                    code: "certificate-refused", operation: Self.operation(order),
                    underlying: "what \(order.authority) gave is \(trouble)",
                    hint: "See whether the clocks of both agree, and whether `tls.directory` is the right one.")
            }
        }
        try certificates.keep(order)
        let isNew = try await renew(with: image.id, order)
        return StepOutcome(didChange: !isHad || isNew, note: isHad ? nil : "from \(order.authority)")
    }

    private var now: Int { Int(time(nil)) }
    private static func operation(_ order: CertificateOrder) -> String {
        "order a certificate for \(order.names.joined(separator: ", "))"
    }

    /// Runs certbot once.
    private func order(_ order: CertificateOrder, image: String, until end: Duration) async throws {
        // Two certbots may not work at a time; this one is started again in any case.
        let renewal = try await renewalContainer()
        if let renewal, renewal.state == .running { try await api.stop(renewal.id, grace: .seconds(10)) }
        let code: Int
        var lines: [String] = []
        let name = labels.certbot + "-order"
        var spec = certbot(image, order)
        spec.name = name
        spec.labels = labels.all(.preparation)
        spec.entrypoint = CertificatePlace.once(order)
        do {
            try await api.remove(name)
            let id = try await api.create(spec)
            try await startOnceNetworksAreKnown(id)
            // The step's own deadline must find nothing left to do.
            let rest = max(end - keeper.uptime() - .seconds(15), .seconds(1))
            code = try await api.wait(for: id, within: min(rest, Self.orderLimit))
            lines = try await api.logs(of: id, last: 40).map(\.text)
            try await api.remove(id)
        } catch {
            lines = ((try? await api.logs(of: name, last: 40)) ?? []).map(\.text)
            try? await api.remove(name)
            if let renewal { try? await api.start(renewal.id) }
            guard let error = error as? WorldError, error.code == "timed-out" else { throw error }
            throw refused(order, CertbotWords(lines), isLate: true)
        }
        if let renewal { try await api.start(renewal.id) }
        guard code == 0 else { throw refused(order, CertbotWords(lines), isLate: false) }
    }

    private func refused(_ order: CertificateOrder, _ words: CertbotWords, isLate: Bool) -> WorldError {
        let said = words.lines.isEmpty ? "" : " certbot said:\n    " + words.lines.joined(separator: "\n    ")
        let address = "\(publication.address):\(publication.port)"
        return WorldError(
            code: "certificate-refused", operation: Self.operation(order),
            underlying: isLate ? "\(order.authority) did not answer in time: \(words.refusal)" : words.refusal,
            hint: words.mend(names: order.names, address: address) + said)
    }

    // MARK: Renewal

    private func renewalContainer() async throws -> ListedContainer? {
        try await api.containers(labelled: labels.filter(.renewal)).first { $0.name == labels.certbot }
    }

    /// Makes it so that what renews runs, as it is said.
    ///
    /// - Returns: whether anything had to be done.
    private func renew(with image: String, _ order: CertificateOrder) async throws -> Bool {
        var spec = certbot(image, order)
        spec.name = labels.certbot
        spec.entrypoint = ["/bin/sh", "-uc", CertificatePlace.watch]
        spec.restart = .unlessStopped
        spec.milliCPUs = Certbot.milliCPUs
        spec.labels = labels.all(.renewal)
        spec.labels[DockerLabels.form] = ContentHash(of: spec.body.text.utf8).short
        if let found = try await renewalContainer() {
            if found.labels[DockerLabels.form] == spec.labels[DockerLabels.form] {
                guard found.state != .running else { return false }
                try await api.start(found.id)
                return true
            }
            try await api.stop(found.id, grace: .seconds(10))
            try await api.remove(found.id)
        }
        try await startOnceNetworksAreKnown(try await api.create(spec))
        return true
    }

    /// A container that certbot runs in: as hauban's own user, who is the front door's too.
    private func certbot(_ image: String, _ order: CertificateOrder) -> ContainerSpec {
        var spec = ContainerSpec(name: "", image: image)
        spec.user = "\(geteuid()):\(getegid())"
        spec.environment = order.root == nil ? [:] : [Certbot.rootVariable: CertificatePlace.Inside.root]
        spec.networks = [.init(labels.network(Self.egress))]
        spec.mounts = certificates.mounts
        spec.memory = Certbot.memory
        return spec
    }

    /// Forgets certificates for these names that the release does not serve with, and stops what renews when none is left.
    func retireCertificate(_ names: [String], _ context: ReleaseContext) async throws -> StepOutcome {
        let wanted = context.desired.tls?.order
        let idle = certificates.kept.filter { $0.names == names && wanted?.isSatisfied(by: $0) != true }
        for order in idle { try certificates.forget(order) }
        if certificates.kept.isEmpty, let found = try await renewalContainer() {
            try await api.stop(found.id, grace: .seconds(10))
            try await api.remove(found.id)
        }
        return StepOutcome(didChange: !idle.isEmpty)
    }

    // MARK: Looking

    /// The certificates that were ordered.
    func orderedCertificates() async throws -> [ObservedCertificate] {
        let kept = certificates.kept
        guard !kept.isEmpty else { return [] }
        let isRenewed = try await renewalContainer()?.state == .running
        return kept.map { order in
            ObservedCertificate(
                order, trouble: certificates.trouble(of: order, now: now) ?? (isRenewed ? nil : "not renewed"))
        }
    }

    /// Below so many days certbot has tried for a month and more.
    private static var lateDays: Int { 14 }

    /// Adds to a status how renewals go.
    func tellRenewal(_ status: inout EnvironmentStatus) async throws {
        guard let order = try? knownOrder() else { return }
        status.renewal = certificates.renewal
        let name = order.names.joined(separator: ", ")
        guard let renewal = try await renewalContainer(), renewal.state == .running else {
            status.troubles.append(
                WorldError(
                    code: "certificate-unrenewed", operation: "renew the certificate of \(name)",
                    underlying: "\(labels.certbot) does not run",
                    hint: "`docker start \(labels.certbot)`, or `hauban deploy \(environment)`."))
            return
        }
        let left = status.certificates.compactMap(\.daysLeft).min() ?? 0
        if let last = status.renewal, !last.succeeded, left < Self.lateDays {
            let words = CertbotWords(last.words)
            let address = "\(publication.address):\(publication.port)"
            status.troubles.append(
                WorldError(
                    code: "certificate-unrenewed", operation: "renew the certificate of \(name)",
                    underlying: words.refusal, hint: words.mend(names: order.names, address: address)))
        }
    }

    /// What the front door serves with was ordered for.
    private func knownOrder() throws -> CertificateOrder? {
        try StateFile(path: place.doorState).load().flatMap { tls(of: $0) }?.order
    }
}
