import Planning
import Spec
import Testing

@Suite("The watch")
struct WatchTests {
    private let api: ServiceName
    private let settings = WatchSettings(
        window: .seconds(30), interval: .seconds(1), minimumRequests: 20, patience: .seconds(5))

    init() throws { api = try Platforms.name("api") }

    private func watch(
        _ objective: ServiceObjective = ServiceObjective(availability: 0.999), old: ServiceSignals? = nil
    ) -> Watch {
        Watch(settings: settings, objectives: [api: objective], baseline: old.map { [$0] } ?? [])
    }

    private func signals(
        _ requests: Int, errors: Int = 0, p95: Duration? = nil, p99: Duration? = nil, restarts: Int = 0,
        failed: Int = 0
    ) -> ServiceSignals {
        ServiceSignals(
            service: api, release: ReleaseID(2), requests: requests, errors: errors, p95: p95, p99: p99,
            restarts: restarts, failedReplicas: failed)
    }

    @Test("passes at the end of its window, not before")
    func passes() {
        var watch = watch()
        #expect(watch.take(.signals([signals(500)]), elapsed: .seconds(29)) == .goOn)
        #expect(watch.take(.signals([signals(600)]), elapsed: .seconds(30)) == .pass([]))
    }

    @Test("says when it saw too little to judge")
    func tooLittle() {
        var watch = watch()
        #expect(
            watch.take(.signals([signals(19, errors: 2)]), elapsed: .seconds(30))
                == .pass([.notEnoughTraffic(service: api, requests: 19, needed: 20)]))
        #expect(
            WatchNote.notEnoughTraffic(service: api, requests: 19, needed: 20).text
                == "api received 19 of the 20 requests that judging its errors and latency takes")
    }

    @Test("does not pass what fails most of the few requests it gets")
    func fewButBad() {
        var watch = watch()
        #expect(watch.take(.signals([signals(5, errors: 4)]), elapsed: .seconds(10)) == .goOn)
        #expect(
            watch.take(.signals([signals(5, errors: 4)]), elapsed: .seconds(30))
                == .fail(.tooManyErrors(service: api, errors: 4, requests: 5, allowed: 1 - 0.999, old: nil)))
    }

    @Test("fails at once when the errors are clearly above the objective and the old release")
    func failsFast() {
        var watch = watch(old: signals(1000, errors: 1))
        let decision = watch.take(.signals([signals(100, errors: 50)]), elapsed: .seconds(2))
        #expect(
            decision
                == .fail(.tooManyErrors(service: api, errors: 50, requests: 100, allowed: 1 - 0.999, old: 0.001)))
        guard case .fail(let failure) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(failure.text == "api failed 50 of 100 requests (50%), allowed 0.1%, before 0.1%")
    }

    @Test("waits with judging until the minimum of requests came", arguments: [(19, false), (20, true)])
    func minimum(_ requests: Int, _ fails: Bool) {
        var watch = watch()
        let decision = watch.take(.signals([signals(requests, errors: requests)]), elapsed: .seconds(2))
        #expect((decision != .goOn) == fails)
    }

    @Test("keeps a release that fails no more than the old one did")
    func asBadAsBefore() {
        var watch = watch(old: signals(1000, errors: 100))
        #expect(watch.take(.signals([signals(1000, errors: 100)]), elapsed: .seconds(15)) == .goOn)
        #expect(watch.take(.signals([signals(1000, errors: 100)]), elapsed: .seconds(30)) == .pass([]))
    }

    @Test("does not return a release for one or two failed requests", arguments: [(1, true), (2, true), (3, false)])
    func few(_ errors: Int, _ passes: Bool) {
        var watch = watch()
        #expect((watch.take(.signals([signals(200, errors: errors)]), elapsed: .seconds(30)) == .pass([])) == passes)
    }

    @Test("measures an old release that served next to nothing by the objective alone")
    func emptyBaseline() {
        var watch = watch(old: signals(3, errors: 3))
        #expect(watch.take(.signals([signals(100, errors: 50)]), elapsed: .seconds(2)) != .goOn)
    }

    @Test("fails a release that is slower than its target and than the old one")
    func slow() {
        let objective = ServiceObjective(p95: .milliseconds(300))
        var alone = watch(objective)
        #expect(
            alone.take(.signals([signals(100, p95: .milliseconds(450))]), elapsed: .seconds(30))
                == .fail(
                    .tooSlow(
                        service: api, percentile: 95, latency: .milliseconds(450), target: .milliseconds(300), old: nil)
                ))
        var likeBefore = watch(objective, old: signals(100, p95: .milliseconds(400)))
        #expect(likeBefore.take(.signals([signals(100, p95: .milliseconds(450))]), elapsed: .seconds(30)) == .pass([]))
        var worse = watch(objective, old: signals(100, p95: .milliseconds(300)))
        #expect(worse.take(.signals([signals(100, p95: .milliseconds(450))]), elapsed: .seconds(30)) != .pass([]))
    }

    @Test("judges the median where the author promises one")
    func median() {
        var found = signals(100, p95: .milliseconds(50))
        found.p50 = .milliseconds(40)
        var slow = watch(ServiceObjective(p50: .milliseconds(30)))
        #expect(
            slow.take(.signals([found]), elapsed: .seconds(30))
                == .fail(
                    .tooSlow(
                        service: api, percentile: 50, latency: .milliseconds(40), target: .milliseconds(30), old: nil)))
        var quick = watch(ServiceObjective(p50: .milliseconds(45)))
        #expect(quick.take(.signals([found]), elapsed: .seconds(30)) == .pass([]))
    }

    @Test("judges the p99 only of a hundred requests", arguments: [(99, true), (100, false)])
    func p99(_ requests: Int, _ passes: Bool) {
        var watch = watch(ServiceObjective(p99: .seconds(1)))
        let decision = watch.take(.signals([signals(requests, p99: .seconds(2))]), elapsed: .seconds(30))
        #expect((decision == .pass([])) == passes)
    }

    @Test("fails a release whose process ends or is given up, at once")
    func processes() {
        var restarted = watch()
        #expect(
            restarted.take(.signals([signals(0, restarts: 1)]), elapsed: .seconds(1))
                == .fail(.restarted(service: api, count: 1)))
        var failed = watch()
        #expect(
            failed.take(.signals([signals(0, failed: 2)]), elapsed: .seconds(1))
                == .fail(.replicasFailed(service: api, count: 2)))
        var ejected = watch()
        var signals = signals(1_000)
        signals.ejectedReplicas = 1
        #expect(
            ejected.take(.signals([signals]), elapsed: .seconds(1))
                == .fail(.replicasEjected(service: api, count: 1)))
    }

    @Test("fails a release whose readiness comes and goes, counting from its first look")
    func flapping() {
        func look(_ failures: Int) -> Watch.Look {
            var signals = signals(0)
            signals.failedProbes = failures
            return .signals([signals])
        }
        var watch = watch()
        #expect(watch.take(look(7), elapsed: .zero) == .goOn)
        #expect(watch.take(look(9), elapsed: .seconds(1)) == .goOn)
        #expect(
            watch.take(look(10), elapsed: .seconds(2)) == .fail(.flapping(service: api, failures: 3)))
        #expect(WatchFailure.flapping(service: api, failures: 3).hint.contains("health.failures"))
    }

    @Test("bears missing data for its patience, and never passes on it")
    func missing() {
        var watch = watch()
        #expect(watch.take(.signals([signals(100)]), elapsed: .seconds(24)) == .goOn)
        #expect(watch.take(.missing("connection refused"), elapsed: .seconds(29)) == .goOn)
        #expect(
            watch.take(.missing("connection refused"), elapsed: .seconds(30))
                == .fail(.noData(since: .seconds(6), why: "connection refused")))
        var recovering = self.watch()
        #expect(recovering.take(.missing("connection refused"), elapsed: .seconds(4)) == .goOn)
        #expect(recovering.take(.signals([signals(100)]), elapsed: .seconds(30)) == .pass([]))
    }

    @Test("fails when the answer leaves a watched service out")
    func leftOut() {
        var watch = watch()
        #expect(
            watch.take(.signals([]), elapsed: .seconds(1))
                == .fail(.noData(since: .seconds(1), why: "no signals of api")))
    }
}
