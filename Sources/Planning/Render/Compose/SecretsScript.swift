import Spec

/// The script that makes the files of secrets: values for those that only containers know, and names for those that somebody
/// has to bring.
enum SecretsScript {
    static let path = "secrets/make.sh"

    /// - Parameter stacks: every environment of containers, so that the script is one whatever was asked for.
    static func artifact(_ stacks: [ComposeStack], _ source: String) -> Artifact? {
        let stacks = stacks.filter { !$0.secretNames.isEmpty }
        guard let first = stacks.first else { return nil }
        var lines =
            ["#!/bin/sh"] + Artifact.header(source).map { "# " + $0 } + [
                "# Makes the files of secrets that are not there; what is there stays as it is.",
                "#   sh \(path) \(first.environment)         passwords that nobody but containers has to know",
                "#   sh \(path) \(first.environment) --all   all of them, for a try: what others gave out opens nothing then",
                "set -eu",
                "umask 022",
                "cd \"$(dirname \"$0\")\"",
                "case ${1:-} in",
            ]
        for stack in stacks {
            let made = stack.madeSecrets.intersection(stack.secretNames)
            let own = stack.secretNames.filter { stack.isInFolder($0) }
            let brought = own.filter { !made.contains($0) }
            lines += [
                "    \(stack.environment))",
                "        made='\(own.filter(made.contains).joined(separator: " "))'",
                "        brought='\(brought.joined(separator: " "))'",
                "        ;;",
            ]
        }
        lines += [
            "    *)",
            "        echo \"usage: sh \(path) \(stacks.map(\.environment.text).joined(separator: "|")) [--all]\" >&2",
            "        exit 64",
            "        ;;",
            "esac",
            "if [ \"${2:-}\" = --all ]; then made=\"$made $brought\"; fi",
            "# Containers read them as users of their own; who may not enter the folder reads none.",
            "mkdir -p \"$1\"",
            "chmod 0700 \"$1\"",
            "for name in $made; do",
            "    if [ ! -e \"$1/$name\" ]; then",
            "        od -An -v -N24 -tx1 /dev/urandom | tr -d ' \\n' > \"$1/$name\"",
            "        chmod 0444 \"$1/$name\"",
            "    fi",
            "done",
            "missing=",
            "for name in $brought; do",
            "    if [ ! -e \"$1/$name\" ]; then missing=\"$missing $1/$name\"; fi",
            "done",
            "if [ -n \"$missing\" ]; then",
            "    echo \"to be brought, one value each, without a line break at its end:$missing\" >&2",
            "    exit 1",
            "fi",
        ]
        return Artifact(path: path, text: lines.joined(separator: "\n"), isExecutable: true)
    }
}
