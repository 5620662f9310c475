import Spec

/// A release on Cloud Run: migrations, revisions without traffic, then the traffic, and back when anything fails.
///
/// By the names that `hauban render terraform` gives: a service each, a job `NAME-migrate`, a bucket `PROJECT-NAME` for
/// a site, the address map `edge`.
struct CloudRunSteps: Sendable {
    let files: GitHubFiles
    let place: RenderSubject.Place
    let suffix: String
    let sites: [(name: ServiceName, service: Service)]

    private var project: String { place.settings.project ?? "\(place.platform.name)-\(place.name)" }
    private var regions: [String] { place.settings.regions.isEmpty ? ["europe-west1"] : place.settings.regions }

    private var processes: [(name: ServiceName, service: Service)] {
        place.platform.services.filter { $0.value.site == nil && $0.value.source != nil }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Who is called before who calls.
    private var servers: [ServiceName] {
        var open = processes.filter { $0.service.port != nil }
        var done: [ServiceName] = []
        while !open.isEmpty {
            let waiting = Set(open.map(\.name))
            let ready = open.filter { name, service in
                !service.uses.contains { edge, access in
                    let callee: ServiceName = edge.cast()
                    return access == .call && callee != name && waiting.contains(callee)
                }
            }
            // A circle is no order: then by name.
            let next = ready.first ?? open[0]
            done.append(next.name)
            open.removeAll { $0.name == next.name }
        }
        return done
    }

    var variables: [YAMLEntry] {
        [
            GitHubText.entry("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"),
            GitHubText.entry("CLOUDSDK_CORE_PROJECT", project),
            YAMLEntry("CLOUDSDK_RUN_REGION", .text(regions[0]), comment: "Where it leads; the others are named."),
            GitHubText.entry("IMAGES", String((place.registryPath ?? "").dropLast())),
        ]
    }

    private func image(_ name: ServiceName) -> String {
        let folder = place.platform.services[name]?.source.flatMap { Paths.resolve($0, from: "") }
        let slug = files.plan.images.first { $0.folder == folder }?.slug(place.platform.name) ?? name.text
        return "\"$IMAGES/\(slug):$GITHUB_SHA\""
    }

    /// `NAME REGION` lines for shell loops.
    private func everywhere(_ names: [ServiceName], _ command: (ServiceName, String) -> String) -> String {
        names.flatMap { name in regions.map { command(name, $0) } }.joined(separator: "\n") + "\n"
    }

    func steps(migrates: Bool) -> [YAMLTree] {
        var steps = [GitHubText.uses("Set up gcloud", .gcloud)]
        let servers = servers
        if !servers.isEmpty {
            steps.append(GitHubText.run("Remember what serves", remember(servers)))
        }
        let migrating = processes.filter { $0.service.migrate != nil }.map(\.name)
        if migrates, !migrating.isEmpty {
            let lines = migrating.map { name in
                "gcloud run jobs update \(name)-migrate --image=\(image(name))\n"
                    + "gcloud run jobs execute \(name)-migrate --wait\n"
            }
            steps.append(
                GitHubText.run(
                    "Migrate", lines.joined(),
                    comment: "A failure ends the release here: no new revision exists yet."))
        }
        if !servers.isEmpty {
            steps.append(
                GitHubText.run(
                    "Start new revisions without traffic",
                    everywhere(servers) { name, region in
                        "gcloud run services update \(name) --region=\(region) --image=\(image(name)) --no-traffic"
                    }, comment: "Each command ends when the revision is ready by its probes, or fails."))
            steps.append(
                GitHubText.run(
                    "Move all traffic",
                    everywhere(servers) { name, region in
                        "gcloud run services update-traffic \(name) --region=\(region) --to-latest"
                    }))
        }
        steps += others
        for site in sites { steps += publish(site.name, site.service) }
        return steps
    }

    /// What takes no requests.
    private var others: [YAMLTree] {
        var lines = ""
        for (name, service) in processes where service.port == nil {
            lines +=
                service.schedule != nil
                ? "gcloud run jobs update \(name) --image=\(image(name))\n"
                : "gcloud run worker-pools update \(name) --image=\(image(name))\n"
        }
        return lines.isEmpty ? [] : [GitHubText.run("Release workers and jobs", lines)]
    }

    private func publish(_ name: ServiceName, _ service: Service) -> [YAMLTree] {
        let folder = "site-\(name)"
        let bucket = "gs://\(project)-\(name)"
        var steps = [
            GitHubText.uses(
                "Fetch \(name)", .download,
                with: [GitHubText.entry("name", "\(name)\(suffix)"), GitHubText.entry("path", folder)]),
            GitHubText.run(
                "Publish \(name)",
                "gcloud storage rsync --recursive --exclude='(^|.*/)index\\.html$' \(folder) \(bucket)\n"
                    + "gcloud storage rsync --recursive --delete-unmatched-destination-objects \(folder) \(bucket)\n",
                comment: "What pages name is there before the pages are; what nobody names any more goes last."),
        ]
        if service.site?.cdn == true {
            steps.append(
                GitHubText.run(
                    "Drop the content network's copies of \(name)",
                    "gcloud compute url-maps invalidate-cdn-cache edge --path='/*'" + host(service) + " --async"))
        }
        return steps
    }

    private func host(_ service: Service) -> String {
        guard let domain = place.settings.domain, let exposure = service.expose.first else { return "" }
        let host = exposure.host.map { $0.contains(".") ? $0 : "\($0).\(domain)" } ?? domain
        return " --host=\(host)"
    }

    // MARK: Back

    private func remember(_ names: [ServiceName]) -> String {
        let pairs = names.flatMap { name in regions.map { "\(name):\($0)" } }.joined(separator: " ")
        return """
            for pair in \(pairs); do
              revision=$(gcloud run services describe "${pair%:*}" --region="${pair#*:}" --format=json |
                jq --raw-output '[.status.traffic[]? | select(.percent == 100) | .revisionName][0] // ""')
              echo "${pair%:*} ${pair#*:} $revision" >> "$RUNNER_TEMP/serving"
            done

            """
    }

    var back: YAMLTree {
        GitHubText.run(
            "Go back",
            """
            touch "$RUNNER_TEMP/serving"
            while read -r name region revision; do
              if [ -n "$revision" ]; then
                gcloud run services update-traffic "$name" --region="$region" --to-revisions="$revision=100"
              fi
            done < "$RUNNER_TEMP/serving"

            """, condition: "failure()",
            comment: "Traffic only: what a migration changed stays, so it has to suit the version before.")
    }
}
