import Spec

extension GitHubFiles {
    /// What no file of a repository can say: rules of branches and tags, and environments with who approves.
    var protectScript: String {
        var text = PipelineScripts.head(
            subject.source,
            [
                "Sets what the workflows rely on and no file can say: rules of branches and tags, environments, who approves.",
                "Run it \(subject.base.repository?.github == nil ? "in a clone " : "")as an administrator of the repository, signed in with gh; again whenever hauban.yaml changed.",
                "",
                "  REVIEWS    reviews that a pull request needs (default 1)",
            ]
                + (approvers.map {
                    ["  APPROVERS  who may let a release start: team:SLUG and user:LOGIN (default \($0))"]
                } ?? []))
        text += """
            repository=\(subject.base.repository?.github ?? "$(gh repo view --json nameWithOwner --jq .nameWithOwner)")
            reviews=${REVIEWS:-1}

            # ruleset NAME < JSON: makes it, or changes the one of that name.
            ruleset() {
              local id
              id=$(gh api "repos/$repository/rulesets?per_page=100" --jq ".[] | select(.name == \\"$1\\") | .id")
              if [ -n "$id" ]; then
                gh api --method PUT "repos/$repository/rulesets/$id" --input - --silent
              else
                gh api --method POST "repos/$repository/rulesets" --input - --silent
              fi
              echo "rules: $1"
            }

            # Nothing gets into these branches but by a pull request that passed.

            """
        text += "ruleset hauban-branches <<JSON\n\(branchRules)\nJSON\n"
        let tags = plan.ways.compactMap { way -> String? in
            if case .tag(let pattern) = way.event { pattern } else { nil }
        }
        if !tags.isEmpty {
            text +=
                "\n# What was released under a name stays under it.\nruleset hauban-tags <<'JSON'\n\(tagRules(tags))\nJSON\n"
        }
        let places = plan.ways.flatMap { way in way.places.map { (way, $0) } }
        if !places.isEmpty { text += environmentFunctions }
        for (way, place) in places { text += environment(way, place) }
        text += """

            # Tokens of workflows read unless a job asks for more, and nobody's workflow approves a pull request.
            gh api --method PUT "repos/$repository/actions/permissions/workflow" --silent \\
              --field default_workflow_permissions=read --field can_approve_pull_request_reviews=false
            # Known holes of dependencies.
            gh api --method PUT "repos/$repository/vulnerability-alerts" --silent

            """
        if plan.has(.secrets) {
            text += """
                # A key that is recognised does not even get pushed. Private repositories need Secret Protection for it.
                gh api --method PATCH "repos/$repository" --silent --input - <<'JSON' ||
                {"security_and_analysis": {"secret_scanning": {"status": "enabled"},
                  "secret_scanning_push_protection": {"status": "enabled"}}}
                JSON
                  echo "secret scanning by GitHub is not to be had here; the pipeline's own goes on" >&2

                """
        }
        let asked = settings
        if !asked.isEmpty {
            text += "\n# Values that only you know; gh asks for each.\ncat <<'TEXT'\nWhere not done yet:\n"
            text += asked.map { "  \($0)\n" }.joined() + "TEXT\n"
        }
        return text
    }

    private var approvers: String? {
        guard plan.ways.contains(where: { $0.places.contains { $0.settings.requires.approval > 0 } }) else {
            return nil
        }
        return subject.base.owner?.team.map { "team:\($0)" } ?? "user:LOGIN"
    }

    private var branchRules: String {
        let released = plan.ways.compactMap { way -> String? in
            if case .branch(let name) = way.event { name } else { nil }
        }
        let refs = ["\"~DEFAULT_BRANCH\""] + released.map { "\"refs/heads/\($0)\"" }
        var rules = [
            "    {\"type\": \"deletion\"},", "    {\"type\": \"non_fast_forward\"},",
            "    {\"type\": \"pull_request\", \"parameters\": {",
            "      \"required_approving_review_count\": $reviews,",
            "      \"dismiss_stale_reviews_on_push\": true, \"require_code_owner_review\": false,",
            "      \"require_last_push_approval\": false, \"required_review_thread_resolution\": false}},",
        ]
        if plan.analyses {
            let threshold =
                plan.gates.code.block == .critical
                ? "critical"
                : plan.gates.code.block == .low
                    ? "all"
                    : "\(plan.gates.code.block.rawValue)_or_higher"
            rules += [
                "    {\"type\": \"code_scanning\", \"parameters\": {\"code_scanning_tools\": [",
                "      {\"tool\": \"CodeQL\", \"security_alerts_threshold\": \"\(threshold)\", \"alerts_threshold\": \"none\"}]}},",
            ]
        }
        // 15368 is GitHub Actions: nobody else can say that it passed.
        rules += [
            "    {\"type\": \"required_status_checks\", \"parameters\": {",
            "      \"strict_required_status_checks_policy\": true,",
            "      \"required_status_checks\": [{\"context\": \"\(Self.verdict)\", \"integration_id\": 15368}]}}",
        ]
        return """
            {
              "name": "hauban-branches", "target": "branch", "enforcement": "active",
              "conditions": {"ref_name": {"include": [\(refs.joined(separator: ", "))], "exclude": []}},
              "rules": [
            \(rules.joined(separator: "\n"))
              ]
            }
            """
    }

    private func tagRules(_ patterns: [String]) -> String {
        let refs = patterns.map { "\"refs/tags/\($0)\"" }.joined(separator: ", ")
        return """
            {
              "name": "hauban-tags", "target": "tag", "enforcement": "active",
              "conditions": {"ref_name": {"include": [\(refs)], "exclude": []}},
              "rules": [{"type": "deletion"}, {"type": "update"}, {"type": "non_fast_forward"}]
            }
            """
    }

    private var environmentFunctions: String {
        var text = """

            # environment NAME TYPE PATTERN REVIEWERS: only a branch or tag of that form gets its secrets.
            environment() {
              gh api --method PUT "repos/$repository/environments/$1" --silent --input - <<JSON
            {"reviewers": $4, "prevent_self_review": false,
             "deployment_branch_policy": {"protected_branches": false, "custom_branch_policies": true}}
            JSON
              local policies="repos/$repository/environments/$1/deployment-branch-policies"
              if [ -z "$(gh api "$policies" --jq ".branch_policies[] | select(.name == \\"$3\\") | .id")" ]; then
                gh api --method POST "$policies" --silent --raw-field name="$3" --raw-field type="$2"
              fi
              echo "environment: $1"
            }

            """
        if let approvers {
            text += """

                # The people and teams of APPROVERS as GitHub numbers them.
                reviewers() {
                  local one list=
                  for one in ${APPROVERS:-\(approvers)}; do
                    case $one in
                      team:*) list+=", {\\"type\\": \\"Team\\", \\"id\\": $(gh api "orgs/${repository%%/*}/teams/${one#*:}" --jq .id)}" ;;
                      user:*) list+=", {\\"type\\": \\"User\\", \\"id\\": $(gh api "users/${one#*:}" --jq .id)}" ;;
                      *) echo "'$one' is neither team:SLUG nor user:LOGIN" >&2; return 1 ;;
                    esac
                  done
                  echo "[${list#, }]"
                }
                approvers=$(reviewers)

                """
        }
        return text
    }

    private func environment(_ way: ReleaseWay, _ place: RenderSubject.Place) -> String {
        let (type, pattern) =
            switch way.event {
            case .branch(let name): ("branch", name)
            case .tag(let pattern): ("tag", pattern)
            }
        let reviewers = place.settings.requires.approval > 0 ? "\"$approvers\"" : "'[]'"
        return "environment \(place.name) \(type) \(Self.quoted(pattern)) \(reviewers)\n"
    }

    /// Always in quotes: a pattern is not for the shell.
    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// Commands that give what only people know.
    private var settings: [String] {
        var lines: Set<String> = []
        for place in plan.ways.flatMap(\.places) {
            let upper = place.name.text.uppercased().replacing("-", with: "_")
            let registry = place.registryPath.map { String($0.prefix { $0 != "/" }) } ?? ""
            switch place.settings.target {
            case .gcp: lines.insert("gh variable set \(upper)_WORKLOAD_IDENTITY_PROVIDER")
            case .aws: lines.insert("gh variable set \(upper)_AWS_ROLE")
            case .kubernetes: lines.insert("gh secret set KUBECONFIG --env \(place.name)")
            case .docker, .swarm:
                lines.insert("gh secret set DEPLOY_SSH_KEY --env \(place.name)")
                lines.insert("gh variable set DEPLOY_KNOWN_HOSTS --env \(place.name)")
            case .local: break
            }
            if registry.hasSuffix("-docker.pkg.dev"), place.settings.target != .gcp {
                lines.insert("gh variable set \(upper)_WORKLOAD_IDENTITY_PROVIDER")
            } else if registry.hasSuffix(".amazonaws.com"), place.settings.target != .aws {
                lines.insert("gh variable set \(upper)_AWS_ROLE")
            } else if !registry.isEmpty, registry != "ghcr.io", !registry.hasSuffix("-docker.pkg.dev"),
                !registry.hasSuffix(".amazonaws.com")
            {
                lines.insert("gh secret set REGISTRY_USER")
                lines.insert("gh secret set REGISTRY_PASSWORD")
            }
        }
        return lines.sorted()
    }
}
