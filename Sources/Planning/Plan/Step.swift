package import Spec

/// One thing that a release does, or undoes.
package struct Step: Codable, Hashable, Sendable {
    /// What is done. The raw values are a contract: they are printed, stored, and read by other programs.
    package enum Action: String, Codable, Hashable, Sendable, CaseIterable {
        // Forward, in the order in which they are taken.
        /// Create or change a resource and wait until it answers.
        case provision
        /// Have a certificate for these names, and see that it is renewed; asks its authority only for one that is not there.
        case certify
        /// Build the service's source with its fingerprint; does nothing when that build is in the cache.
        case build
        /// Run the service's migration with the new build and environment, once a release.
        case migrate
        /// Stop the old release's replicas before the new ones start (`rollout: replace`).
        case stopFirst = "stop-first"
        /// Start all replicas of this release; they receive nothing yet.
        case start
        /// Wait until every replica of this release passed its readiness probe.
        case gate
        /// Give this release a share of these services' requests (`rollout: canary`), in one motion.
        case shift
        /// Look at what this release answers at its share. The executor does it.
        case hold
        /// Swap the front door to this release for these services (none: only the public routes), in one motion.
        case switchTraffic = "switch"
        /// Take services that are no longer declared off the front door; their replicas stay.
        case withdraw
        /// Look at the golden signals of what was switched. The executor does it.
        case watch
        /// Ask the smoke requests. The executor does it.
        case smoke
        /// Wait until nothing is in flight on the old release, at most the drain time.
        case drain
        /// Stop every replica of the service that is not of the release it should run.
        case stopOld = "stop-old"
        /// Stop a resource that is no longer declared; its data stays. Of a certificate: forget it.
        case retire

        // Backward: the undo of a step above.
        /// Undo of `start`: wait until nothing is in flight on this release (at most the drain time), then stop its replicas.
        case stopNew = "stop-new"
        /// Undo of `shift`: give all requests to the release that had them before, in one motion.
        case shiftBack = "shift-back"
        /// Undo of `switch`: swap back to the releases and routes that served before.
        case switchBack = "switch-back"
        /// Undo of `stop-first`: start the old release's replicas again and wait until they are ready.
        case restartOld = "restart-old"
        /// Undo of `withdraw`: put the services on the front door again.
        case restore
    }

    /// Where in a release a step lies.
    package enum Phase: String, Codable, Hashable, Sendable, Comparable {
        /// Nothing that serves is touched.
        case prepare
        /// Traffic and workers move.
        case rollout
        /// The new release serves and is judged.
        case judge
        /// The release is kept; the old one goes.
        case settle

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .prepare: 0
            case .rollout: 1
            case .judge: 2
            case .settle: 3
            }
        }
    }

    /// Unique in its plan and stable between runs: `start.api`, `shift.5%.api`.
    package var id: String
    package var action: Action
    package var target: Target
    package var reason: StepReason
    /// What takes it back; nil when there is nothing to take back.
    package var undo: Action?
    /// What people want to know besides: `postgres 15`, `2 replicas`.
    package var detail: String?
    /// The share of requests that a canary's step is about.
    package var share: Percent?
    /// Of a migration: whether the version before can run on what it leaves; nil when nobody said.
    package var isCompatible: Bool?

    package init(
        action: Action, target: Target, reason: StepReason, undo: Action? = nil, detail: String? = nil,
        share: Percent? = nil, isCompatible: Bool? = nil
    ) {
        self.id = ([action.rawValue] + (share.map { ["\($0)"] } ?? []) + target.names).joined(separator: ".")
        self.action = action
        self.target = target
        self.reason = reason
        self.undo = undo
        self.detail = detail
        self.share = share
        self.isCompatible = isCompatible
    }

    private enum CodingKeys: String, CodingKey {
        case id, action, target, reason, undo, detail, share
        case isCompatible = "compatible"
    }

    /// The step that takes this one back.
    package var inverse: Step? {
        guard let undo else { return nil }
        return Step(action: undo, target: target, reason: .returning, share: share)
    }

    /// Where in a release it lies; that of the step it undoes for an undo.
    package var phase: Phase {
        switch action {
        case .provision, .certify, .build, .migrate: .prepare
        case .stopFirst, .start, .gate, .shift, .hold, .switchTraffic, .withdraw, .stopNew, .shiftBack, .switchBack,
            .restartOld, .restore:
            .rollout
        case .watch, .smoke: .judge
        case .drain, .stopOld, .retire: .settle
        }
    }
}

/// What a step acts on.
package enum Target: Codable, Hashable, Sendable {
    case resource(ResourceName)
    /// In switch order; one for most steps, several for a switch, none for the public routes alone.
    case services([ServiceName])
    /// The certificate for these host names, sorted.
    case certificate([String])

    package static func service(_ name: ServiceName) -> Target { .services([name]) }

    /// The names it holds.
    package var names: [String] {
        switch self {
        case .resource(let name): [name.text]
        case .services(let names): names.map(\.text)
        case .certificate(let names): names
        }
    }

    /// The services it holds; none for a resource or a certificate.
    package var services: [ServiceName] {
        switch self {
        case .resource, .certificate: []
        case .services(let names): names
        }
    }

    /// The resource it is, if it is one.
    package var resource: ResourceName? {
        switch self {
        case .resource(let name): name
        case .services, .certificate: nil
        }
    }

    private enum Key: String, CodingKey { case resource, services, certificate }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let name = try container.decodeIfPresent(ResourceName.self, forKey: .resource) {
            self = .resource(name)
        } else if let names = try container.decodeIfPresent([String].self, forKey: .certificate) {
            self = .certificate(names)
        } else {
            self = .services(try container.decode([ServiceName].self, forKey: .services))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .resource(let name): try container.encode(name, forKey: .resource)
        case .services(let names): try container.encode(names, forKey: .services)
        case .certificate(let names): try container.encode(names, forKey: .certificate)
        }
    }
}
