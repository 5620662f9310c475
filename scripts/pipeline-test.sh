#!/usr/bin/env bash
# Runs the whole pipeline of Examples/cognitive-sprint with the built binary, releases to this machine included, and then once for
# each commit that a gate must stop. Minutes: it installs the example's packages. Needs gitleaks, PostgreSQL, git and jq.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
hauban=${HAUBAN:-$repository/.build/debug/hauban}
# Debian 12 has no gitleaks; the newest suite's program runs here as it is, and is taken without touching the machine's own sources.
if ! command -v gitleaks >/dev/null; then
    cache=${XDG_CACHE_HOME:-$HOME/.cache}/hauban-test
    if [[ ! -x $cache/gitleaks ]]; then
        apt=$(mktemp -d)
        mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$cache"
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian sid main" > "$apt/sources.list"
        options=(-o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
            -o APT::Sandbox::User=root)
        apt-get "${options[@]}" --quiet=2 update
        (cd "$apt" && apt-get "${options[@]}" --quiet=2 download gitleaks && dpkg-deb --extract gitleaks_*.deb out)
        install -m 755 "$apt/out/usr/bin/gitleaks" "$cache/gitleaks"
        rm -rf "$apt"
    fi
    PATH=$cache:$PATH
fi
for tool in gitleaks jq git; do
    command -v $tool >/dev/null || { echo "$tool is needed" >&2; exit 1; }
done

work=$(mktemp -d /tmp/hauban-pipeline.XXXXXX)
chmod 711 "$work"
export HAUBAN_STATE=$work/state
shop=$work/shop
end() {
    (cd "$shop" && "$hauban" down dev >/dev/null 2>&1) || true
    rm -rf "$work"
}
trap end EXIT

mkdir "$shop"
git -C "$repository" ls-files -z Examples/cognitive-sprint | tar --create --null --files-from=- | tar --extract --strip-components=2 --directory "$shop"
cd "$shop"
git init --quiet --initial-branch=main
git config user.name Tester
git config user.email tester@sprint.example

# pip-audit reports what the service for it knows, which no test can rely on: a recorded report stands in its place.
mkdir ci
printf '{"dependencies": [{"name": "fastapi", "version": "0.165.0", "vulns": []}], "fixes": []}\n' > ci/audit.json
python3 - <<'PY'
text = open("hauban.yaml").read()
old = "  updates: weekly\n"
assert old in text
open("hauban.yaml", "w").write(text.replace(old, old + "  steps:\n    audit: {run: ['cp ci/audit.json \"$HAUBAN_REPORTS/pip-audit.json\"']}\n", 1))
PY
git add --all
git commit --quiet --message "The platform"

failed=0
# expect VERDICT STEP TEXT: runs the stages in "${stages[@]}" and compares; STEP is the one that must have stopped it.
expect() {
    local verdict=$1 step=$2 text=$3 code=0 began=$SECONDS
    "$hauban" ci --json "${stages[@]}" > "$work/result.json" 2> "$work/errors" || code=$?
    local found reason
    found=$(jq --raw-output .verdict "$work/result.json" 2>/dev/null || true)
    reason=$(jq --raw-output --arg step "$step" '.steps[] | select(.id == $step) | .reason // ""' "$work/result.json" 2>/dev/null || true)
    local others
    others=$(jq --raw-output --arg step "$step" '[.steps[] | select(.id != $step and (.outcome == "failed" or .outcome == "late")) | .id] | join(" ")' "$work/result.json" 2>/dev/null || true)
    if [[ $found == "$verdict" && $reason == *"$text"* && -z $others && $code == $([[ $verdict == passed ]] && echo 0 || echo 1) ]]; then
        echo "ok    $name ($((SECONDS - began)) s): $found${reason:+: ${reason:0:140}}"
    else
        echo "WRONG $name: exit $code, $found, $step: $reason; others: $others" >&2
        cat "$work/errors" >&2
        jq --raw-output '.steps[] | select(.outcome == "failed") | .log' "$work/result.json" 2>/dev/null | while read -r log; do
            echo "--- $log" >&2; tail -n 40 "$log" >&2; done
        failed=1
    fi
}
# Puts the platform back as it was first.
reset() { git checkout --quiet --force main; git clean --quiet --force -d; git checkout --quiet -B trial; }
commit() { git add --all; git commit --quiet --message "$name"; }

name="the whole pipeline" stages=(--env dev) ; expect passed "" ""
began=$(date +%s%N)
name="the checks again" stages=(lint secrets test audit) ; expect passed "" ""
echo "      $(( ($(date +%s%N) - began) / 1000000 )) ms for $(jq '.steps | length' "$work/result.json") steps, kept: $(jq '[.steps[] | select(.outcome == "kept")] | length' "$work/result.json")"

name="bad format"; reset
printf 'x = { "a":1 }\n' >> api/app/version.py; commit
stages=(lint); expect failed lint/api/black "exited with code 1"

name="lint"; reset
printf '\n\ndef planted() -> None:\n    value = 1\n' >> api/app/version.py; commit
stages=(lint); expect failed lint/api/ruff "exited with code 1"

name="a leaked key"; reset
printf 'KEY = "ghp_%s"\n' x7Kq2mNp4Rt6Vw8Yz1Bc3Df5Gh7Jk9Lm2Np4 > api/app/key.txt; commit
git rm --quiet api/app/key.txt; name="a leaked key, removed again"; commit
stages=(secrets); expect failed secrets/gitleaks "github-pat"

name="a failing test"; reset
printf '\n\ndef test_planted() -> None:\n    assert 1 == 2\n' >> api/tests/test_settings.py; commit
stages=(test); expect failed test/api/pytest "test_planted"

name="coverage below 60%"; reset
find api/tests -name 'test_*.py' ! -name test_settings.py -delete
sed -i 's/^fail_under = 60$/fail_under = 0/' api/pyproject.toml; commit
stages=(test); expect failed test/api/pytest "60% are asked for"

name="a vulnerable dependency"; reset
printf '{"dependencies": [{"name": "flask", "version": "0.5", "vulns": [{"id": "PYSEC-2019-179", "fix_versions": ["1.0"], "aliases": [], "description": "d"}]}], "fixes": []}\n' > ci/audit.json; commit
stages=(audit); expect failed audit "PYSEC-2019-179"

name="an audit that skipped"; reset
printf '{"dependencies": [{"name": "flask", "skip_reason": "not found"}], "fixes": []}\n' > ci/audit.json; commit
stages=(audit); expect failed audit "skipped"

name="an image that runs as root"; reset
sed -i '/^USER /d' api/Dockerfile; commit
# Building needs an engine and a registry; what `docker image inspect` answers is the gate's matter, and follows the Dockerfile here.
mkdir -p "$work/bin"
cat > "$work/bin/docker" <<'SH'
#!/bin/sh
[ "$1 $2" = "image inspect" ] || exit 0
user=$(sed -n 's/^USER //p' Dockerfile 2>/dev/null | tail -n 1)
printf '[{"Id": "sha256:%064d", "RepoTags": ["%s"], "Size": 1000, "Config": {"User": "%s"}, "RootFS": {}}]\n' 1 "$3" "${user:-$([ -f Dockerfile ] && echo root || echo web)}"
SH
chmod 755 "$work/bin/docker"
PATH=$work/bin:$PATH
stages=(build); expect failed build/api/image "root (high)"

name="a failing migration"; reset
git apply "$repository/Examples/cognitive-sprint/demo/releases/2-good/change.patch" "$repository/Examples/cognitive-sprint/demo/releases/4-broken-migration/change.patch"; commit
# Something must be in the table that the migration fails on.
address=$("$hauban" status dev --json | jq --raw-output .address)
curl --fail --silent --show-error --header 'Content-Type: application/json' --data '{"topic": "Shorter queues"}' "$address/api/sessions" >/dev/null
stages=(--env dev deploy); expect failed deploy/dev "exited with code 3"

name="a failing smoke request"; reset
sed -i 's/status_code=201/status_code=200/' api/app/routes/sessions.py; commit
stages=(--env dev deploy); expect failed deploy/dev "exited with code 3"

name="as it was"; reset
stages=(--env dev deploy verify); expect passed "" ""

name="the hook"; reset
"$hauban" hooks install >/dev/null
PATH=$(dirname "$hauban"):$PATH
printf 'KEY = "ghp_%s"\n' x7Kq2mNp4Rt6Vw8Yz1Bc3Df5Gh7Jk9Lm2Np4 > api/app/key.txt
git add --all
if git commit --quiet --message leak > "$work/hook.log" 2>&1; then
    echo "WRONG $name let a key pass" >&2; failed=1
else
    git rm --quiet --cached api/app/key.txt; rm api/app/key.txt
    echo "nothing secret" > api/note.txt; git add --all
    if git commit --quiet --message fine > "$work/hook.log" 2>&1; then echo "ok    $name stops a key and lets the rest pass"
    else echo "WRONG $name stops what is fine" >&2; cat "$work/hook.log" >&2; failed=1; fi
fi
exit $failed
