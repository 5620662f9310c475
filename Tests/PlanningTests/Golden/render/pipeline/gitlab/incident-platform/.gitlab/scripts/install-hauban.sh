#!/usr/bin/env bash
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# Installs the hauban that .hauban-release names, and no other. That file is the team's own, is reviewed as code is,
# and has three lines; the checksum is that of the archive, as its release says it:
#
#   version=VERSION
#   url=https://…/hauban-VERSION-linux-x86_64.tar.gz
#   sha256=64 HEXADECIMAL DIGITS
set -euo pipefail

pin=.hauban-release
value() { sed -n "s/^$1=//p" "$pin"; }
if [ ! -f "$pin" ]; then
  echo "$pin is not there: $0 says what stands in it" >&2
  exit 1
fi
version=$(value version) url=$(value url) sha256=$(value sha256)
case $url in
  https://*) ;;
  *) echo "$pin: url has to begin with https://" >&2; exit 1 ;;
esac
if ! [[ $sha256 =~ ^[0-9a-f]{64}$ ]]; then
  echo "$pin: sha256 has to be 64 hexadecimal digits" >&2
  exit 1
fi

folder=${HAUBAN_FOLDER:-$HOME/.local/bin}
archive=$(mktemp)
trap 'rm -f "$archive"' EXIT
curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --retry 3 --output "$archive" "$url"
# Before anything of it is unpacked or run.
echo "$sha256  $archive" | sha256sum --check --quiet
mkdir -p "$folder"
tar --extract --gzip --file "$archive" --directory "$folder" hauban
if [ -n "${GITHUB_PATH:-}" ]; then
  echo "$folder" >> "$GITHUB_PATH"
fi
echo "hauban $version in $folder"
