package import Spec

/// What an environment is right now, as its engine saw it.
package struct ObservedState: Codable, Hashable, Sendable {
    /// At most one entry a service: the release that serves (or, without a port, the one that works).
    package var services: [ObservedService]
    package var resources: [ObservedResource]
    /// The public routes that the front door has; nil when it cannot tell, and the last good release's are taken.
    package var routes: [DesiredRoute]?
    /// How the front door serves those over TLS; means nothing while `routes` is nil.
    package var tls: DesiredTLS?
    /// The certificates that were ordered and are kept; nil where an engine orders none.
    package var certificates: [ObservedCertificate]?
    /// Whether the front door runs; nil where something else keeps it running.
    package var hasFrontDoor: Bool?
    /// Replicas that run and should not: of releases that neither serve nor are about to.
    package var leftovers: [Leftover]
    /// The desired state of the last kept release; filled in from the journal, not by the engine.
    package var lastGood: DesiredState?

    package init(
        services: [ObservedService] = [], resources: [ObservedResource] = [], routes: [DesiredRoute]? = nil,
        tls: DesiredTLS? = nil, hasFrontDoor: Bool? = nil, certificates: [ObservedCertificate]? = nil,
        leftovers: [Leftover] = [], lastGood: DesiredState? = nil
    ) {
        self.services = services.sorted { $0.name < $1.name }
        self.resources = resources.sorted { $0.name < $1.name }
        self.routes = routes?.sorted()
        self.tls = tls
        self.certificates = certificates
        self.hasFrontDoor = hasFrontDoor
        self.leftovers = leftovers.sorted { ($0.service, $0.release) < ($1.service, $1.release) }
        self.lastGood = lastGood
    }

    /// The service of that name.
    package func service(_ name: ServiceName) -> ObservedService? { services.first { $0.name == name } }

    /// The resource of that name.
    package func resource(_ name: ResourceName) -> ObservedResource? { resources.first { $0.name == name } }
}

/// A service as it runs.
package struct ObservedService: Codable, Hashable, Sendable {
    /// What its replicas are doing, taken together.
    package enum State: String, Codable, Hashable, Sendable {
        /// Every replica is ready, or it is a site that the front door has.
        case running
        /// Some replicas are not ready (yet, or again).
        case starting
        /// A replica was given up after its restarts.
        case failed
        /// No replica runs.
        case stopped
    }

    package var name: ServiceName
    package var release: ReleaseID
    package var fingerprint: String
    package var readyReplicas: Int
    /// Replicas that run or are being started again; nil where something else keeps their number.
    package var runningReplicas: Int?
    package var state: State
    /// Whether the front door leads to it.
    package var isRouted: Bool
    /// Whether its release was not kept and could not be returned; filled in from the journal, not by the engine.
    package var isUnkept: Bool
    /// A release that receives a share of the requests.
    package var newcomer: ReleaseID?

    package init(
        name: ServiceName, release: ReleaseID, fingerprint: String, readyReplicas: Int, runningReplicas: Int? = nil,
        state: State, isRouted: Bool, isUnkept: Bool = false, newcomer: ReleaseID? = nil
    ) {
        self.name = name
        self.release = release
        self.fingerprint = fingerprint
        self.readyReplicas = readyReplicas
        self.runningReplicas = runningReplicas
        self.state = state
        self.isRouted = isRouted
        self.isUnkept = isUnkept
        self.newcomer = newcomer
    }
}

/// A resource as it runs.
package struct ObservedResource: Codable, Hashable, Sendable {
    package var name: ResourceName
    package var kind: String
    package var version: String?
    package var fingerprint: String
    package var isRunning: Bool

    package init(name: ResourceName, kind: String, version: String? = nil, fingerprint: String, isRunning: Bool = true)
    {
        self.name = name
        self.kind = kind
        self.version = version
        self.fingerprint = fingerprint
        self.isRunning = isRunning
    }
}

/// A certificate that an authority gave out.
package struct ObservedCertificate: Codable, Hashable, Sendable {
    package var order: CertificateOrder
    /// Why it has to be looked after, as the rest of "is …"; nil when it is valid and renewed.
    package var trouble: String?

    package init(_ order: CertificateOrder, trouble: String? = nil) {
        self.order = order
        self.trouble = trouble
    }
}

/// Replicas of a release that should no longer run.
package struct Leftover: Codable, Hashable, Sendable {
    package var service: ServiceName
    package var release: ReleaseID

    package init(service: ServiceName, release: ReleaseID) {
        self.service = service
        self.release = release
    }
}
