import Spec

/// The environments on Amazon Web Services as Terraform: ECS Fargate and the data services around it.
struct AWSTerraform {
    let subject: RenderSubject

    init(_ subject: RenderSubject) { self.subject = subject }

    var rendering: Rendering {
        let wanted = subject.places(on: [.aws])
        guard !wanted.isEmpty else { return Rendering() }
        let roots = wanted.map { AWSRoot(subject: subject, place: $0) }
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
        let bootstrap = AWSBootstrap(subject: subject)
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
