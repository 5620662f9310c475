import Spec

/// Every guideline as one document, docs/policies.md, and as the page that `hauban explain ID` prints.
package enum GuidelineCatalogue {
    package static var markdown: String {
        var out = """
            # Policies

            This file is generated from the rules themselves (`UPDATE_GOLDEN=1 make test`); do not edit it.

            `hauban check` says first what is wrong with hauban.yaml ([diagnostics.md](diagnostics.md)), then what those who run
            such platforms would say in review of a file that is right: the \(Guidelines.all.count) policies below. Each looks at
            hauban.yaml, or at a Dockerfile, a Compose file or a workflow that the repository already has. What `hauban render` wrote is
            left alone: it is mended in hauban.yaml. `hauban explain ID` prints one of them.

            ## Levels

            A policy weighs more where there are users. What an environment is for is said by its `purpose`; else it is
            **production** when it is shipped by a tag, waits for an approval or a soak, is what another one must be `like`, or is
            called `prod`, `production` or `live`, alone or in front of a hyphen; **development** when it is this machine, reloads,
            opens its ports, is called `dev`, `development`, `demo` or `sandbox`, or is shipped by no branch and known by no
            domain; **staging** otherwise. Files are judged by the strictest
            environment, those with `dev`, `local`, `override` or `test` in their names as development.

            | level | |
            |---|---|
            | `note` | said, and nothing more |
            | `warning` | said; `hauban check` still succeeds |
            | `error` | `hauban check` fails |

            `policies` sets another one, for the platform or in one environment:

            ```yaml
            policies: {no-slo: off, no-limits: error}
            environments:
              demo: {target: docker, policies: {no-tls: off}}
            ```

            ## Waivers

            One finding is set aside in writing and for a time. `scope` is a path of hauban.yaml; `file` a Dockerfile, Compose file or
            workflow, or a folder of them:

            ```yaml
            waivers:
              old-clients:
                rule: old-tls
                environment: prod
                reason: The tills of two shops speak TLS 1.2 until they are replaced in spring.
                owner: shop
                expires: 2027-03-31
              base-image: {rule: docker-root, file: services/legacy, reason: replaced in June, owner: shop, expires: 2027-06-30}
            ```

            ## How staging differs from production

            `like: prod` says that an environment must be as another one but for its size. `staging-unlike-production` tells in how many
            ways it is not, and `hauban check --parity` lists each difference with both values and where it was written, those that may be
            among them: **size** (`scale`, `size`, `storage`, `standby`, `hosts`, `regions`, `server`, `budget`), **place** and shipping
            (`branch`, `tag`, `domain`, `project`, `registry` and the like), and **response**, who is told of what. Where no environment
            says `like`, each staging is compared with the first production. With `--json` it is
            [for programs](cli-json.md#check---parity---json).

            ## All of them


            """
        out += table + "\n"
        for guideline in Guidelines.all { out += "\n## \(guideline.id)\n\n**\(guideline.title).** " + page(guideline) }
        return out
    }

    /// What `hauban explain ID` prints for a terminal, ending with a line end.
    package static func text(_ guideline: Guideline) -> String {
        let serves = guideline.serves.joined(separator: ", ")
        return """
            \(guideline.title)

            \(DiagnosticPage.wrap(guideline.reason))
            \(DiagnosticPage.wrap(guideline.fix))

            Looks at \(guideline.subject.words). \(words(guideline.levels)) Serves \(serves).

            Bad:

            \(indent(guideline.bad))

            Good:

            \(indent(guideline.good))

            """
    }

    private static var table: String {
        var lines = ["| id | looks at | production | staging | development | |", "|---|---|---|---|---|---|"]
        for guideline in Guidelines.all {
            let levels = [guideline.levels.production, guideline.levels.staging, guideline.levels.development]
                .map { $0?.rawValue ?? "" }.joined(separator: " | ")
            let link = "[\(guideline.id)](#\(guideline.id))"
            lines.append("| \(link) | \(guideline.subject.words) | \(levels) | \(guideline.title) |")
        }
        return lines.joined(separator: "\n")
    }

    private static func page(_ guideline: Guideline) -> String {
        let language = guideline.subject == .dockerfile ? "dockerfile" : "yaml"
        return """
            \(DiagnosticPage.wrap(guideline.reason))

            \(DiagnosticPage.wrap(guideline.fix)) Serves \(guideline.serves.joined(separator: ", ")).

            ```\(language)
            # bad
            \(guideline.bad)
            ```

            ```\(language)
            # good
            \(guideline.good)
            ```

            """
    }

    private static func words(_ levels: GuidelineLevels) -> String {
        let parts = Environment.Purpose.allCases.sorted(by: >).compactMap { purpose in
            levels[purpose].map { "\($0.rawValue) in \(purpose.rawValue)" }
        }
        return "A " + parts.joined(separator: ", ") + "."
    }

    private static func indent(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    " + $0 }
            .joined(separator: "\n")
    }
}

extension Guideline.Subject {
    package var words: String {
        switch self {
        case .platform: "hauban.yaml"
        case .dockerfile: "Dockerfiles"
        case .compose: "Compose files"
        case .workflow: "workflows"
        }
    }
}
