import Spec

/// Says of each fact whether it is as it must be.
///
/// What is known to be wrong is `notMet`; what nobody could find out is `unknown`, which is no success either.
package struct VerificationJudge: Sendable {
    let plan: VerificationPlan
    /// A certificate with fewer days is near its end: renewals come in time with thirty, and fourteen leave a week to notice.
    static let fewestDays = 14

    package init(_ plan: VerificationPlan) { self.plan = plan }

    package func report(_ facts: [VerificationFact], release: ReleaseID) -> VerificationReport {
        VerificationReport(release: release, findings: facts.flatMap(findings))
    }

    /// Whether a fact already says that the release may not stay.
    package func refutes(_ fact: VerificationFact) -> Bool { findings(fact).contains { $0.outcome == .notMet } }

    func findings(_ fact: VerificationFact) -> [VerificationFinding] {
        switch fact.seen {
        case .route(let route, let answer): [self.route(route, answer, fact)]
        case .closedPort(let owner, let place, let answer): [closedPort(owner, place, answer, fact)]
        case .resource(let name, let kind, let answer):
            [finding(.resource, "\(name) (\(kind))", answer, limit: "an answer", fact) { ($0, true, nil) }]
        case .api(let service, let replica, let question, let answer):
            [
                finding(.api, "\(replica) \(question)", answer, limit: "200 to 399", fact, service) {
                    ("\($0)", (200..<400).contains($0), nil)
                }
            ]
        case .metrics(let service, let replica, let path, let answer): [metrics(service, replica, path, answer, fact)]
        case .targets(let url, let answer): targets(url, answer, fact)
        case .tls(let version, let answer): tls(version, answer, fact)
        case .certificate(let host, let answer): [certificate(host, answer, fact)]
        case .smoke(let request, let answer):
            [
                finding(.smoke, "\(request.service) \(request.text)", answer, fact, request.service) {
                    ($0, true, nil)
                }
            ]
        case .flow(let name, let step, let answer):
            [finding(.flow, "\(name)\(step.isEmpty ? "" : ", \(step)")", answer, fact) { ($0, true, nil) }]
        case .incident(let answer):
            [
                finding(.incident, "an alert becomes an incident", answer, limit: "within 30s", fact) {
                    ($0.inWords, true, nil)
                }
            ]
        case .measures(let window, let answer):
            plan.limits.sorted { $0.key < $1.key }.map { limit($0, $1, answer, over: window, fact) }
        }
    }

    private typealias Judged = (measured: String, isMet: Bool, reason: String?)

    private func finding<Value>(
        _ kind: VerificationFinding.Kind, _ subject: String, _ answer: Answer<Value>, limit: String? = nil,
        _ fact: VerificationFact, _ service: ServiceName? = nil, judge: (Value) -> Judged
    ) -> VerificationFinding {
        var finding = VerificationFinding(
            kind: kind, subject: subject, outcome: .unknown, limit: limit, service: service, at: fact.at,
            took: fact.took)
        switch answer {
        case .got(let value):
            let judged = judge(value)
            finding.measured = judged.measured
            finding.outcome = judged.isMet ? .met : .notMet
            finding.reason = judged.reason
        case .failed(let why):
            finding.outcome = .notMet
            finding.reason = why
        case .unasked(let why): finding.reason = why
        }
        return finding
    }

    // MARK: Roads in

    private func route(_ route: DesiredRoute, _ answer: Answer<HTTPGlance>, _ fact: VerificationFact)
        -> VerificationFinding
    {
        var answer = answer
        if case .got(let glance) = answer, glance.ownReason == "maintenance" {
            answer = .unasked("it is in maintenance; `hauban maintenance off` opens it")
        }
        return finding(.route, route.text, answer, limit: "below 500", fact, route.service) { glance in
            if let own = glance.ownReason {
                return ("\(glance.status)", false, "the front door answered \(glance.status) itself: \(own)")
            }
            return ("\(glance.status)", glance.status < 500, nil)
        }
    }

    private func closedPort(_ owner: String, _ place: String, _ answer: Answer<Bool>, _ fact: VerificationFact)
        -> VerificationFinding
    {
        finding(.port, "\(owner) at \(place)", answer, limit: "closed", fact) { isOpen in
            isOpen ? ("open", false, "it takes connections from outside") : ("closed", true, nil)
        }
    }

    private func tls(_ version: String, _ answer: Answer<Bool>, _ fact: VerificationFact) -> [VerificationFinding] {
        guard let minimum = plan.desired.tls?.minimum, version <= minimum else { return [] }
        let isWanted = version == minimum
        return [
            finding(.tls, "TLS \(version)", answer, limit: isWanted ? "accepted" : "refused", fact) { isAccepted in
                (isAccepted ? "accepted" : "refused", isAccepted == isWanted, nil)
            }
        ]
    }

    private func certificate(_ host: String, _ answer: Answer<CertificateGlance>, _ fact: VerificationFact)
        -> VerificationFinding
    {
        let least = Self.fewestDays
        return finding(.certificate, host, answer, limit: "valid, at least \(least) days left", fact) { glance in
            let left = glance.daysLeft == 1 ? "1 day left" : "\(glance.daysLeft) days left"
            let reason = glance.distrust ?? (glance.daysLeft < 0 ? "it has expired" : nil)
            return (left, glance.distrust == nil && glance.daysLeft >= least, reason)
        }
    }

    // MARK: Figures

    private func metrics(
        _ service: ServiceName, _ replica: String, _ path: String, _ answer: Answer<HTTPGlance>,
        _ fact: VerificationFact
    ) -> VerificationFinding {
        finding(.metrics, "\(replica) \(path)", answer, limit: "Prometheus text", fact, service) { glance in
            guard glance.status == 200 else { return ("\(glance.status)", false, "it is answered \(glance.status)") }
            do throws(PrometheusText.Malformed) {
                let count = try PrometheusText.samples(in: glance.body)
                return count == 0
                    ? ("0 samples", false, "it holds no sample")
                    : (count == 1 ? "1 sample" : "\(count) samples", true, nil)
            } catch {
                return ("no Prometheus text", false, "line \(error.line) \(error.message)")
            }
        }
    }

    private func targets(_ url: String, _ answer: Answer<String>, _ fact: VerificationFact) -> [VerificationFinding] {
        var answer = answer
        if case .got(let body) = answer {
            guard let targets = PrometheusTargets(body) else {
                answer = .failed("its answer is no list of targets")
                return [finding(.prometheus, url, answer, limit: "every target up", fact) { ($0, true, nil) }]
            }
            guard !targets.active.isEmpty else {
                answer = .failed("it scrapes nothing")
                return [finding(.prometheus, url, answer, limit: "every target up", fact) { ($0, true, nil) }]
            }
            return targets.active.map { target in
                VerificationFinding(
                    kind: .prometheus, subject: target.name, outcome: target.isUp ? .met : .notMet,
                    measured: target.isUp ? "up" : "down", limit: "up",
                    reason: target.isUp || target.error.isEmpty ? nil : target.error, at: fact.at, took: fact.took)
            }
        }
        return [finding(.prometheus, url, answer, limit: "every target up", fact) { ($0, true, nil) }]
    }
}
