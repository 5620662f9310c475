import FoundationEssentials
import Glibc
import World

/// What the next supervisor needs to go on: stored at every change, before and after a process is started.
struct SupervisorState: Codable, Hashable {
    /// One replica.
    struct Replica: Codable, Hashable {
        var workload: Workload
        var supervision: Supervision
        /// The mark in the environment of its processes.
        var instance: String
        var record: ProcessRecord?
        var since: Date
        var tally: LogTally
    }

    var version = 1
    var boot: BootID
    /// The greatest ``Fence`` that was seen.
    var fence: Int?
    var replicas: [Replica]

    /// - Returns: `nil` when there is none yet.
    /// - Throws: `WorldError`
    static func load(_ path: String) throws -> SupervisorState? {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: 256 << 20)
        } catch let error as SystemError where error.number == ENOENT {
            return nil
        } catch let error as SystemError {
            throw error.during("read \(path)")
        }
        do {
            let state = try JSONDecoder().decode(SupervisorState.self, from: Data(bytes))
            if state.version == 1 { return state }
            throw WorldError(
                code: "state-version", operation: "read \(path)", underlying: "its version is \(state.version), not 1",
                hint: "Use the hauban that wrote it.")
        } catch let error as DecodingError {
            throw WorldError(
                code: "state-damaged", operation: "read \(path)", underlying: "\(error)",
                hint: "Stop its processes (`hauban doctor` lists them), move the file away and deploy again.")
        }
    }

    /// The replicas as the last supervisor noted them and as the machine has them now, for when no supervisor answers.
    ///
    /// - Throws: `WorldError`
    static func lastKnown(_ path: String) throws -> [WorkloadStatus] {
        let table = ProcessTable.now()
        return (try load(path)?.replicas ?? []).map { replica in
            let workload = replica.workload
            let alive = replica.record.flatMap { $0.isAlive ? $0.pid : nil }
            let usage = alive.map { table.usage(of: $0) } ?? .none
            let isGone = alive == nil && replica.supervision.state.isRunning
            return WorkloadStatus(
                id: workload.id, kind: workload.kind, name: workload.name, release: workload.release,
                replica: workload.replica, port: workload.port, state: isGone ? .failed : replica.supervision.state,
                reason: isGone ? .fault(.ended(.unknown)) : replica.supervision.reason, since: replica.since,
                pid: alive,
                restarts: replica.supervision.restarts, cpu: usage.cpu, cpuShare: 0, residentBytes: usage.residentBytes,
                tally: replica.tally, lastLines: [])
        }
    }

    func save(_ path: String, durable: Bool) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try StandbyFile.write(Array(try encoder.encode(self)), to: path, durable: durable)
    }
}
