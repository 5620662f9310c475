import Spec

/// The environments on Amazon Web Services as Terraform: ECS Fargate and the data services around it.
struct AWSTerraform {
    let subject: RenderSubject

    init(_ subject: RenderSubject) { self.subject = subject }

    var rendering: Rendering {
        let places = subject.places(on: [.aws])
        guard !places.isEmpty else { return Rendering() }
        return Rendering()
    }
}
