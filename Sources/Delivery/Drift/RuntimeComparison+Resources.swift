import Planning
import Spec

extension RuntimeComparison {
    /// Databases and caches with their volumes; what lies in these is judged by each release that needs it.
    func resourceFindings() async throws -> [RuntimeDrift.Finding] {
        var findings: [RuntimeDrift.Finding] = []
        for resource in desired.resources {
            guard let store = engine.store(resource) else { continue }
            let wanted = try await expectation(store)
            findings += wanted.findings(try await form(of: wanted.name))
        }
        return findings + (try await volumes())
    }

    private func expectation(_ store: any DockerStore) async throws -> ContainerExpectation {
        let frame = store.frame
        let spec = engine.server(store, image: "")
        var wanted = ContainerExpectation(
            SpecPath(["resources", frame.name.text]), name: spec.name, environment: engine.environment)
        // What it was made from; the name alone may lead elsewhere since somebody fetched a newer one.
        let image = ResourceMark.read(engine.marks, frame.name)?.image ?? frame.store.image
        wanted.image = try await engine.api.image(image)?.id
        wanted.command = spec.command
        wanted.user = spec.user
        wanted.memory = spec.memory
        wanted.nanoCPUs = spec.milliCPUs.map { $0 * 1_000_000 }
        wanted.processes = spec.processes
        wanted.restart = spec.restart.rawValue
        wanted.mounts = Set(spec.mounts.map(\.target))
        wanted.volumes = [store.mount: frame.volume]
        wanted.networks = Set(spec.networks.map(\.network))
        wanted.ports = Set(spec.ports.map { "\($0.containerPort)/tcp" })
        return wanted
    }

    private func volumes() async throws -> [RuntimeDrift.Finding] {
        guard !desired.resources.isEmpty else { return [] }
        let found = Set(
            try await engine.api.volumes(labelled: "\(DockerLabels.platform)=\(engine.platform)").map(\.name))
        let stored = desired.resources.filter { $0.container != nil }
        return stored.filter { !found.contains(labels.volume($0.name)) }.map { resource in
            .init(
                SpecPath(["resources", resource.name.text]), labels.volume(resource.name), .gone,
                found: "there is no such volume of ours", wanted: "it holds the data of \(resource.name)",
                mend: "Look for the data before anything else: `docker volume ls`. A deploy begins with an empty one.")
        }
    }
}
