import Spec

/// Ships a release with nothing but kubectl: in the order that Argo CD and Flux keep by themselves.
enum ApplyScript {
    static func artifact(_ stacks: [KubeStack], source: String) -> Artifact {
        var cases: [String] = []
        for stack in stacks {
            let context = stack.place.settings.context.map { quoted($0) } ?? "\"$(kubectl config current-context)\""
            cases.append("\(stack.place.name)) namespace=\(stack.namespace) context=\(context) ;;")
        }
        let names = stacks.map { $0.place.name.text }.joined(separator: "|")
        var lines = ["#!/bin/sh"] + Artifact.header(source).map { "# " + $0 }
        lines += [
            "# Ships a release: databases and settings, then migrations, then services. Ends with 0 only when all of it serves.",
            "#   sh \(path) ENVIRONMENT TAG [FOLDER]",
            "# FOLDER is overlays (the default) or cilium.",
            "set -eu",
            "[ $# -ge 2 ] || { echo \"usage: apply.sh \(names) TAG [FOLDER]\" >&2; exit 64; }",
            "case $1 in",
        ]
        lines += cases
        lines += [
            "*) echo \"no environment '$1': \(names)\" >&2; exit 64 ;;",
            "esac",
            "case $2 in *[!A-Za-z0-9._-]*) echo \"'$2' is no tag of an image\" >&2; exit 64 ;; esac",
            "kubectl() { command kubectl --context \"$context\" \"$@\"; }",
            "here=$(dirname \"$0\")",
            "files=$(mktemp)",
            "trap 'rm -f \"$files\"' EXIT",
            "command kubectl kustomize \"$here/${3:-overlays}/$1\" >\"$files.raw\"",
            "sed -e \"s/\\(image: .*:\\)\(KubeStack.release)\\$/\\1$2/\" -e \"s/\\(value: .*\\)\(KubeStack.release)/\\1$2/\" \\",
            "    \"$files.raw\" >\"$files\"",
            "rm -f \"$files.raw\"",
            "",
            "# A Job cannot be changed: the one of the release before goes first.",
            "kubectl delete job --namespace \"$namespace\" --selector app.kubernetes.io/component=migration --ignore-not-found",
            "kubectl apply --filename \"$files\" --selector '\(KubeStack.afterLabel)!=migration'",
            "",
            "# A migration ends by its deadline at the latest, well or not.",
            "jobs=$(kubectl get jobs --namespace \"$namespace\" --selector app.kubernetes.io/component=migration --output name)",
            "for job in $jobs; do",
            "    while :; do",
            "        ended=$(kubectl get \"$job\" --namespace \"$namespace\" --output \\",
            "            'jsonpath={.status.conditions[?(@.status==\"True\")].type}')",
            "        case $ended in",
            "        *Failed*)",
            "            kubectl logs \"$job\" --namespace \"$namespace\" --all-containers --tail 50 >&2 || true",
            "            echo \"$job failed: no service was touched\" >&2",
            "            exit 1",
            "            ;;",
            "        *Complete*) break ;;",
            "        esac",
            "        sleep 2",
            "    done",
            "done",
            "",
            "kubectl apply --filename \"$files\" --selector '\(KubeStack.afterLabel)=migration'",
            "",
            "failed=",
        ]
        lines += watched(stacks)
        lines += ["[ -z \"$failed\" ] || { echo \"returned:$failed\" >&2; exit 1; }"]
        return Artifact(path: path, text: lines.joined(separator: "\n"), isExecutable: true)
    }

    static let path = "\(KubernetesRenderer.folder)/apply.sh"

    private static func watched(_ stacks: [KubeStack]) -> [String] {
        let isCanary = stacks.contains { $0.services.contains { stack in stack.service.rollout.way == .canary } }
        let wait =
            stacks.flatMap(\.services).map { _, service in
                KubeStack.seconds((service.health ?? .tcp).start) * 4
            }.max() ?? 600
        var lines = [
            "for name in $(kubectl get deployments --namespace \"$namespace\" --output name); do",
            "    if ! kubectl rollout status \"$name\" --namespace \"$namespace\" --timeout \(max(600, wait))s; then",
            "        kubectl rollout undo \"$name\" --namespace \"$namespace\"",
            "        failed=\"$failed $name\"",
            "    fi",
            "done",
        ]
        if isCanary {
            let canaries = stacks.flatMap(\.services).filter { $0.service.rollout.way == .canary }
            let longest =
                canaries.map { _, service in
                    (service.rollout.steps.count + 1) * KubeStack.seconds(service.rollout.hold)
                }.max() ?? 0
            lines += [
                "# A canary that is not good goes back by itself.",
                "for name in $(kubectl get rollouts --namespace \"$namespace\" --output name); do",
                "    kubectl wait \"$name\" --namespace \"$namespace\" --for jsonpath='{.status.phase}'=Healthy "
                    + "--timeout \(2 * longest + 600)s ||",
                "        failed=\"$failed $name\"",
                "done",
            ]
        }
        return lines
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
