#!/bin/sh
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Ships a release: databases and settings, then migrations, then services. Ends with 0 only when all of it serves.
#   sh deploy/kubernetes/apply.sh ENVIRONMENT TAG [FOLDER]
# FOLDER is overlays (the default) or cilium.
set -eu
[ $# -ge 2 ] || { echo "usage: apply.sh prod|prod-second-cloud|staging TAG [FOLDER]" >&2; exit 64; }
case $1 in
prod) namespace=consciousness-engine-prod context='engine-prod' ;;
prod-second-cloud) namespace=consciousness-engine-prod-second-cloud context='engine-prod-second' ;;
staging) namespace=consciousness-engine-staging context='engine-staging' ;;
*) echo "no environment '$1': prod|prod-second-cloud|staging" >&2; exit 64 ;;
esac
case $2 in *[!A-Za-z0-9._-]*) echo "'$2' is no tag of an image" >&2; exit 64 ;; esac
kubectl() { command kubectl --context "$context" "$@"; }
here=$(dirname "$0")
files=$(mktemp)
trap 'rm -f "$files"' EXIT
command kubectl kustomize "$here/${3:-overlays}/$1" >"$files.raw"
sed -e "s/\(image: .*:\)unreleased\$/\1$2/" -e "s/\(value: .*\)unreleased/\1$2/" \
    "$files.raw" >"$files"
rm -f "$files.raw"

# A Job cannot be changed: the one of the release before goes first.
kubectl delete job --namespace "$namespace" --selector app.kubernetes.io/component=migration --ignore-not-found
kubectl apply --filename "$files" --selector 'after!=migration'

# A migration ends by its deadline at the latest, well or not.
jobs=$(kubectl get jobs --namespace "$namespace" --selector app.kubernetes.io/component=migration --output name)
for job in $jobs; do
    while :; do
        ended=$(kubectl get "$job" --namespace "$namespace" --output \
            'jsonpath={.status.conditions[?(@.status=="True")].type}')
        case $ended in
        *Failed*)
            kubectl logs "$job" --namespace "$namespace" --all-containers --tail 50 >&2 || true
            echo "$job failed: no service was touched" >&2
            exit 1
            ;;
        *Complete*) break ;;
        esac
        sleep 2
    done
done

kubectl apply --filename "$files" --selector 'after=migration'

failed=
for name in $(kubectl get deployments --namespace "$namespace" --output name); do
    if ! kubectl rollout status "$name" --namespace "$namespace" --timeout 600s; then
        kubectl rollout undo "$name" --namespace "$namespace"
        failed="$failed $name"
    fi
done
# A canary that is not good goes back by itself.
for name in $(kubectl get rollouts --namespace "$namespace" --output name); do
    kubectl wait "$name" --namespace "$namespace" --for jsonpath='{.status.phase}'=Healthy --timeout 3000s ||
        failed="$failed $name"
done
[ -z "$failed" ] || { echo "returned:$failed" >&2; exit 1; }
