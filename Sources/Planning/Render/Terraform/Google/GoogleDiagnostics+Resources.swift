import Spec

/// What a resource asks for.
extension GoogleDiagnostics {
    func of(_ name: ResourceName, _ resource: Resource) -> [Diagnostic] {
        var found: [Diagnostic] = []
        switch resource.kind {
        case .postgres:
            if let size = resource.size {
                let tier = CloudSQLTier(size)
                if tier.cpus * 1000 != size.cpu.millis || tier.mebibytes << 20 != size.memory.bytes {
                    found.append(
                        tell(
                            .resource(name, "size"),
                            "Cloud SQL has no machine of \(size.cpu) CPU and \(size.memory): `\(name)` gets \(tier.text)",
                            "One processor or an even number, 0.9 to 6.5 GiB for each, at least 3.75 GiB.", .note))
                }
            }
            if let backup = resource.backup {
                if backup.every != .seconds(86_400) {
                    found.append(
                        tell(
                            .resource(name, "backup", "every"),
                            "Cloud SQL makes one copy a day, not one every \(DurationText.text(backup.every))",
                            "Its transaction logs bring back any moment between copies, seven days back at most.", .note
                        ))
                }
                if Int(backup.keep.components.seconds) > 365 * 86_400 {
                    found.append(
                        tell(
                            .resource(name, "backup", "keep"), "Cloud SQL keeps 365 copies at most",
                            "Export older ones to a bucket."))
                }
            }
            if !resource.extensions.isEmpty {
                found.append(
                    tell(
                        .resource(name, "extensions"), "Terraform creates no extensions in `\(name)`",
                        "Run \(place.folder)/\(name)-grants.sql once.", .note))
            }
        case .redis:
            if resource.storage != nil {
                found.append(
                    tell(
                        .resource(name, "storage"), "Memorystore's disk is as large as its memory",
                        "Say the memory under `size`."))
            }
            if let backup = resource.backup {
                found.append(
                    tell(
                        .resource(name, "backup"),
                        "Memorystore keeps the last snapshot alone, made every \(GoogleRoot.snapshots(backup.every).lowercased().replacing("_", with: " "))",
                        "It is read again after a crash. `keep` and `region` need exports to a bucket."))
            }
        case .bucket:
            if let backup = resource.backup, backup.region == nil {
                found.append(
                    tell(
                        .resource(name, "backup"), "a bucket has no copies beside itself",
                        "Write `versioned: true` against mistakes, and `backup: {region: …}` for a second region."))
            } else if let region = resource.backup?.region,
                GoogleRoot.continent(region) == nil
                    || GoogleRoot.continent(region) != GoogleRoot.continent(place.region)
            {
                found.append(
                    tell(
                        .resource(name, "backup", "region"),
                        "a bucket lies in two regions of one continent, and \(region) is not on that of \(place.region)",
                        "Choose another region, or copy it with Storage Transfer Service.", .error))
            }
            if resource.storage != nil {
                found.append(
                    tell(
                        .resource(name, "storage"), "a bucket has no size",
                        "It grows as it is filled; watch the budget."))
            }
        case .topic:
            if let keep = resource.keep, keep > .seconds(31 * 86_400) {
                found.append(
                    tell(
                        .resource(name, "keep"), "Pub/Sub keeps messages for 31 days at most",
                        "Write `keep: 31d` or less."))
            }
        case .cluster:
            if resource.size != nil {
                found.append(
                    tell(
                        .resource(name, "size"),
                        "an Autopilot cluster has no size: it has the nodes that its pods ask for",
                        "Say it in the pods' requests."))
            }
            found.append(
                tell(
                    .resource(name, "kind"),
                    "`\(name)` is an empty cluster: what runs in it is not part of hauban.yaml",
                    "Install it with its own tool (Prefect: its Helm chart), with the accounts that it needs.", .note))
        }
        return found
    }
}
