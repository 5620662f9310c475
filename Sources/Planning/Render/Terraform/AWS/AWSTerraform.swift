import Spec

/// The environments on Amazon Web Services as Terraform: ECS Fargate and the data services around it.
struct AWSTerraform {
    let subject: RenderSubject

    init(_ subject: RenderSubject) { self.subject = subject }

    var rendering: Rendering {
        let wanted = Set(subject.places(on: [.aws]).map(\.name))
        guard !wanted.isEmpty else { return Rendering() }
        let everywhere = subject.everywhere.filter { $0.settings.target == .aws }
            .map { AWSRoot(subject: subject, place: $0) }
        let roots = everywhere.filter { wanted.contains($0.environment) }
        var artifacts: [Artifact] = []
        var modules: [String: AWSModule] = [:]
        var changes: [PatchChange] = []
        var diagnostics: [Diagnostic] = []
        for root in roots {
            let patched = TerraformPatch(root.files, root.place, subject.parsed) {
                Dictionary(root.modules.map { ($0.name, $0.text) }) { first, _ in first }
            }
            artifacts += patched.files.map(\.artifact) + root.scripts
            changes += patched.changes
            diagnostics += root.diagnostics + patched.diagnostics
            for module in root.modules { modules[module.name] = module }
        }
        if roots.contains(where: { !$0.oneOffs.isEmpty }) { artifacts.append(AWSRunScript.artifact(subject.source)) }
        let bootstrap = AWSBootstrap(subject: subject, everywhere: everywhere)
        artifacts += bootstrap.artifacts
        for module in bootstrap.modules { modules[module.name] = module }
        for (_, module) in modules { artifacts += module.artifacts(subject.source) }
        return Rendering(artifacts, diagnostics: diagnostics, changes: changes)
    }
}

extension Environment {
    /// The bucket of the state: one for each account, since names of buckets are the whole world's.
    func stateBucket(of platform: PlatformName) -> String {
        state ?? (["\(platform)-terraform-state"] + (project.map { [$0] } ?? [])).joined(separator: "-")
    }
}
