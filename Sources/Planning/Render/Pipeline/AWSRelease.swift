import Spec

/// A release on AWS in shell: migrations, then the root with the new images; ECS returns what does not become healthy.
///
/// By what `hauban render terraform` writes: a root for each environment, `aws-run.sh`, the output `sites`.
struct AWSRelease: Sendable {
    let place: RenderSubject.Place
    /// The shell's word for the commit.
    let release: String

    private var root: String { "-chdir=\(TerraformRenderer.folder)/\(place.name)" }

    /// What a content network serves from a bucket; other sites are containers.
    var sites: [(name: ServiceName, service: Service)] {
        place.platform.services.filter { $0.value.site?.cdn == true && $0.value.source != nil }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func steps(migrates: Bool) -> [CloudRunRelease.Step] {
        var steps = [CloudRunRelease.Step(name: "Initialise", script: "terraform \(root) init -input=false")]
        let apply = "terraform \(root) apply -input=false -auto-approve -var release=\"\(release)\""
        let migrating = place.platform.services.filter { $0.value.migrate != nil }.keys.sorted()
        if migrates, !migrating.isEmpty {
            let lines = migrating.map { name in
                "\(apply) -target=module.migration_\(AWSNames.word(name.text))\n"
                    + "\(TerraformRenderer.folder)/aws-run.sh \(place.name) \(name)-migration\n"
            }
            steps.append(
                CloudRunRelease.Step(
                    name: "Migrate", script: lines.joined(),
                    comment: "A failure ends the release here: no task of it runs yet."))
        }
        steps.append(
            CloudRunRelease.Step(
                name: "Release", script: apply, comment: "ECS goes back by itself where replicas do not become healthy."
            ))
        return steps
    }

    func publish(_ name: ServiceName, from folder: String) -> CloudRunRelease.Step {
        CloudRunRelease.Step(
            name: "Publish \(name)",
            script: """
                site=$(terraform \(root) output -json sites | jq --exit-status '."\(name)"')
                bucket=$(jq --raw-output .bucket <<< "$site")
                aws s3 sync \(folder) "s3://$bucket" --exclude index.html --exclude '*/index.html'
                aws s3 sync \(folder) "s3://$bucket" --delete
                aws cloudfront create-invalidation --paths '/*' --distribution-id "$(jq --raw-output .distribution <<< "$site")"

                """, comment: "What pages name is there before the pages are; what nobody names any more goes last.")
    }
}
