import Spec

/// A release on Cloud Run in shell: migrations, revisions without traffic, then the traffic, and back when anything fails.
///
/// By the names that `hauban render terraform` gives: a service each, a job `NAME-migrate`, a bucket `PROJECT-NAME` for
/// a site, the address map `edge`. Reads `$IMAGES`, where the images are.
struct CloudRunRelease: Sendable {
    struct Step: Sendable {
        var name: String
        var script: String
        var comment: String?
    }

    let images: [SourceImage]
    let place: RenderSubject.Place
    /// The shell's word for the commit.
    let release: String
    /// The shell's word for the file that remembers what serves.
    let memory: String

    var project: String { place.googleProject }
    var regions: [String] { place.settings.regions.isEmpty ? ["europe-west1"] : place.settings.regions }

    private var processes: [(name: ServiceName, service: Service)] {
        place.platform.services.filter { $0.value.site == nil && $0.value.source != nil }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What a cloud serves from a bucket.
    var sites: [(name: ServiceName, service: Service)] {
        place.platform.services.filter { $0.value.site != nil && $0.value.source != nil }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Who is called before who calls.
    private var servers: [ServiceName] {
        let servers = processes.filter { $0.service.port != nil }
        let places = Dictionary(servers.enumerated().map { ($1.name, $0) }) { first, _ in first }
        var callers = [[Int]](repeating: [], count: servers.count)
        /// How many of those that each one calls are still to come.
        var waiting = [Int](repeating: 0, count: servers.count)
        for (caller, server) in servers.enumerated() {
            for (edge, access) in server.service.uses where access == .call {
                guard let callee = places[edge.cast()], callee != caller else { continue }
                callers[callee].append(caller)
                waiting[caller] += 1
            }
        }
        var open = Array(servers.indices)
        var done: [ServiceName] = []
        while !open.isEmpty {
            // A circle is no order: then by name.
            let next = open.remove(at: open.firstIndex { waiting[$0] == 0 } ?? 0)
            for caller in callers[next] { waiting[caller] -= 1 }
            done.append(servers[next].name)
        }
        return done
    }

    private func image(_ name: ServiceName) -> String {
        let folder = place.platform.services[name]?.source.flatMap { Paths.resolve($0, from: "") }
        let slug = images.first { $0.folder == folder }?.slug(place.platform.name) ?? name.text
        return "\"$IMAGES/\(slug):\(release)\""
    }

    /// A command for each of them in each region.
    private func everywhere(_ names: [ServiceName], _ command: (ServiceName, String) -> String) -> String {
        names.flatMap { name in regions.map { command(name, $0) } }.joined(separator: "\n") + "\n"
    }

    func steps(migrates: Bool) -> [Step] {
        var steps: [Step] = []
        let servers = servers
        if !servers.isEmpty { steps.append(Step(name: "Remember what serves", script: remember(servers))) }
        let migrating = processes.filter { $0.service.migrate != nil }.map(\.name)
        if migrates, !migrating.isEmpty {
            let lines = migrating.map { name in
                "gcloud run jobs update \(name)-migrate --image=\(image(name))\n"
                    + "gcloud run jobs execute \(name)-migrate --wait\n"
            }
            steps.append(
                Step(
                    name: "Migrate", script: lines.joined(),
                    comment: "A failure ends the release here: no new revision exists yet."))
        }
        if !servers.isEmpty {
            steps.append(
                Step(
                    name: "Start new revisions without traffic",
                    script: everywhere(servers) { name, region in
                        "gcloud run services update \(name) --region=\(region) --image=\(image(name)) --no-traffic"
                    }, comment: "Each command ends when the revision is ready by its probes, or fails."))
            steps.append(
                Step(
                    name: "Move all traffic",
                    script: everywhere(servers) { name, region in
                        "gcloud run services update-traffic \(name) --region=\(region) --to-latest"
                    }))
        }
        let others = processes.filter { $0.service.port == nil }.map { name, service in
            service.schedule != nil
                ? "gcloud run jobs update \(name) --image=\(image(name))\n"
                : "gcloud run worker-pools update \(name) --image=\(image(name))\n"
        }
        if !others.isEmpty { steps.append(Step(name: "Release workers and jobs", script: others.joined())) }
        return steps
    }

    /// - Parameter folder: where the finished files of the site lie.
    func publish(_ name: ServiceName, _ service: Service, from folder: String) -> [Step] {
        let bucket = "gs://\(project)-\(name)"
        var steps = [
            Step(
                name: "Publish \(name)",
                script: "gcloud storage rsync --recursive --exclude='(^|.*/)index\\.html$' \(folder) \(bucket)\n"
                    + "gcloud storage rsync --recursive --delete-unmatched-destination-objects \(folder) \(bucket)\n",
                comment: "What pages name is there before the pages are; what nobody names any more goes last.")
        ]
        if service.site?.cdn == true {
            let host = place.host(of: service).map { " --host=\($0)" } ?? ""
            steps.append(
                Step(
                    name: "Drop the content network's copies of \(name)",
                    script: "gcloud compute url-maps invalidate-cdn-cache edge --path='/*'\(host) --async"))
        }
        return steps
    }

    // MARK: Back

    private func remember(_ names: [ServiceName]) -> String {
        let pairs = names.flatMap { name in regions.map { "\(name) \($0)" } }.joined(separator: "\n")
        return """
            while read -r name region; do
              revision=$(gcloud run services describe "$name" --region="$region" --format=json < /dev/null |
                jq --raw-output '[.status.traffic[]? | select(.percent == 100) | .revisionName][0] // ""')
              echo "$name $region $revision" >> "\(memory)"
            done <<'SERVICES'
            \(pairs)
            SERVICES

            """
    }

    var back: Step {
        Step(
            name: "Go back",
            script: """
                touch "\(memory)"
                while read -r name region revision; do
                  if [ -n "$revision" ]; then
                    gcloud run services update-traffic "$name" --region="$region" --to-revisions="$revision=100" < /dev/null
                  fi
                done < "\(memory)"

                """,
            comment: "Traffic of services only: what a migration changed stays, so it has to suit the version before.")
    }
}
