#!/usr/bin/env bash
# The main job on real input: a platform of three services from source to running on this machine, a good release under
# load, a release whose code fails after the switch, the incident that it opens and the page that it sends, and a release whose
# migration fails. Everything lies in a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."
hauban=$PWD/.build/debug/hauban
demo=$PWD/Examples/cognitive-sprint/demo
work=$(mktemp -d "${TMPDIR:-/tmp}/hauban-demo.XXXXXX")
# PostgreSQL drops root's rights, and its data lie below.
chmod 711 "$work"
export HAUBAN_STATE=$work/state
export USER=${USER:-$(id -un)}
platform=$work/platform
file=$platform/hauban.yaml
rows=()
load=
sink=
serve=

end() { [[ -z $1 ]] || { kill "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }; }

finish() {
    end "$load"
    end "$serve"
    end "$sink"
    "$hauban" down dev --file "$file" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { if [[ -t 1 ]]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n%s\n' "$*"; fi; }

# ship NUMBER EXPECTED-EXIT LABEL LOADED
ship() {
    local number=$1 expected=$2 label=$3 loaded=$4 code=0 sent=- failed=- before after start=$SECONDS
    "$demo/apply.sh" "$number" "$platform"
    before=$(version)
    if [[ $loaded == yes ]]; then
        rm -f "$work/stop"
        python3 "$demo/load.py" "$address" --rate 150 --duration 180 --stop-file "$work/stop" --report "$work/load.json" \
            >/dev/null 2>"$work/load.err" &
        load=$!
    fi
    "$hauban" deploy dev --file "$file" --label "$label" --port 0 || code=$?
    if [[ -n $load ]]; then
        touch "$work/stop"
        wait "$load" || true
        load=
        sent=$(jq .sent "$work/load.json")
        failed=$(jq .failed "$work/load.json")
    fi
    address=$("$hauban" status dev --file "$file" --json | jq -r .address)
    after=$(version)
    rows+=("$(printf '%-34s %-9s %5ss  %-7s %7s %7s  %s' "$label" "$(verdict $code)" $((SECONDS - start)) \
        "${after:-none}" "$sent" "$failed" "$([[ $before == "$after" ]] && echo "as before" || echo "new version")")")
    if [[ $code -ne $expected ]]; then
        echo "release $number ended with exit code $code, not $expected" >&2
        exit 1
    fi
}

version() {
    [[ -n ${address:-} ]] || return 0
    curl -fsS --max-time 5 "$address/api/version" | jq -r .version
}

verdict() {
    case $1 in
        0) echo kept ;;
        3) echo returned ;;
        *) echo "exit $1" ;;
    esac
}

# until WHAT COMMAND...: asks for a minute
until_true() {
    local what=$1 tries
    shift
    for ((tries = 0; tries < 600; tries++)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    echo "not within a minute: $what" >&2
    exit 1
}

# The events that the sink took of the release's incident.
took() { grep -q "\"event\": \"$1\"" "$work/pages.jsonl"; }

"$demo/apply.sh" 1 "$platform"
python3 "$demo/sink.py" --record "$work/pages.jsonl" >"$work/sink.port" 2>"$work/sink.err" &
sink=$!
until_true "the sink listens" test -s "$work/sink.port"
# A free port in the place of the declared one: the control plane reads it once.
sed -i "s|127.0.0.1:9199|127.0.0.1:$(cat "$work/sink.port")|" "$file"
"$hauban" check --file "$file"
"$hauban" serve --env dev --file "$file" --listen 127.0.0.1:0 >"$work/serve.log" 2>&1 &
serve=$!
until_true "the control plane listens" grep -q "listening on" "$work/serve.log"

say "1. The first release: from source to running"
ship 1 0 "1.0.0 first release" no

say "2. A good release while requests come in"
ship 2 0 "1.1.0 votes on ideas" yes
good=$(jq -r '"\(.sent) \(.failed)"' "$work/load.json")
echo "requests sent and failed during the release: $good"
if [[ $(jq .failed "$work/load.json") -ne 0 ]]; then
    jq . "$work/load.json" >&2
    echo "a good release must lose no request" >&2
    exit 1
fi

say "3. A release whose code answers 5xx once it has traffic"
ship 3 3 "1.2.0 broken under load" yes

say "   It opened an incident, which pages"
until_true "the sink takes a page" took incident.page
"$hauban" incident show i1
echo
"$hauban" incident ack i1
until_true "the sink hears that somebody has it" took incident.acknowledged
"$hauban" incident resolve i1
until_true "the sink hears that it is over" took incident.resolved
ended=$("$hauban" history dev --file "$file" --json | jq '[.[] | select(.id == "r3")][0].ended')
echo
printf '%-24s %-14s %s\n' "THE SINK TOOK" AT "AFTER THE RETURN"
jq -r --argjson ended "$ended" 'select(.body.incident.id == "i1")
    | [.event, (.body.at | split("T")[1]), "\(((.received - $ended) * 1000 | round) / 1000) s"] | @tsv' "$work/pages.jsonl" |
    while IFS=$'\t' read -r event at after; do printf '%-24s %-14s %s\n' "$event" "$at" "$after"; done
jq -e -s 'map(select(.body.incident.id == "i1"))[0].body.incident
    | .service == "api" and .releases[0].id == "r3" and .lastGoodRelease == "r2"' "$work/pages.jsonl" >/dev/null || {
    jq . "$work/pages.jsonl" >&2
    echo "the page must name the release and the last good one" >&2
    exit 1
}

say "4. A release whose migration fails"
ship 4 3 "1.3.0 migration fails" yes
if [[ $(jq .failed "$work/load.json") -ne 0 ]]; then
    jq . "$work/load.json" >&2
    echo "a migration that fails must change nothing" >&2
    exit 1
fi
until_true "the sink takes a page about release 4" grep -q ReleaseFailed "$work/pages.jsonl"
echo "it pages too: $(jq -r 'select(.body.incident.id == "i2" and .event == "incident.page").body.text' "$work/pages.jsonl")"

say "What runs now"
"$hauban" status dev --file "$file"
say "The history"
"$hauban" history dev --file "$file"
say "Verdicts"
printf '%-34s %-9s %6s  %-7s %7s %7s  %s\n' RELEASE VERDICT TOOK SERVES SENT FAILED ""
printf '%s\n' "${rows[@]}"
