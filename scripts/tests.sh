#!/usr/bin/env bash
# Runs the built tests in eight groups in turn, and names at the end of the output what failed in any of them.
# In turn: on two cores, sockets with deadlines go well neither with searches for crashes nor with much computing.
set -uo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0

group() {
    swift test --skip-build "$@" 2>&1 | tee -a "$log"
    [ "${PIPESTATUS[0]}" = 0 ] || status=1
}

group --filter FrontDoorTests
group --filter 'EndToEndTests\.(KillTests|KilledPartsTests|LeaseTests)'
group --filter 'EndToEndTests\.(CanaryKillTests|ServeTests|ServeKillTests)'
group --filter EndToEndTests --skip 'EndToEndTests\.(KillTests|KilledPartsTests|LeaseTests|CanaryKillTests|ServeTests|ServeKillTests|AWSApplyTests)'
group --filter EndToEndTests.AWSApplyTests
group --filter 'SpecTests|PlanningTests|ResponseTests'
group --filter ControlPlaneTests
group --skip 'FrontDoorTests|EndToEndTests|SpecTests|PlanningTests|ResponseTests|ControlPlaneTests'

if [ "$status" != 0 ]; then
    echo
    echo "What failed:"
    # Swift Testing marks with U+2718 what failed, and with U+21B3 what it said about it.
    grep -E -A 3 'recorded an issue|caught error|failed after|Fatal error|error: ' "$log" | grep -E '✘|↳|[Ee]rror: ' | tail -n 60
fi
exit "$status"
