import Spec

/// Scripts that a pipeline runs, whole files for a shell.
enum PipelineScripts {
    /// Of github.com/gitleaks/gitleaks, whose module is `github.com/zricethezav/gitleaks/v8` (go.mod at its tag v8.30.1).
    static let gitleaks = "8.30.1"
    /// Of golang.org/x/vuln (tag v1.6.0 of github.com/golang/vuln).
    static let govulncheck = "1.6.0"

    /// A word of a shell's line.
    static func word(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                || "-_./:@=+,".utf8.contains(byte)
        }
        return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }

    static func head(_ source: String, _ lines: [String]) -> String {
        (["#!/usr/bin/env bash"] + Artifact.header(source).map { "# " + $0 } + ["#"]
            + lines.map { $0.isEmpty ? "#" : "# " + $0 }
            + ["set -euo pipefail", ""]).joined(separator: "\n") + "\n"
    }

    /// The file that says which hauban the pipeline runs; written by the team, never rendered.
    static let pin = ".hauban-release"

    static func install(_ source: String) -> String {
        head(
            source,
            [
                "Installs the hauban that \(pin) names, and no other. That file is the team's own, is reviewed as code is,",
                "and has three lines; the checksum is that of the archive, as its release says it:",
                "",
                "  version=VERSION",
                "  url=https://…/hauban-VERSION-linux-x86_64.tar.gz",
                "  sha256=64 HEXADECIMAL DIGITS",
            ]) + """
                pin=\(pin)
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

                """
    }

    /// Compares trees and not commits: what was merged into the branch that is tagged has another commit.
    static func soaked(_ source: String) -> String {
        head(
            source,
            [
                "soaked.sh ENVIRONMENT SECONDS: waits until what is released here has been kept in ENVIRONMENT for so long.",
                "Kept: released there well, and nothing else released there before the time was over. The same files are the",
                "same release, whatever commit they came with. Fails when it was never released there, or was replaced.",
            ]) + """
                environment=$1 seconds=$2
                api() { gh api "repos/$GITHUB_REPOSITORY/$1" --jq "$2"; }
                tree=$(api "git/commits/$GITHUB_SHA" .tree.sha)

                # Prints the times of success and of replacement (or nothing) of the newest release of these files there.
                times() {
                  local id sha
                  api "deployments?environment=$environment&per_page=100" '.[] | "\\(.id) \\(.sha)"' |
                    while read -r id sha; do
                      if [ "$(api "git/commits/$sha" .tree.sha)" = "$tree" ]; then
                        # shellcheck disable=SC2016 # The dollar is jq's.
                    api "deployments/$id/statuses?per_page=100" 'sort_by(.created_at) |
                          ([.[] | select(.state == "success")][0].created_at // empty) as $good |
                          "\\($good) \\([.[] | select(.state == "inactive" and .created_at >= $good)][0].created_at // "")"'
                        # The rest of the list is read, so that who writes it is not cut off.
                        cat > /dev/null
                      fi
                    done
                }

                while :; do
                  read -r good replaced <<< "$(times)" || true
                  if [ -z "$good" ]; then
                    echo "these files were not released to $environment: release them there first" >&2
                    exit 1
                  fi
                  end=$(date --date "${replaced:-now}" +%s)
                  left=$((seconds - (end - $(date --date "$good" +%s))))
                  if [ "$left" -le 0 ]; then
                    echo "kept in $environment since $good"
                    exit 0
                  fi
                  if [ -n "$replaced" ]; then
                    echo "replaced in $environment at $replaced, $left s too early" >&2
                    exit 1
                  fi
                  echo "in $environment since $good: $left s to go"
                  sleep "$left"
                done

                """
    }

    // MARK: Packages of sources, from the folder of hauban.yaml

    static func nodeInstall(_ source: SourceFiles) -> String {
        source.image.folder.isEmpty ? source.nodeInstall : source.nodeInstall + " --prefix \(word(source.image.folder))"
    }

    /// Python's tools that a package has the name of; each takes the version that the sources pin.
    private static let pythonTools = [
        "ruff", "black", "mypy", "flake8", "isort", "pylint", "bandit", "pytest", "pip-audit", "coverage",
    ]

    static func pythonInstall(_ sources: [SourceFiles], _ commands: [String]) -> String {
        var words: [String] = []
        for source in sources {
            if source.hasRequirements {
                words.append("--requirement " + word(source.image.path("requirements.txt")))
            } else {
                words.append("./" + word(source.image.folder))
            }
            if let own = source.developmentRequirements {
                words.append("--requirement " + word(source.image.path(own)))
            }
        }
        var tools = pythonTools.filter { tool in commands.contains { $0.split(separator: " ").first == tool[...] } }
        if commands.contains(where: { $0.contains("--cov") }) { tools.append("pytest-cov") }
        if !tools.isEmpty { words.append(tools.joined(separator: " ")) }
        return "pip install \\\n" + words.map { "  " + $0 }.joined(separator: " \\\n") + "\n"
    }

    // MARK: Google without a key

    static func googleToken(_ source: String) -> String {
        head(
            source,
            [
                "Prints a token of Google Cloud for the deployer's account, good for an hour, in exchange for the token of this",
                "job (Security Token Service v1 `token`, IAM Credentials v1 `generateAccessToken`). Reads GOOGLE_PROJECT, GOOGLE_PROVIDER",
                "and GOOGLE_ID_TOKEN.",
            ]) + """
                scope=https://www.googleapis.com/auth/cloud-platform
                federated=$(jq --null-input --arg audience "//iam.googleapis.com/$GOOGLE_PROVIDER" --arg token "$GOOGLE_ID_TOKEN" --arg scope "$scope" '{
                  grantType: "urn:ietf:params:oauth:grant-type:token-exchange", audience: $audience, scope: $scope,
                  requestedTokenType: "urn:ietf:params:oauth:token-type:access_token", subjectToken: $token,
                  subjectTokenType: "urn:ietf:params:oauth:token-type:jwt"}' |
                  curl --fail --silent --show-error --header 'Content-Type: application/json' --data @- \\
                    https://sts.googleapis.com/v1/token | jq --exit-status --raw-output .access_token)
                account="sa-deployer@$GOOGLE_PROJECT.iam.gserviceaccount.com"
                jq --null-input --arg scope "$scope" '{scope: [$scope], lifetime: "3600s"}' |
                  curl --fail --silent --show-error --header "Authorization: Bearer $federated" \\
                  --header 'Content-Type: application/json' --data @- \\
                  "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/$account:generateAccessToken" |
                  jq --exit-status --raw-output .accessToken

                """
    }
}
