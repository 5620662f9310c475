import FrontDoor
package import Planning
import Spec
import World

extension SwarmEngine {
    /// What runs on the Swarm and was not released so, service by service; nothing is changed.
    ///
    /// - Parameters:
    ///   - desired: the last kept release's, as the journal has it.
    ///   - kept: that release.
    /// - Throws: `WorldError`
    package func drift(
        from desired: DesiredState, kept: ReleaseID, within deadline: Duration
    ) async throws -> RuntimeDrift {
        try await Deadline.run(deadline, for: "compare what runs with what was released", keeper) {
            try await drift(RuntimeComparison(engine: here, desired: desired, kept: kept))
        }
    }

    private func drift(_ comparison: RuntimeComparison) async throws -> RuntimeDrift {
        let desired = comparison.desired
        let all = try await known()
        let configuration = try StateFile(path: here.place.doorState).load()
        let networks = try await api.networks(labelled: "\(DockerLabels.platform)=\(platform)")
        let names = Dictionary(networks.map { ($0.id, $0.name) }) { first, _ in first }
        var findings: [RuntimeDrift.Finding] = []
        var expected: Set<String> = []
        for service in desired.services {
            let own = all.filter { $0.name == service.name }
            let release = try comparison.release(
                of: service, own.map { ($0.release, $0.fingerprint) }, configuration)
            let part = try here.releases.load(release)[service.name.text]
            let found = own.first { $0.release == release }
            let wanted = expectation(part?.service ?? service, release, desired, found, configuration)
            expected.insert(wanted.name)
            let seen = try found.map { try ContainerForm(swarm: $0.service, networks: names) }
            findings += wanted.findings(seen).map { finding in
                var finding = finding
                finding.mend = Self.mend(wanted.name, environment)
                return finding
            }
            if let found, found.service.replicas != service.replicas {
                findings.append(
                    .init(
                        wanted.path, wanted.name, .replicas, found: "it has \(found.service.replicas)",
                        wanted: "\(service.replicas)",
                        mend: "`docker service scale -d \(wanted.name)=\(service.replicas)`"))
            }
        }
        findings += all.filter { !expected.contains($0.service.name) }.map {
            .init(
                SpecPath(["environments", environment.text]), $0.service.name, .foreign,
                found: "it has our labels, and no release has it", wanted: "it is not there",
                mend: "`docker service rm \($0.service.name)`")
        }
        findings += try await comparison.frontDoorFindings(&expected)
        findings += try await comparison.resourceFindings()
        // Tasks of ours that run here are in our networks.
        var ours: Set<String> = []
        let mark = ["\(DockerLabels.platform)=\(platform)", "\(DockerLabels.environment)=\(environment)"]
        for container in try await api.containers(labelled: mark) { ours.insert(container.id) }
        for task in all.flatMap(\.tasks) { ours.formUnion([task.container].compactMap(\.self)) }
        return RuntimeDrift(findings + (try await comparison.networks(ours)))
    }

    private static func mend(_ name: String, _ environment: EnvironmentName) -> String {
        "`docker service update --rollback \(name)` takes the last change back; `docker service rm \(name)` and "
            + "`hauban deploy \(environment)` make it anew, with a pause."
    }

    private func expectation(
        _ made: DesiredService, _ release: ReleaseID, _ desired: DesiredState, _ found: SwarmReplicas?,
        _ configuration: FrontDoorConfiguration?
    ) -> ContainerExpectation {
        var wanted = ContainerExpectation(
            SpecPath(["services", made.name.text]), name: labels.swarmService(made.name, release),
            environment: environment)
        // What it was made with stands in a label, as a registry or this engine names it.
        wanted.image = found?.service.labels[SwarmReplicas.image]
        let words = ContainerVariables.words(made, release, platform, environment)
        wanted.command = made.run.map { ContainerCommand($0, values: words).words }
        wanted.user = made.container?.user
        wanted.memory = made.container?.memory ?? 0
        wanted.nanoCPUs = (made.container?.milliCPUs ?? 0) * 1_000_000
        wanted.mounts = made.secrets.isEmpty ? ["/tmp"] : ["/tmp", "/run/secrets"]
        wanted.networks = Set(desired.zones(of: made).map { labels.network($0) })
        wanted.ports = []
        let variables = DeclaredVariables(made, release, words: words, here, configuration)
        wanted.variables = variables.known
        wanted.otherVariables = variables.others
        wanted.imageVariables = [:]
        return wanted
    }
}

extension ContainerForm {
    /// Reads what a service of a Swarm shall run (Engine API 1.41, `ServiceSpec`).
    fileprivate init(swarm service: SwarmService, networks names: [String: String]) throws {
        self.init(name: service.name)
        let spec = DockerAnswer(service.spec, operation: "look at the service \(service.name)")
        let task = try spec.required("TaskTemplate")
        let container = try task.required("ContainerSpec")
        image = service.image
        command = try container.texts("Args")
        environment = Self.variables(try container.texts("Env"))
        user = try container.member("User")?.text() ?? ""
        if let limits = task.member("Resources")?.member("Limits") {
            memory = try limits.member("MemoryBytes").map { _ in try limits.number("MemoryBytes") } ?? 0
            nanoCPUs = try limits.member("NanoCPUs").map { _ in try limits.number("NanoCPUs") } ?? 0
        }
        for mount in try container.list("Mounts") {
            let kind = try mount.text("Type")
            let source = try mount.member("Source")?.text() ?? ""
            mounts[try mount.text("Target")] = Printable.text(kind == "tmpfs" ? "memory" : source, limit: 200)
        }
        if try !container.list("Secrets").isEmpty { mounts["/run/secrets"] = "secrets" }
        for network in try task.list("Networks") {
            let target = try network.text("Target")
            self.networks.insert(names[target] ?? target)
        }
        for port in try spec.member("EndpointSpec")?.list("Ports") ?? [] {
            ports.insert("\(try port.number("TargetPort"))/\(try port.member("Protocol")?.text() ?? "tcp")")
        }
        if container.member("ReadOnly") == nil { liberties.insert("it writes to its root") }
        if !(try container.texts("CapabilityDrop")).contains("ALL") { liberties.insert("it keeps capabilities") }
        for capability in try container.texts("CapabilityAdd") {
            liberties.insert("it has \(Printable.text(capability, limit: 40))")
        }
    }
}
