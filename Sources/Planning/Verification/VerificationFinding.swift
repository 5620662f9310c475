package import Spec

/// What one question about a deployed platform came to.
package struct VerificationFinding: Sendable, Hashable {
    /// What is asked, in the order in which it is told.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case route, port, resource, api, metrics, prometheus, tls, certificate, smoke, flow, incident, limit
    }

    package enum Outcome: String, Sendable, Hashable, Codable {
        case met
        case notMet = "not-met"
        /// It could not be asked, so nothing is known.
        case unknown
    }

    package var kind: Kind
    /// What it is about: a route, a service's replica, the name of a limit.
    package var subject: String
    package var outcome: Outcome
    /// What was measured, with its unit; `nil` when nothing was.
    package var measured: String?
    /// What it had to be.
    package var limit: String?
    /// Why, as a clause, where it is not met.
    package var reason: String?
    /// The service at fault, when it is one.
    package var service: ServiceName?
    /// When it was asked, in seconds since 1970.
    package var at: Double
    package var took: Duration

    package init(
        kind: Kind, subject: String, outcome: Outcome, measured: String? = nil, limit: String? = nil,
        reason: String? = nil, service: ServiceName? = nil, at: Double, took: Duration = .zero
    ) {
        self.kind = kind
        self.subject = subject
        self.outcome = outcome
        self.measured = measured
        self.limit = limit
        self.reason = reason
        self.service = service
        self.at = at
        self.took = took
    }

    /// As a clause: `route /api is answered 502, expected below 500`.
    package var text: String {
        let why = reason ?? [measured, limit.map { "expected \($0)" }].compactMap(\.self).joined(separator: ", ")
        return "\(kind.rawValue) \(subject): \(why)"
    }
}

/// What a verification came to.
package struct VerificationReport: Sendable, Hashable {
    package enum Verdict: String, Sendable, Hashable, Codable {
        case met
        /// Something is not as it must be.
        case notMet = "not-met"
        /// Nothing is known to be wrong, and not everything could be asked.
        case unknown
    }

    package var release: ReleaseID
    /// Sorted by kind.
    package var findings: [VerificationFinding]

    package init(release: ReleaseID, findings: [VerificationFinding]) {
        self.release = release
        let order = Dictionary(
            uniqueKeysWithValues: VerificationFinding.Kind.allCases.enumerated().map { ($1, $0) })
        self.findings = findings.sorted {
            (order[$0.kind] ?? 0, $0.subject, $0.limit ?? "") < (order[$1.kind] ?? 0, $1.subject, $1.limit ?? "")
        }
    }

    package var verdict: Verdict {
        if findings.contains(where: { $0.outcome == .notMet }) { return .notMet }
        // A verification that asked nothing proves nothing.
        return findings.isEmpty || findings.contains { $0.outcome == .unknown } ? .unknown : .met
    }

    package var notMet: [VerificationFinding] { findings.filter { $0.outcome == .notMet } }

    /// Why the release may not stay, in one clause.
    package var reason: String? {
        guard let first = notMet.first else { return nil }
        return first.text + (notMet.count > 1 ? " (and \(notMet.count - 1) more)" : "")
    }
}
