import Spec

extension GoogleRoot {
    // MARK: delivery.tf

    var delivery: HCLFile {
        place.file("delivery") { body in
            if let registry = place.ownRegistry {
                body.block("resource", "google_artifact_registry_repository", "images") { images in
                    images.set("project", .code("local.project"))
                    images.set("location", .text(registry.location))
                    images.set("repository_id", .text(registry.repository))
                    images.set("format", "DOCKER")
                    images.block("docker_config", comment: "A tag that was scanned stays what was scanned.") {
                        $0.set("immutable_tags", true)
                    }
                    images.block("vulnerability_scanning_config") { $0.set("enablement_config", "INHERITED") }
                    images.block("cleanup_policies") { policy in
                        policy.set("id", "keep-what-can-be-returned-to")
                        policy.set("action", "KEEP")
                        policy.block("most_recent_versions") {
                            $0.set("keep_count", .integer(max(10, platform.release.keep)))
                        }
                    }
                    images.block("cleanup_policies") { policy in
                        policy.set("id", "delete-old")
                        policy.set("action", "DELETE")
                        policy.block("condition") { $0.set("older_than", "7776000s") }
                    }
                }
            }
            body.add(
                place.module("deployer", .deployer) { inner in
                    inner.set("project", .code("local.project"))
                    inner.set("repository", .code("var.github_repository"))
                    inner.set("ref_condition", .text(refCondition))
                    if place.ownRegistry != nil {
                        inner.set(
                            "registries",
                            .map([
                                HCLAttribute(
                                    "(google_artifact_registry_repository.images.repository_id)",
                                    .code("google_artifact_registry_repository.images.location"))
                            ]))
                    }
                    if !place.sites.isEmpty {
                        inner.set(
                            "site_buckets",
                            .map(
                                place.sites.map {
                                    HCLAttribute($0.name.text, .code("module.site_\(Self.label($0.name)).bucket"))
                                }))
                    }
                    if !place.processes.isEmpty {
                        inner.gap()
                        inner.set(
                            "runs_as",
                            .map(
                                place.processes.map {
                                    HCLAttribute($0.name.text, .code("module.account_\(Self.label($0.name)).name"))
                                }))
                    }
                })
        }
    }

    /// What ships here, in the words of GitHub's token: a branch, or a tag of a form.
    private var refCondition: String {
        if let branch = settings.branch { return "assertion.ref == 'refs/heads/\(branch)'" }
        if let tag = settings.tag {
            guard let star = tag.firstIndex(of: "*") else { return "assertion.ref == 'refs/tags/\(tag)'" }
            return "assertion.ref.startsWith('refs/tags/\(tag[..<star])')"
        }
        return "assertion.environment == '\(place.environment)'"
    }

    // MARK: billing.tf

    var billing: HCLFile? {
        guard let budget = settings.budget else { return nil }
        return place.file("billing") { body in
            body.block(
                "provider", "google", comment: "Budgets are asked for in the name of a project that is there already."
            ) {
                $0.set("alias", "billing")
                $0.set("billing_project", .code("module.project.project_id"))
                $0.set("user_project_override", true)
            }
            body.block(
                "resource", "google_billing_budget", "month",
                comment:
                    "Told by e-mail to those who administer the billing account, own the project, and answer for the platform."
            ) { inner in
                inner.set("provider", .code("google.billing"))
                inner.set("billing_account", .code("var.billing_account"))
                inner.set("display_name", .text("\(platform.name) \(place.environment)"))
                inner.block("budget_filter") { filter in
                    filter.set("projects", [.template("projects/${module.project.number}")])
                    filter.set("calendar_period", "MONTH")
                }
                inner.block("amount") { amount in
                    amount.block("specified_amount") { money in
                        money.set("currency_code", .text(budget.month.currency))
                        money.set("units", .text("\(budget.month.cents / 100)"))
                        let rest = budget.month.cents % 100
                        if rest > 0 { money.set("nanos", .integer(rest * 10_000_000)) }
                    }
                }
                for threshold in thresholds(budget) {
                    inner.block("threshold_rules", comment: threshold.comment) { rule in
                        rule.set("threshold_percent", .number(threshold.share))
                        rule.set("spend_basis", .text(threshold.basis))
                    }
                }
                inner.block("all_updates_rule") { rule in
                    rule.set("enable_project_level_recipients", true)
                    let emails = ownerEmails
                    if !emails.isEmpty {
                        rule.set(
                            "monitoring_notification_channels",
                            .list(
                                emails.map {
                                    .code("google_monitoring_notification_channel.\(GoogleChannels.label($0)).id")
                                }))
                    }
                }
            }
        }
    }

    private struct Threshold {
        var share: Double
        var basis: String
        var comment: String?
    }

    private func thresholds(_ budget: Budget) -> [Threshold] {
        var rules = [Threshold(share: budget.warn.fraction, basis: "FORECASTED_SPEND", comment: nil)]
        for (name, alert) in platform.alerts.sorted(by: { $0.key < $1.key }) {
            guard case .condition(let condition) = alert.trigger, condition.signal == .spend,
                case .percent(let share) = condition.bound
            else { continue }
            rules.append(Threshold(share: share.fraction, basis: "FORECASTED_SPEND", comment: "alerts.\(name)"))
        }
        rules.append(Threshold(share: 1, basis: "CURRENT_SPEND", comment: nil))
        var seen: Set<String> = []
        return rules.filter { seen.insert("\($0.share) \($0.basis)").inserted }
    }

    /// Those who answer for the platform, as far as e-mail reaches them; a budget takes five channels.
    var ownerEmails: [String] {
        guard settings.budget != nil, let team = platform.owner?.team.flatMap({ platform.teams[$0] }) else { return [] }
        return Array(team.people.compactMap { platform.people[$0]?.email }.prefix(5))
    }
}
