#!/usr/bin/env bash
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# soaked.sh ENVIRONMENT SECONDS: waits until what is released here has been kept in ENVIRONMENT for so long.
# Kept: released there well, and nothing else released there before the time was over. The same files are the
# same release, whatever commit they came with. Fails when it was never released there, or was replaced.
set -euo pipefail

environment=$1 seconds=$2
api() { gh api "repos/$GITHUB_REPOSITORY/$1" --jq "$2"; }
tree=$(api "git/commits/$GITHUB_SHA" .tree.sha)

# Prints the times of success and of replacement (or nothing) of the newest release of these files there.
times() {
  local id sha
  api "deployments?environment=$environment&per_page=100" '.[] | "\(.id) \(.sha)"' |
    while read -r id sha; do
      if [ "$(api "git/commits/$sha" .tree.sha)" = "$tree" ]; then
        # shellcheck disable=SC2016 # The dollar is jq's.
    api "deployments/$id/statuses?per_page=100" 'sort_by(.created_at) |
          ([.[] | select(.state == "success")][0].created_at // empty) as $good |
          "\($good) \([.[] | select(.state == "inactive" and .created_at >= $good)][0].created_at // "")"'
        # The rest of the list is read, so that who writes it is not cut off.
        cat > /dev/null
      fi
    done
}

while :; do
  read -r good replaced <<< "$(times)" || true
  if [ -z "$good" ]; then
    echo "these files were not released to $environment: release them there first" >&2
    exit 1
  fi
  end=$(date --date "${replaced:-now}" +%s)
  left=$((seconds - (end - $(date --date "$good" +%s))))
  if [ "$left" -le 0 ]; then
    echo "kept in $environment since $good"
    exit 0
  fi
  if [ -n "$replaced" ]; then
    echo "replaced in $environment at $replaced, $left s too early" >&2
    exit 1
  fi
  echo "in $environment since $good: $left s to go"
  sleep "$left"
done
