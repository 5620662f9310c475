#!/usr/bin/env bash
# The five platforms pass `hauban check`, and the cognitive sprint passes its own tests.
set -euo pipefail
cd "$(dirname "$0")/.."
for file in Examples/*/hauban.yaml; do
    .build/debug/hauban check --file "$file"
done
Examples/cognitive-sprint/scripts/check.sh
