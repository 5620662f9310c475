import World

extension Supervisor {
    /// The workloads, as they were given.
    package func workloads() -> [Workload] { replicas.values.map { $0.workload }.sorted { $0.id < $1.id } }

    /// All replicas as they are now, by id.
    package func status() async -> [WorkloadStatus] {
        await logs.collectAll()
        let table = ProcessTable.now()
        var statuses: [WorkloadStatus] = []
        for id in replicas.keys.sorted() {
            if let status = await status(of: id, table) { statuses.append(status) }
        }
        return statuses
    }

    private func status(of id: String, _ table: ProcessTable) async -> WorkloadStatus? {
        let tally = await logs.tally(id)
        let last = await logs.last(id, 20)
        guard let replica = replicas[id] else { return nil }
        let usage = replica.stored.record.map { table.usage(of: $0.pid) } ?? .none
        let moment = now
        var share = 0.0
        if let before = replica.lastUsage, moment > before.at, usage.cpu > before.cpu {
            share = (usage.cpu - before.cpu) / (moment - before.at)
        }
        replicas[id]?.lastUsage = (moment, usage.cpu)
        replicas[id]?.stored.tally = tally
        let isWell = replica.state == .ready || replica.state == .stopped || replica.state == .waiting
        return WorkloadStatus(
            id: id, kind: replica.workload.kind, name: replica.workload.name, release: replica.workload.release,
            replica: replica.workload.replica, port: replica.workload.port, state: replica.state,
            reason: replica.stored.supervision.reason, since: replica.stored.since,
            pid: replica.stored.record?.pid, restarts: replica.stored.supervision.restarts, cpu: usage.cpu,
            cpuShare: share, residentBytes: usage.residentBytes, tally: tally,
            lastLines: isWell ? [] : last.map { $0.message }, failedProbes: replica.stored.supervision.failedProbes,
            lastFault: replica.stored.supervision.lastFault)
    }

    /// Waits until all are ready, one of them or of what they wait for cannot become so, or the time is over.
    /// - Parameter attempts: so many ends by itself, before it was ready, count as one that cannot; `nil`: its restart policy decides.
    package func waitUntilReady(
        _ ids: [String], within limit: Duration, givingUpAfter attempts: Int? = nil
    ) async throws -> ReadinessVerdict {
        let end = now + limit
        while true {
            let missing = ids.filter { replicas[$0]?.state != .ready }
            if missing.isEmpty { return ReadinessVerdict(isReady: true, missing: []) }
            if now >= end || missing.contains(where: { isHopeless($0, depth: 0) || hasEnded($0, attempts) }) {
                let statuses = await status().filter { missing.contains($0.id) }
                return ReadinessVerdict(isReady: false, missing: statuses)
            }
            try await configuration.keeper.sleep(.milliseconds(20))
        }
    }

    private func hasEnded(_ id: String, _ attempts: Int?) -> Bool {
        guard let attempts, let replica = replicas[id], replica.state == .backingOff else { return false }
        return replica.stored.supervision.restarts >= attempts
    }

    private func isHopeless(_ id: String, depth: Int) -> Bool {
        guard let replica = replicas[id] else { return true }
        // A program that did not get its port does not get it by waiting.
        if replica.state.isFinal || replica.state == .starting && replica.stored.supervision.reason.stranger != nil {
            return true
        }
        guard replica.state == .waiting, depth < replicas.count else { return false }
        return replica.workload.dependsOn.contains { replicas[$0]?.state != .ready && isHopeless($0, depth: depth + 1) }
    }
}
