import Planning
import Spec
import Testing

@Suite("What a verification says of what was seen")
struct VerificationJudgeTests {
    private static let text = """
        hauban: 1
        platform: shop
        services:
          api:
            source: api
            port: 8080
            health: {ready: /ready}
            metrics: /metrics
            uses: {db: write}
            env: {DATABASE_URL: "${db.url}"}
            expose: [{path: /}, {host: www, path: /api}]
            smoke: [{get: /api}]
        resources: {db: {kind: postgres}}
        release:
          requests: 20
          verify:
            for: 5m
            flows:
              order:
                - {post: /api/orders, json: {note: "${run}"}, expect: {status: 201}}
                - {get: /nowhere, host: www, expect: {contains: "${run}", again-for: 30s}}
        environments:
          prod:
            target: docker
            domain: shop.example
            tls: {issuer: files, certificate: a.pem, key: a.key, minimum: "1.2"}
            accept:
              availability: availability(api) > 99.5%
              cpu: cpu(api) < 80%
              errors: errors(api) < 1%
              full: disk(db) < 80%
              latency: p95(api) < 2s
              memory: memory(api) < 85%
              ready: up(api) >= 2

        """

    private static func plan() throws -> VerificationPlan {
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        let name = try #require(EnvironmentName("prod"))
        let platform = try #require(parsed.environments[name])
        let desired = Lowering(platform: platform, environment: name, root: "/src").desiredState()
        return VerificationPlan(desired, platform)
    }

    private static func told(_ seen: VerificationFact.Seen...) throws -> [String] {
        let judge = VerificationJudge(try plan())
        let report = judge.report(
            seen.map { VerificationFact($0, at: 1_000, took: .milliseconds(5)) }, release: ReleaseID(2))
        return report.findings.map { finding in
            let why = finding.reason.map { "; \($0)" } ?? ""
            return "\(finding.outcome.rawValue) \(finding.kind.rawValue) \(finding.subject): "
                + "\(finding.measured ?? "-") of \(finding.limit ?? "-")\(why)"
        }
    }

    private static func measures(requests: Int, errors: Int, p95: Duration, cpu: Double, memory: Double) throws
        -> VerificationFact.Seen
    {
        let api = try #require(ServiceName("api"))
        return .measures(
            over: .seconds(300),
            .got([
                "api": VerificationMeasure(
                    traffic: .got(
                        ServiceSignals(
                            service: api, release: ReleaseID(2), requests: requests, errors: errors, p95: p95)),
                    cpu: .got(cpu), memory: .got(memory), cpuOf: "1 processor", memoryOf: "256 MiB", ready: 2,
                    restarts: 0),
                "db": VerificationMeasure(),
            ]))
    }

    @Test("limits that are kept are met, with what was measured; what only monitoring knows is not known")
    func limitsKept() throws {
        #expect(
            try Self.told(Self.measures(requests: 400, errors: 1, p95: .milliseconds(1200), cpu: 0.5, memory: 0.84))
                == [
                    "met limit availability: 99.75% of 400 requests over 5m of availability(api) > 99.5%",
                    "met limit cpu: 50% of 1 processor over 5m of cpu(api) < 80%",
                    "met limit errors: 0.25% of 400 requests over 5m of errors(api) < 1%",
                    "unknown limit full: - of disk(db) < 80%; `disk` is asked of monitoring, not by a verification",
                    "met limit latency: 1.2s of 400 requests over 5m of p95(api) < 2s",
                    "met limit memory: 84% of 256 MiB over 5m of memory(api) < 85%",
                    "met limit ready: 2 over 5m of up(api) >= 2",
                ])
    }

    @Test("each limit that is broken is told by itself, and too few requests say nothing")
    func limitsBroken() throws {
        func wrong(_ seen: VerificationFact.Seen) throws -> [String] {
            try Self.told(seen).filter { !$0.hasPrefix("met") && !$0.contains("disk") }
        }
        #expect(
            try wrong(Self.measures(requests: 100, errors: 1, p95: .seconds(1), cpu: 0.1, memory: 0.1)) == [
                "not-met limit availability: 99% of 100 requests over 5m of availability(api) > 99.5%",
                "not-met limit errors: 1% of 100 requests over 5m of errors(api) < 1%",
            ])
        #expect(
            try wrong(Self.measures(requests: 20, errors: 0, p95: .seconds(2), cpu: 0.1, memory: 0.1)) == [
                "not-met limit latency: 2s of 20 requests over 5m of p95(api) < 2s"
            ])
        #expect(
            try wrong(Self.measures(requests: 20, errors: 0, p95: .seconds(1), cpu: 0.8, memory: 0.85)) == [
                "not-met limit cpu: 80% of 1 processor over 5m of cpu(api) < 80%",
                "not-met limit memory: 85% of 256 MiB over 5m of memory(api) < 85%",
            ])
        let few = try wrong(Self.measures(requests: 19, errors: 19, p95: .seconds(9), cpu: 0.1, memory: 0.1))
        #expect(few.count == 3 && few.allSatisfy { $0.hasPrefix("unknown") && $0.contains("19 of the 20 requests") })
    }

    @Test("TLS below the minimum has to be refused and the minimum accepted; what is above is nobody's matter")
    func tls() throws {
        #expect(
            try Self.told(
                .tls(version: "1.0", .got(false)), .tls(version: "1.1", .got(true)), .tls(version: "1.2", .got(false)),
                .tls(version: "1.3", .got(false)),
                .certificate(host: "shop.example", .got(CertificateGlance(daysLeft: 13)))) == [
                    "met tls TLS 1.0: refused of refused", "not-met tls TLS 1.1: accepted of refused",
                    "not-met tls TLS 1.2: refused of accepted",
                    "not-met certificate shop.example: 13 days left of valid, at least 14 days left",
                ])
    }

    @Test("routes, ports, replicas and metrics are judged by their answers")
    func answers() throws {
        let plan = try Self.plan()
        let api = try #require(ServiceName("api"))
        let route = try #require(plan.desired.routes.first)
        let other = try #require(plan.desired.routes.last)
        #expect(
            try Self.told(
                .route(route, .got(HTTPGlance(status: 404))),
                .route(other, .got(HTTPGlance(status: 404, ownReason: "no-route"))),
                .closedPort(owner: "db", place: "192.0.2.1:5432", .got(true)),
                .closedPort(owner: "db", place: "192.0.2.2:5432", .got(false)),
                .api(api, replica: "api.r2.0", question: "GET /ready", .got(503)),
                .metrics(
                    api, replica: "api.r2.0", path: "/metrics", .got(HTTPGlance(status: 200, body: "up 1\n<b>\n"))),
                .metrics(api, replica: "api.r2.1", path: "/metrics", .got(HTTPGlance(status: 200, body: "up 1\n"))),
                .metrics(api, replica: "api.r2.2", path: "/metrics", .got(HTTPGlance(status: 404)))) == [
                    "met route shop.example/: 404 of below 500",
                    "not-met route www.shop.example/api: 404 of below 500; the front door answered 404 itself: no-route",
                    "not-met port db at 192.0.2.1:5432: open of closed; it takes connections from outside",
                    "met port db at 192.0.2.2:5432: closed of closed",
                    "not-met api api.r2.0 GET /ready: 503 of 200 to 399",
                    "not-met metrics api.r2.0 /metrics: no Prometheus text of Prometheus text; line 2 does not begin with a metric's name",
                    "met metrics api.r2.1 /metrics: 1 sample of Prometheus text",
                    "not-met metrics api.r2.2 /metrics: 404 of Prometheus text; it is answered 404",
                ])
    }

    @Test("a Prometheus has to scrape something, and all of it has to be up")
    func targets() throws {
        let body = """
            {"status":"success","data":{"activeTargets":[
              {"labels":{"job":"api","instance":"api:8080"},"health":"up","lastError":""},
              {"labels":{"job":"db","instance":"db:9187"},"health":"down","lastError":"connection refused"}]}}
            """
        #expect(
            try Self.told(.targets(url: "http://p", .got(body))) == [
                "met prometheus job api, api:8080: up of up",
                "not-met prometheus job db, db:9187: down of up; connection refused",
            ])
        #expect(
            try Self.told(.targets(url: "http://p", .got(#"{"status":"success","data":{"activeTargets":[]}}"#))) == [
                "not-met prometheus http://p: - of every target up; it scrapes nothing"
            ])
        #expect(
            try Self.told(.targets(url: "http://p", .got("<html>"))) == [
                "not-met prometheus http://p: - of every target up; its answer is no list of targets"
            ])
    }

    @Test("what could not be asked is no success, and nothing asked is none either")
    func verdicts() throws {
        let judge = VerificationJudge(try Self.plan())
        func verdict(_ seen: [VerificationFact.Seen]) -> VerificationReport.Verdict {
            judge.report(seen.map { VerificationFact($0, at: 0) }, release: ReleaseID(1)).verdict
        }
        let good = VerificationFact.Seen.tls(version: "1.2", .got(true))
        let open = VerificationFact.Seen.tls(version: "1.1", .got(true))
        #expect(verdict([good]) == .met)
        #expect(verdict([]) == .unknown)
        #expect(verdict([good, .incident(.unasked("nobody"))]) == .unknown)
        #expect(verdict([good, .incident(.unasked("nobody")), open]) == .notMet)
        let report = judge.report(
            [VerificationFact(open, at: 0), VerificationFact(.incident(.failed("none")), at: 0)], release: ReleaseID(1))
        #expect(report.reason == "tls TLS 1.1: accepted, expected refused (and 1 more)")
    }

    @Test("a step of a flow goes to the service whose route takes its path on that host")
    func flows() throws {
        let plan = try Self.plan()
        let steps = try #require(plan.flows.first).steps
        #expect(steps[0].request?.host == "www.shop.example")
        #expect(steps[1].request == nil, "www has only /api")
        #expect(steps[1].again == .seconds(30))
        #expect(steps[0].request?.filled(run: "v1").body == #"{"note":"v1"}"#)
    }
}
