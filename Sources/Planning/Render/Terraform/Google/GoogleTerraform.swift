import Spec

/// Terraform for the environments on Google Cloud: modules, a root for each environment, and the root that makes the bucket of
/// their states.
struct GoogleTerraform {
    let subject: RenderSubject

    init(_ subject: RenderSubject) { self.subject = subject }

    var rendering: Rendering {
        let places = subject.places(on: [.gcp]).map { GooglePlace(subject: subject, place: $0) }
        guard !places.isEmpty else { return Rendering() }
        let everywhere = subject.everywhere.filter { $0.settings.target == .gcp }
            .map { GooglePlace(subject: subject, place: $0) }
        var artifacts = [GoogleBootstrap.artifact(everywhere, source: subject.source)]
        let modules = Self.modules(everywhere)
        for module in modules { artifacts += module.artifacts(source: subject.source) }
        var diagnostics: [Diagnostic] = []
        var changes: [PatchChange] = []
        for place in places {
            let root = GoogleRoot(place: place)
            let patched = TerraformPatch(root.files, place.place, subject.parsed) {
                Dictionary(modules.map { ($0.name, $0.main + "\n" + $0.variables) }) { first, _ in first }
            }
            artifacts += patched.files.map(\.artifact) + root.grants
            diagnostics += GoogleDiagnostics(place: place).all + patched.diagnostics
            changes += patched.changes
        }
        return Rendering(artifacts, diagnostics: diagnostics, changes: changes)
    }

    /// The modules that any environment calls: which they are does not depend on what was asked for.
    private static func modules(_ places: [GooglePlace]) -> [GoogleModule] {
        var modules: [GoogleModule] = [.project, .network, .account, .deployer, .dashboard]
        func add(_ module: GoogleModule, when isUsed: (GooglePlace) -> Bool) {
            if places.contains(where: isUsed) { modules.append(module) }
        }
        add(.service) { !$0.servers.isEmpty }
        add(.worker) { !$0.workers.isEmpty }
        add(.job) { place in !place.crons.isEmpty || place.processes.contains { $0.service.migrate != nil } }
        add(.site) { !$0.sites.isEmpty }
        add(.backend) { place in
            GoogleRoot(place: place).hasEdge && place.servers.contains { !$0.service.expose.isEmpty }
        }
        add(.postgres) { !$0.resources(.postgres).isEmpty }
        add(.redis) { !$0.resources(.redis).isEmpty }
        add(.bucket) { !$0.resources(.bucket).isEmpty }
        add(.topic) { !$0.resources(.topic).isEmpty }
        add(.cluster) { !$0.resources(.cluster).isEmpty }
        add(.objective) { place in place.servers.contains { $0.service.slo != nil } }
        return modules
    }
}
