#!/usr/bin/env bash
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# Sets what the workflows rely on and no file can say: rules of branches and tags, environments, who approves.
# Run it as an administrator of the repository, signed in with gh; again whenever hauban.yaml changed.
#
#   REVIEWS    reviews that a pull request needs (default 1)
set -euo pipefail

repository=skillforge/platform
reviews=${REVIEWS:-1}

# ruleset NAME < JSON: makes it, or changes the one of that name.
ruleset() {
  local id
  id=$(gh api "repos/$repository/rulesets?per_page=100" --jq ".[] | select(.name == \"$1\") | .id")
  if [ -n "$id" ]; then
    gh api --method PUT "repos/$repository/rulesets/$id" --input - --silent
  else
    gh api --method POST "repos/$repository/rulesets" --input - --silent
  fi
  echo "rules: $1"
}

# Nothing gets into these branches but by a pull request that passed.
ruleset hauban-branches <<JSON
{
  "name": "hauban-branches", "target": "branch", "enforcement": "active",
  "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH", "refs/heads/develop"], "exclude": []}},
  "rules": [
    {"type": "deletion"},
    {"type": "non_fast_forward"},
    {"type": "pull_request", "parameters": {
      "required_approving_review_count": $reviews,
      "dismiss_stale_reviews_on_push": true, "require_code_owner_review": false,
      "require_last_push_approval": false, "required_review_thread_resolution": false}},
    {"type": "code_scanning", "parameters": {"code_scanning_tools": [
      {"tool": "CodeQL", "security_alerts_threshold": "high_or_higher", "alerts_threshold": "none"}]}},
    {"type": "required_status_checks", "parameters": {
      "strict_required_status_checks_policy": true,
      "required_status_checks": [{"context": "passed", "integration_id": 15368}]}}
  ]
}
JSON

# What was released under a name stays under it.
ruleset hauban-tags <<'JSON'
{
  "name": "hauban-tags", "target": "tag", "enforcement": "active",
  "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}},
  "rules": [{"type": "deletion"}, {"type": "update"}, {"type": "non_fast_forward"}]
}
JSON

# environment NAME TYPE PATTERN REVIEWERS: only a branch or tag of that form gets its secrets.
environment() {
  gh api --method PUT "repos/$repository/environments/$1" --silent --input - <<JSON
{"reviewers": $4, "prevent_self_review": false,
 "deployment_branch_policy": {"protected_branches": false, "custom_branch_policies": true}}
JSON
  local policies="repos/$repository/environments/$1/deployment-branch-policies"
  if [ -z "$(gh api "$policies" --jq ".branch_policies[] | select(.name == \"$3\") | .id")" ]; then
    gh api --method POST "$policies" --silent --raw-field name="$3" --raw-field type="$2"
  fi
  echo "environment: $1"
}
environment prod tag 'v*' '[]'
environment staging branch 'develop' '[]'

# Tokens of workflows read unless a job asks for more, and nobody's workflow approves a pull request.
gh api --method PUT "repos/$repository/actions/permissions/workflow" --silent \
  --field default_workflow_permissions=read --field can_approve_pull_request_reviews=false
# Known holes of dependencies.
gh api --method PUT "repos/$repository/vulnerability-alerts" --silent
# A key that is recognised does not even get pushed. Private repositories need Secret Protection for it.
gh api --method PATCH "repos/$repository" --silent --input - <<'JSON' ||
{"security_and_analysis": {"secret_scanning": {"status": "enabled"},
  "secret_scanning_push_protection": {"status": "enabled"}}}
JSON
  echo "secret scanning by GitHub is not to be had here; the pipeline's own goes on" >&2

# Values that only you know; gh asks for each.
cat <<'TEXT'
Where not done yet:
  gh variable set PROD_WORKLOAD_IDENTITY_PROVIDER
  gh variable set STAGING_WORKLOAD_IDENTITY_PROVIDER
TEXT
