import Delivery
import Spec
import Testing
import World

/// The state machine alone, with literal times.
@Suite("Supervision, decided")
struct SupervisionTests {
    private let crash = ExitStatus.exited(code: 1)

    private func machine(
        readiness: Probe? = nil, liveness: Probe? = nil, restart: RestartPolicy = RestartPolicy(),
        stop: StopPolicy = StopPolicy()
    ) -> Supervision {
        Supervision(
            Workload(
                id: "api", kind: .service, name: "api", command: ["api"], workingDirectory: "/", readiness: readiness,
                liveness: liveness, restart: restart, stop: stop))
    }

    private func http(passes: Int = 1, failures: Int = 3) -> Probe {
        Probe(check: .http(path: "/health"), passes: passes, failures: failures)
    }

    @Test("without a probe a replica is ready once it runs")
    func withoutProbe() {
        var api = machine()
        #expect(api.on(.start(waitingFor: []), now: .seconds(1)) == [.report(.starting, .started), .launch])
        #expect(
            api.on(.launched, now: .seconds(2)) == [.report(.ready, .withoutProbe), .wake(at: .seconds(32))])
        #expect(api.since == .seconds(2))
    }

    @Test("it waits for what it depends on, and says for what")
    func dependencies() {
        var api = machine()
        #expect(
            api.on(.start(waitingFor: ["db", "cache"]), now: .zero)
                == [.report(.waiting, .waitingFor(["db", "cache"]))])
        #expect(
            api.on(.dependencies(waitingFor: ["cache"]), now: .seconds(1))
                == [.report(.waiting, .waitingFor(["cache"]))])
        #expect(api.on(.dependencies(waitingFor: ["cache"]), now: .seconds(2)) == [])
        #expect(
            api.on(.dependencies(waitingFor: []), now: .seconds(3))
                == [.report(.starting, .dependenciesReady), .launch])
    }

    @Test("the gate wants its passes in a row, and probes in liveness only behind it")
    func gate() {
        var api = machine(readiness: http(passes: 3), liveness: http())
        _ = api.on(.start(waitingFor: []), now: .zero)
        #expect(api.on(.launched, now: .zero) == [.probeReadiness])
        #expect(api.on(.readiness(nil), now: .seconds(1)) == [])
        #expect(api.on(.readiness(nil), now: .seconds(2)) == [])
        // Said at once: a probe that passes in turns never fails often enough in a row to be told as failing.
        #expect(
            api.on(.readiness(.status(503)), now: .seconds(3))
                == [.report(.starting, .unsteady(passed: 2, of: 3, needed: 3, .status(503)))])
        #expect(api.since == .zero)
        #expect(api.on(.readiness(nil), now: .seconds(4)) == [])
        #expect(api.on(.readiness(nil), now: .seconds(5)) == [])
        #expect(
            api.on(.readiness(nil), now: .seconds(6))
                == [.report(.ready, .passed(times: 3)), .wake(at: .seconds(36)), .probeLiveness])
    }

    @Test("a replica that does not become ready says why, once")
    func notReady() {
        var api = machine(readiness: http(failures: 2))
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        #expect(api.on(.readiness(.status(500)), now: .seconds(1)) == [])
        #expect(
            api.on(.readiness(.status(500)), now: .seconds(2))
                == [.report(.starting, .notReady(failures: 2, .status(500)))])
        #expect(api.on(.readiness(.status(500)), now: .seconds(3)) == [])
        #expect(api.since == .zero)
    }

    @Test("failures in a row make it unready, a pass makes it ready again, and it is not restarted for that")
    func unready() {
        var api = machine(readiness: http(failures: 2))
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        _ = api.on(.readiness(nil), now: .seconds(1))
        #expect(api.on(.readiness(.late(.seconds(5))), now: .seconds(2)) == [])
        #expect(
            api.on(.readiness(.late(.seconds(5))), now: .seconds(3))
                == [.report(.unready, .notReady(failures: 2, .late(.seconds(5))))])
        #expect(
            api.on(.readiness(nil), now: .seconds(4))
                == [.report(.ready, .passed(times: 1)), .wake(at: .seconds(34))])
        #expect(api.restarts == 0)
    }

    @Test("each exit waits twice as long, up to the maximum, until it is failed with the reason")
    func backoff() {
        let policy = RestartPolicy(
            initialBackoff: .seconds(1), maximumBackoff: .seconds(3), limit: 3, window: .seconds(60))
        var api = machine(readiness: http(), restart: policy)
        _ = api.on(.start(waitingFor: []), now: .zero)
        var now = Duration.zero
        for (attempt, wait) in [(1, 1), (2, 2), (3, 3)] {
            _ = api.on(.launched, now: now)
            let again = now + .seconds(wait)
            #expect(
                api.on(.ended(crash), now: now) == [
                    .stopProbing, .kill,
                    .report(.backingOff, .restarting(attempt: attempt, after: .seconds(wait), .ended(crash))),
                    .wake(at: again),
                ])
            #expect(api.on(.woken, now: again - .milliseconds(1)) == [.wake(at: again)])
            #expect(api.on(.woken, now: again).last == .launch)
            now = again
        }
        _ = api.on(.launched, now: now)
        #expect(
            api.on(.ended(crash), now: now) == [
                .stopProbing, .kill,
                .report(.failed, .limitReached(restarts: 3, within: .seconds(60), .ended(crash))),
            ])
        #expect(api.on(.woken, now: now + .seconds(100)) == [])
        #expect(api.restarts == 3)
    }

    @Test("restarts that left the window do not count, and a stable time begins the waits anew")
    func window() {
        let policy = RestartPolicy(
            initialBackoff: .seconds(1), maximumBackoff: .seconds(10), limit: 1, window: .seconds(60))
        var api = machine(restart: policy)
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        _ = api.on(.ended(crash), now: .zero)
        _ = api.on(.woken, now: .seconds(1))
        _ = api.on(.launched, now: .seconds(1))
        #expect(api.on(.woken, now: .seconds(11)) == [])
        let actions = api.on(.ended(crash), now: .seconds(60))
        #expect(
            actions.contains(
                .report(.backingOff, .restarting(attempt: 1, after: .seconds(1), .ended(crash)))))
    }

    @Test("a program that cannot be started backs off like one that ends")
    func notStarted() {
        var api = machine(restart: RestartPolicy(initialBackoff: .seconds(1), limit: 1))
        let error = WorldError(code: "program-missing", operation: "start api", underlying: "not found")
        _ = api.on(.start(waitingFor: []), now: .zero)
        #expect(
            api.on(.launchFailed(error), now: .zero).contains(
                .report(.backingOff, .restarting(attempt: 1, after: .seconds(1), .notStarted(error)))))
        _ = api.on(.woken, now: .seconds(1))
        #expect(
            api.on(.launchFailed(error), now: .seconds(1)).contains(
                .report(.failed, .limitReached(restarts: 1, within: .seconds(600), .notStarted(error)))))
    }

    @Test("a replica that is not alive is ended and started again, with that reason")
    func liveness() {
        var api = machine(liveness: http(failures: 2), stop: StopPolicy(grace: .seconds(5)))
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        #expect(api.on(.liveness(.late(.seconds(1))), now: .seconds(1)) == [])
        #expect(
            api.on(.liveness(.late(.seconds(1))), now: .seconds(2)) == [
                .stopProbing, .report(.stopping, .stopping(.notAlive)), .signal(15), .wake(at: .seconds(7)),
            ])
        let actions = api.on(.ended(.signalled(15)), now: .seconds(3))
        #expect(
            actions.contains(
                .report(
                    .backingOff,
                    .restarting(
                        attempt: 1, after: .milliseconds(200), .notAlive(failures: 2, .late(.seconds(1)))))))
    }

    @Test("a stop asks, waits its grace, then kills everything")
    func stop() {
        var api = machine(stop: StopPolicy(signal: 2, grace: .seconds(5)))
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        #expect(
            api.on(.stop(.asked), now: .seconds(1)) == [
                .stopProbing, .report(.stopping, .stopping(.asked)), .signal(2), .wake(at: .seconds(6)),
            ])
        #expect(
            api.on(.woken, now: .seconds(6)) == [.report(.stopping, .graceOver(.seconds(5))), .kill])
        #expect(
            api.on(.ended(.signalled(9)), now: .seconds(7))
                == [.kill, .report(.stopped, .killed(.asked, after: .seconds(5)))])
    }

    @Test("failed probes of a ready replica are counted, in a row or not, and forgotten with its process")
    func failedProbes() {
        var api = machine(readiness: http())
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        _ = api.on(.readiness(.status(503)), now: .seconds(1))
        _ = api.on(.readiness(nil), now: .seconds(2))
        #expect(api.failedProbes == 0)
        for second in 3...8 {
            _ = api.on(.readiness(second.isMultiple(of: 2) ? nil : .status(503)), now: .seconds(second))
        }
        #expect(api.failedProbes == 3)
        #expect(api.state == .ready)
        _ = api.on(.ended(crash), now: .seconds(9))
        #expect(api.lastFault == .ended(crash))
        _ = api.on(.woken, now: .seconds(10))
        _ = api.on(.launched, now: .seconds(10))
        #expect(api.failedProbes == 0)
    }

    @Test("a stop while it waits to be restarted ends the waiting")
    func stopBackingOff() {
        var api = machine()
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        _ = api.on(.ended(crash), now: .zero)
        #expect(api.on(.stop(.asked), now: .zero) == [.stopProbing, .report(.stopped, .neverStarted(.asked))])
        #expect(api.on(.woken, now: .seconds(60)) == [])
    }

    @Test("a restart that was asked for needs no back-off and clears a failure")
    func restart() {
        var api = machine(restart: RestartPolicy(limit: 0))
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        #expect(api.on(.restart, now: .zero).contains(.report(.stopping, .stopping(.restart))))
        #expect(
            api.on(.ended(.exited(code: 0)), now: .seconds(1))
                == [.kill, .report(.starting, .restartAsked), .launch])
        _ = api.on(.launched, now: .seconds(1))
        #expect(api.on(.ended(crash), now: .seconds(2)).contains { $0 == .stopProbing })
        #expect(api.state == .failed)
        #expect(api.on(.restart, now: .seconds(3)) == [.report(.starting, .restartAsked), .launch])
    }

    @Test("wanted again while it ends: it ends, then starts")
    func startWhileStopping() {
        var api = machine()
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        _ = api.on(.stop(.asked), now: .zero)
        #expect(api.on(.start(waitingFor: []), now: .zero) == [])
        #expect(api.on(.ended(.signalled(15)), now: .zero).last == .launch)
    }

    @Test("a ready replica stays ready when a new supervisor adopts it")
    func adopted() {
        var api = machine(readiness: http(failures: 1), liveness: http())
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        _ = api.on(.readiness(nil), now: .seconds(1))
        #expect(
            api.on(.adopted, now: .seconds(50))
                == [.report(.ready, .adopted), .probeReadiness, .probeLiveness, .wake(at: .seconds(80))])
        #expect(api.state == .ready)
    }

    @Test("a replica that ended while nobody watched is restarted")
    func lost() {
        var api = machine()
        _ = api.on(.start(waitingFor: []), now: .zero)
        _ = api.on(.launched, now: .zero)
        #expect(
            api.resume(now: .seconds(9)).contains(
                .report(.backingOff, .restarting(attempt: 1, after: .milliseconds(200), .ended(.unknown)))))
    }

    @Test("after a restart of the machine what ran is started, what was stopped stays so")
    func boot() {
        var api = machine()
        #expect(api.on(.machineRestarted(waitingFor: []), now: .zero) == [])
        _ = api.on(.start(waitingFor: []), now: .seconds(900))
        _ = api.on(.launched, now: .seconds(900))
        #expect(
            api.on(.machineRestarted(waitingFor: ["db"]), now: .seconds(3))
                == [.report(.waiting, .waitingFor(["db"]))])
    }

    @Test("events that make no sense in a state change nothing")
    func nonsense() {
        var api = machine(readiness: http(), liveness: http())
        let before = api
        for event: Supervision.Event in [
            .dependencies(waitingFor: []), .launched, .ended(crash), .readiness(nil), .readiness(.status(1)),
            .liveness(.status(1)), .woken, .stop(.asked),
        ] {
            #expect(api.on(event, now: .seconds(1)) == [])
            #expect(api == before)
        }
    }

    @Test("the doubled waits end at the maximum and never overflow")
    func waits() {
        let policy = RestartPolicy(initialBackoff: .milliseconds(200), maximumBackoff: .seconds(30))
        #expect(
            (0..<4).map { Supervision.backoff(attempt: $0, policy) } == [200, 400, 800, 1600].map { .milliseconds($0) })
        #expect(Supervision.backoff(attempt: 100_000, policy) == .seconds(30))
    }
}
