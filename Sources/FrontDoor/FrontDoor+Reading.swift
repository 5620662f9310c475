import NIOCore
import NIOPosix
import Synchronization

/// What the front door tells of itself.
extension FrontDoor {
    /// The figures of every release.
    ///
    /// - Parameter window: seconds to look back, 1 to 300; `nil` counts from the start.
    package func signals(window: Int? = nil) async -> Signals {
        let figures = await figures(window: window.map { min(max($0, 1), ReleaseMeter.history) })
        return figures.signals(
            generation: configurationInForce.generation,
            takenAt: UnixTime.timestamp(microseconds: UnixTime.nowMicroseconds()), window: window)
    }

    /// The figures since the start in the Prometheus text format.
    package func metrics() async -> String {
        PrometheusText.write(
            await figures(window: nil), replicas: replicas, generation: configurationInForce.generation,
            forgottenClients: traffic.rates.forgotten,
            lostLogLines: traffic.lostLogLines.count.load(ordering: .relaxed), certificates: await certificates(),
            reloads: keeper.reloads)
    }

    /// How each certificate of the configuration is.
    package func certificates() async -> [CertificateStatus] {
        let keeper = keeper
        return (try? await fileThreads.runIfActive { keeper.statuses(now: UnixTime.now()) }) ?? []
    }

    /// Looks twice a second for certificates that changed on disk.
    func watchCertificates(_ report: @escaping @Sendable (String) -> Void) {
        let keeper = keeper
        let threads = fileThreads
        watch = Task {
            while (try? await ContinuousClock().sleep(for: .milliseconds(500))) != nil {
                let lines = try? await threads.runIfActive { keeper.look(now: UnixTime.now()) }
                for line in lines ?? [] { report(line) }
            }
        }
    }

    func figures(window: Int?) async -> Figures {
        var figures = Figures()
        let second = ClientConnection.second(.now())
        for loop in loops {
            let part = try? await loop.eventLoop.submit {
                Figures.of(loop.value, window: window, second: second)
            }.get()
            if let part { figures.merge(part) }
        }
        figures.complete(with: traffic)
        return figures
    }

    /// How the replicas of the releases in force stand.
    package var replicas: [FrontDoorHealth.Replica] {
        let now = NIODeadline.now()
        return traffic.snapshot.releases.flatMap { entry in
            entry.runtime.balance.report(now: now).map {
                FrontDoorHealth.Replica(service: entry.runtime.service, release: entry.runtime.release, $0)
            }
        }
    }
}
