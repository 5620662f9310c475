#!/bin/sh
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Makes the files of secrets that are not there; what is there stays as it is.
#   sh secrets/make.sh dev         passwords that nobody but containers has to know
#   sh secrets/make.sh dev --all   all of them, for a try: what others gave out opens nothing then
set -eu
umask 022
cd "$(dirname "$0")"
case ${1:-} in
    dev)
        made='cache-agent cache-api cache-exporter cache-oauth-manager cache-sms cache-worker db-admin db-agent db-api db-exporter db-worker grafana-admin oauth-db-admin oauth-db-exporter oauth-db-oauth-manager'
        brought='gemini-key google-client-secret hauban-integration-key microsoft-client-secret notion-client-secret oauth-encryption-key session-key twilio-token youtube-client-secret'
        ;;
    prod)
        made='cache-agent cache-api cache-exporter cache-oauth-manager cache-sms cache-worker db-admin db-agent db-api db-exporter db-worker grafana-admin oauth-db-admin oauth-db-exporter oauth-db-oauth-manager'
        brought='gemini-key google-client-secret hauban-integration-key microsoft-client-secret notion-client-secret oauth-encryption-key session-key twilio-token youtube-client-secret'
        ;;
    staging)
        made='cache-agent cache-api cache-exporter cache-oauth-manager cache-sms cache-worker db-admin db-agent db-api db-exporter db-worker grafana-admin oauth-db-admin oauth-db-exporter oauth-db-oauth-manager'
        brought='gemini-key google-client-secret hauban-integration-key microsoft-client-secret notion-client-secret oauth-encryption-key session-key twilio-token youtube-client-secret'
        ;;
    *)
        echo "usage: sh secrets/make.sh dev|prod|staging [--all]" >&2
        exit 64
        ;;
esac
if [ "${2:-}" = --all ]; then made="$made $brought"; fi
# Containers read them as users of their own; who may not enter the folder reads none.
mkdir -p "$1"
chmod 0700 "$1"
for name in $made; do
    if [ ! -e "$1/$name" ]; then
        od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n' > "$1/$name"
        chmod 0444 "$1/$name"
    fi
done
missing=
for name in $brought; do
    if [ ! -e "$1/$name" ]; then missing="$missing $1/$name"; fi
done
if [ -n "$missing" ]; then
    echo "to be brought, one value each, without a line break at its end:$missing" >&2
    exit 1
fi
