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
        for root in roots {
            artifacts += root.artifacts
            for module in root.modules { modules[module.name] = module }
        }
        if roots.contains(where: { !$0.oneOffs.isEmpty }) { artifacts.append(AWSRunScript.artifact(subject.source)) }
        let bootstrap = AWSBootstrap(subject: subject)
        artifacts += bootstrap.artifacts
        for module in bootstrap.modules { modules[module.name] = module }
        for (_, module) in modules { artifacts += module.artifacts(subject.source) }
        return Rendering(artifacts, diagnostics: roots.flatMap(\.diagnostics))
    }
}

extension Environment {
    /// The bucket of the state: one for each account, since names of buckets are the whole world's.
    func stateBucket(of platform: PlatformName) -> String {
        state ?? (["\(platform)-terraform-state"] + (project.map { [$0] } ?? [])).joined(separator: "-")
    }
}
