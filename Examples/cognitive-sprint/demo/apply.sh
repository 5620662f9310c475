#!/bin/sh
# Makes DIR the platform as it is in one of the demonstration's releases:
#
#     demo/apply.sh 1 DIR    the platform as it stands here                 1.0.0
#     demo/apply.sh 2 DIR    votes on ideas, with a migration               1.1.0
#     demo/apply.sh 3 DIR    shortcuts that break once 24 sessions are in   1.2.0
#     demo/apply.sh 4 DIR    facilitators, with a migration that fails      1.3.0
#
# Each call starts from the platform again, so the releases can follow each other in any order.
# What else lies in DIR (.git, .venv, .hauban) stays. Needs tar and git.
set -eu

usage() {
    echo "usage: $0 1|2|3|4 DIR" >&2
    exit 64
}

[ $# -eq 2 ] || usage
case $1 in
    1) changes= ;;
    2) changes="2-good" ;;
    3) changes="2-good 3-errors" ;;
    4) changes="2-good 4-broken-migration" ;;
    *) usage ;;
esac

demo=$(cd "$(dirname "$0")" && pwd -P)
platform=$(dirname "$demo")
mkdir -p "$2"
target=$(cd "$2" && pwd -P)
marker=$target/.demo-release

case $target/ in
    "$platform"/*) echo "$0: $target lies in the platform itself" >&2; exit 64 ;;
esac
if [ ! -e "$marker" ] && [ -n "$(ls -A "$target")" ]; then
    echo "$0: $target is not empty and was not made by this script" >&2
    exit 64
fi
: > "$marker"

find "$target" \( -name .git -o -name .venv -o -name .hauban \) -prune \
    -o -type f ! -path "$marker" -exec rm -f {} +
tar -C "$platform" -cf - \
    --exclude=./demo --exclude=.venv --exclude=.hauban --exclude=.env --exclude=dist \
    --exclude=__pycache__ --exclude=.mypy_cache --exclude=.pytest_cache --exclude=.ruff_cache \
    --exclude=.coverage . | tar -C "$target" -xf -
for change in $changes; do
    # The ceiling keeps git from taking a repository above DIR for the one to patch.
    (cd "$target" && GIT_CEILING_DIRECTORIES=$(dirname "$target") \
        git apply --whitespace=nowarn "$demo/releases/$change/change.patch")
done
find "$target" -name .git -prune -o -type d -empty ! -path "$target" -print | sort -r \
    | while IFS= read -r folder; do rmdir "$folder"; done
echo "$1" > "$marker"
