#!/usr/bin/env bash
# What decides touches nothing: no clock, file, process, randomness or printing in Spec, Planning and Response; and no
# import that the architecture does not draw. The compiler proves the rest (explicit target dependencies).
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

complain() {
    echo "$1" >&2
    echo "$2" >&2
    failed=1
}

for target in Spec Planning Response; do
    [[ -d Sources/$target ]] || continue
    hits=$(grep -rnE '\b(FileManager|FileHandle|Process\(|ProcessInfo|URLSession|Date\(\)|Date\.now|ContinuousClock|SuspendingClock|Task\.sleep|UUID\(\)|SystemRandomNumberGenerator|\.random\(|getenv|fopen|Glibc|import Foundation\b|import Dispatch)|(^|[^.A-Za-z])print\(' \
        "Sources/$target" --include='*.swift' | grep -vE '^[^:]+:[0-9]+: *///' || true)
    [[ -z $hits ]] || complain "Sources/$target decides and must touch nothing:" "$hits"
done

# The imports that docs/ARCHITECTURE.md draws, ours and the third parties'.
declare -A allowed=(
    [Spec]="Yams"
    [Planning]="Spec"
    [Response]="Spec"
    [World]="CLinux Spec AsyncHTTPClient NIOCore NIOHTTP1 NIOSSL Crypto Subprocess SystemPackage"
    [FrontDoor]="CLinux NIOCore NIOPosix NIOHTTP1 NIOHTTP2 NIOHPACK NIOSSL NIOTLS Histogram"
    [Delivery]="CLinux Planning Spec World FrontDoor GRDB"
    [ControlPlane]="Response Spec World FrontDoor NIOCore NIOPosix NIOSSL Crypto CryptoExtras GRDB"
    [hauban]="Spec Planning Response World FrontDoor Delivery ControlPlane ArgumentParser"
    [TestKit]="Spec World"
    [DoorKit]="FrontDoor NIOCore NIOEmbedded"
)
system="Foundation FoundationEssentials Glibc Dispatch Synchronization Testing Swift"
for target in "${!allowed[@]}"; do
    while IFS=: read -r file line module; do
        [[ " ${allowed[$target]} $system " == *" $module "* ]] || complain "$file:$line: $target must not import" "$module"
    done < <(grep -rnE '^(package |internal |private |@preconcurrency )*import [A-Za-z_0-9]+' "Sources/$target" --include='*.swift' \
        | sed -E 's/^([^:]+):([0-9]+):.*import ([A-Za-z_0-9]+).*/\1:\2:\3/')
done

# A copy of a page of the house style that is easy to forget.
hits=$(grep -rnE 'try!|fatalError\(|Task\.detached|DispatchSemaphore' Sources --include='*.swift' || true)
[[ -z $hits ]] || complain "our style has a better way for these:" "$hits"
exit $failed
