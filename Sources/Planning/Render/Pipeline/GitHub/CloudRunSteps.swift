import Spec

/// A release on Cloud Run as steps of a job.
struct CloudRunSteps: Sendable {
    let release: CloudRunRelease
    let suffix: String

    init(files: GitHubFiles, place: RenderSubject.Place, suffix: String) {
        release = CloudRunRelease(
            images: files.plan.images, place: place, release: "$GITHUB_SHA", memory: "$RUNNER_TEMP/serving")
        self.suffix = suffix
    }

    var variables: [YAMLEntry] {
        [
            GitHubText.entry("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"),
            GitHubText.entry("CLOUDSDK_CORE_PROJECT", release.project),
            YAMLEntry("CLOUDSDK_RUN_REGION", .text(release.regions[0]), comment: "Where it leads; others are named."),
            GitHubText.entry("IMAGES", String((release.place.registryPath ?? "").dropLast())),
        ]
    }

    func steps(migrates: Bool) -> [YAMLTree] {
        var steps = [GitHubText.uses("Set up gcloud", .gcloud)] + release.steps(migrates: migrates).map(Self.step)
        for (name, service) in release.sites {
            let folder = "site-\(name)"
            steps.append(Self.fetch(name, suffix))
            steps += release.publish(name, service, from: folder).map(Self.step)
        }
        return steps
    }

    var back: YAMLTree {
        let back = release.back
        return GitHubText.run(back.name, back.script, condition: "failure()", comment: back.comment)
    }

    /// The files of a site that a job before made.
    static func fetch(_ name: ServiceName, _ suffix: String) -> YAMLTree {
        GitHubText.uses(
            "Fetch \(name)", .download,
            with: [GitHubText.entry("name", "\(name)\(suffix)"), GitHubText.entry("path", "site-\(name)")])
    }

    static func step(_ step: CloudRunRelease.Step) -> YAMLTree {
        GitHubText.run(step.name, step.script, comment: step.comment)
    }
}
