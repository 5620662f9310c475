package import Spec

/// What each target cannot do with a field, in this version's meaning: one row a field and reason.
///
/// A row speaks only of what the author wrote. Declarations about the whole platform (alerts, on-call, budgets, objectives,
/// log formats, metrics paths, branches, tags) hold on every target and have no row; of `telemetry` those keys have one
/// that change what becomes of the signals. `telemetry.sample` says nothing of its own without traces.
package struct HonourTable: Sendable {
    package struct Row: Sendable {
        /// Keys from the top; `*` is any name, `[]` an item of a list or the one map in its place.
        package var field: String
        /// The targets that refuse it.
        package var targets: Set<Environment.Target>
        /// Why, as the rest of a sentence that begins with the target's name.
        package var because: String
        /// When the row does not concern every value: in words, for the reference.
        package var values: String?
        /// What to do about it when taking the field away is not the whole answer.
        var mend: String?
        var concerns: @Sendable (Subject) -> Bool
    }

    /// What a row looks at.
    struct Subject {
        var settings: Environment
        var service: Service?
        var resource: Resource?
        var exposure: Exposure?
        var telemetry: Telemetry?
    }

    package static let rows: [Row] = [
        // Services.
        row("services.*.image", [.local], "runs processes, not containers") { $0.service?.image != nil },
        row("services.*.stack", [.local], "has no container engine", values: "docker") { $0.service?.stack == .docker },
        row("services.*.build.dockerfile", [.local], "builds no images") { $0.service?.build?.dockerfile != nil },
        row("services.*.build.args", [.local], "builds no images") { $0.service?.build?.args.isEmpty == false },
        row("services.*.egress", [.local], "cannot keep one process of this machine from the network") {
            $0.service?.egress.isEmpty == false
        },
        row("services.*.size", [.local], "sets no limits to a process") { $0.service != nil },
        row("services.*.scale", [.local, .docker], "keeps a fixed number of replicas", values: "max above min") {
            $0.service.map { $0.scale.max > $0.scale.min } ?? false
        },
        row(
            "services.*.scale", [.local, .docker, .swarm, .kubernetes, .aws], "cannot wake a service that sleeps",
            values: "min 0"
        ) { $0.service?.scale.min == 0 },
        row("services.*.capacity", [.local, .docker, .swarm, .gcp], "has no spot capacity", values: "spot") {
            $0.service?.capacity == .spot
        },
        row("services.*.schedule", [.local], "runs nothing on a schedule") { $0.service?.schedule != nil },
        row("services.*.expose.[].body", [.gcp], "has one limit of its own for request bodies, 32Mi") {
            $0.exposure?.body != nil
        },
        row("services.*.expose.[].filter", [.local], "does not look into requests", values: "true") {
            $0.exposure?.filter == true
        },
        row("services.*.site.cdn", [.local, .docker, .swarm, .kubernetes], "has no content network", values: "true") {
            $0.service?.site?.cdn == true
        },
        // Resources.
        row("resources.*.kind", [.local], "runs databases and caches only", values: "bucket, topic, cluster") {
            $0.resource.map { [.bucket, .topic, .cluster].contains($0.kind) } ?? false
        },
        row("resources.*.kind", [.docker, .swarm, .kubernetes], "creates no clusters", values: "cluster") {
            $0.resource?.kind == .cluster
        },
        row("resources.*.storage", [.local], "cannot set a database's space apart") { $0.resource?.storage != nil },
        row("resources.*.size", [.local], "sets no limits to a process") { $0.resource?.size != nil },
        row("resources.*.standby", [.local, .docker], "is one machine, so a second server would fail with the first") {
            $0.resource?.standby == true
        },
        row("resources.*.evict", [.local], "starts a Redis that forgets nothing", values: "expiring, oldest") {
            $0.resource.map { $0.evict != .never } ?? false
        },
        row("resources.*.encrypt", [.local], "keeps data as the machine's disk keeps it") {
            $0.resource?.encrypt == true
        },
        row("resources.*.backup", [.local], "makes no copies") { $0.resource?.backup != nil },
        // Telemetry.
        row("telemetry.stack", [.local, .docker, .swarm], "has no cloud's monitoring", values: "cloud") {
            $0.telemetry?.stack == .cloud
        },
        row(
            "telemetry.traces", [.local], "passes trace ids on and collects no traces", values: "otlp, langsmith, cloud"
        ) {
            $0.telemetry.map { $0.traces != .none } ?? false
        },
        row("telemetry.logs-encrypt", [.local], "keeps logs as the machine's disk keeps them", values: "true") {
            $0.telemetry?.logsEncrypt == true
        },
        // Environments.
        row("environments.*.requires", [.local], "ships what you ask it to ship") {
            $0.settings.requires != .nothing
        },
        row(
            "environments.*.tls", [.local], "can ask nobody for a certificate",
            values: "issuer letsencrypt, acme, managed",
            mend: "Give it one in files: `tls: {issuer: files, certificate: dev.pem, key: dev.key}`; `hauban explain "
                + "target-cannot-honour` says how to make one."
        ) { $0.settings.tls.map { $0.issuer != .files } ?? false },
        row(
            "environments.*.tls.issuer", [.docker, .swarm, .kubernetes], "has no certificates of its own",
            values: "managed"
        ) { $0.settings.tls?.issuer == .managed },
        row(
            "environments.*.tls.issuer", [.gcp, .aws], "ends TLS where no client of ACME runs",
            values: "letsencrypt, acme"
        ) { $0.settings.tls?.isOrdered ?? false },
        row(
            "environments.*.tls.root", [.kubernetes], "has cert-manager take a root as text in its issuer",
            mend: "Take it away and give it by `patch`: `spec.acme.caBundle` of the Issuer `acme`."
        ) { $0.settings.tls?.root != nil },
        row("environments.*.encrypt", [.local, .docker, .swarm], "has no mutual TLS among services", values: "mesh") {
            $0.settings.encrypt == .mesh
        },
        row("environments.*.regions", [.local, .docker, .swarm], "runs where its machines stand") {
            !$0.settings.regions.isEmpty
        },
        row("environments.*.hosts", [.local], "is this machine") { !$0.settings.hosts.isEmpty },
        row("environments.*.hosts", [.docker], "is one server", values: "more than one") {
            $0.settings.hosts.count > 1
        },
        row("environments.*.hosts", [.kubernetes, .gcp, .aws], "chooses its own machines") {
            !$0.settings.hosts.isEmpty
        },
        row("environments.*.context", [.local, .gcp, .aws], "is not reached through a context") {
            $0.settings.context != nil
        },
        row("environments.*.registry", [.local], "builds no images") { $0.settings.registry != nil },
        row("environments.*.project", [.local, .docker, .swarm, .kubernetes], "belongs to no cloud project") {
            $0.settings.project != nil
        },
        row("environments.*.state", [.local, .docker, .swarm, .kubernetes], "is not made with Terraform") {
            $0.settings.state != nil
        },
        row(
            "environments.*.reload", [.swarm, .kubernetes, .gcp, .aws], "runs images, which do not change",
            values: "true"
        ) {
            $0.settings.reload
        },
        row(
            "environments.*.open-ports", [.swarm, .kubernetes, .gcp, .aws], "runs away from the developer's machine",
            values: "true"
        ) { $0.settings.openPorts },
        row("environments.*.server", [.kubernetes, .gcp, .aws], "chooses its own machines") {
            $0.settings.server != nil
        },
        row("environments.*.server", [.local], "is the machine that you have") { $0.settings.server != nil },
        row("environments.*.failover", [.local, .docker], "is one machine, which cannot hand over once it is gone") {
            $0.settings.failover != nil
        },
    ]

    private static func row(
        _ field: String, _ targets: Set<Environment.Target>, _ because: String, values: String? = nil,
        mend: String? = nil, concerns: @escaping @Sendable (Subject) -> Bool
    ) -> Row {
        Row(field: field, targets: targets, because: because, values: values, mend: mend, concerns: concerns)
    }

    /// The table of docs/language.md, in Markdown.
    package static var markdown: String {
        let targets = Environment.Target.allCases
        var lines = [
            "| field | " + targets.map(\.rawValue).joined(separator: " | ") + " | why not |",
            "|---|" + targets.map { _ in "---|" }.joined() + "---|",
        ]
        for row in rows {
            let marks = targets.map { row.targets.contains($0) ? "no" : " " }
            let field = "`\(row.field.replacing(".[]", with: ""))`" + (row.values.map { ": \($0)" } ?? "")
            lines.append("| \(field) | \(marks.joined(separator: " | ")) | \(row.because) |")
        }
        return lines.joined(separator: "\n")
    }
}
