#!/usr/bin/env bash
# Looks for inputs that crash: scripts/fuzz.sh SECONDS [FuzzSpec|FuzzRequests]. What it finds is in .build/fuzz/NAME/crash-*,
# what it learns in .build/fuzz/NAME/corpus, from where the next run goes on.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
only=${2:-}
export HAUBAN_FUZZ=1
# libFuzzer reports crashes itself.
export SWIFT_BACKTRACE=enable=no
for name in FuzzSpec FuzzRequests; do
    [[ -z $only || $only == "$name" ]] || continue
    swift build -c release --scratch-path .build/fuzzing --product "$name"
    work=.build/fuzz/$name
    mkdir -p "$work/corpus"
    case $name in
        FuzzSpec) seeds=Fuzz/seeds/spec options=(-max_len=8192) ;;
        FuzzRequests) seeds=Fuzz/seeds/requests options=(-max_len=1024 -dict=Fuzz/requests.dict) ;;
    esac
    .build/fuzzing/release/"$name" -max_total_time="$seconds" -artifact_prefix="$work/" -print_final_stats=1 \
        "${options[@]}" "$work/corpus" "$seeds"
done
