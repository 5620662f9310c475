import Spec

extension GitHubFiles {
    /// Static analysis; what stops a merge is said by the rule in protect.sh.
    var codeql: YAMLTree {
        let languages = plan.languages
        let hasSwift = languages.contains("swift")
        let rows: [YAMLTree] = languages.map { language in
            // Interpreted languages are read as they are; Go and Swift are watched while they are built.
            var row = [
                GitHubText.entry("language", language),
                GitHubText.entry("mode", ["go", "swift"].contains(language) ? "autobuild" : "none"),
            ]
            // CodeQL reads Swift on macOS only.
            if hasSwift { row.append(GitHubText.entry("runner", language == "swift" ? "macos-15" : GitHubText.runner)) }
            return .map(row)
        }
        let steps = [
            GitHubText.checkout(),
            GitHubText.uses(
                "Begin", GitHubAction.codeql.part("init"),
                with: [
                    GitHubText.entry("languages", GitHubText.value("matrix.language")),
                    GitHubText.entry("build-mode", GitHubText.value("matrix.mode")),
                    GitHubText.entry("queries", "security-extended"),
                ]),
            GitHubText.uses(
                "Analyse", GitHubAction.codeql.part("analyze"),
                with: [GitHubText.entry("category", "/language:\(GitHubText.value("matrix.language"))")]),
        ]
        let permissions = GitHubText.permissions([
            ("contents", "read", "check out"), ("security-events", "write", "tell code scanning what was found"),
        ])
        let job = GitHubText.job(
            GitHubText.value("matrix.language"),
            runner: hasSwift ? GitHubText.value("matrix.runner") : GitHubText.runner,
            permissions: permissions, minutes: 60,
            more: [
                YAMLEntry(
                    "strategy",
                    .map([
                        YAMLEntry("fail-fast", false), YAMLEntry("matrix", .map([YAMLEntry("include", .list(rows))])),
                    ]))
            ], steps: steps)
        let push: YAMLTree = .map([YAMLEntry("branches", .row(branches.map { .text($0) }))])
        let on: YAMLTree = .map([
            YAMLEntry("pull_request", .map([])),
            YAMLEntry("push", push, comment: "What a pull request is compared with."),
            YAMLEntry(
                "schedule", .list([.pairs([("cron", "43 3 * * 2")])]), comment: "Queries learn without a commit."),
        ])
        return .map([
            YAMLEntry("name", "CodeQL"), YAMLEntry("on", on),
            YAMLEntry("permissions", .map([]), comment: "Each job asks for what it needs."),
            YAMLEntry(
                "concurrency",
                .map([
                    GitHubText.entry("group", "codeql-\(GitHubText.value("github.ref"))"),
                    YAMLEntry("cancel-in-progress", .text(GitHubText.value("github.event_name == 'pull_request'"))),
                ])), YAMLEntry("jobs", .map([YAMLEntry("analyse", job)])),
        ])
    }

    /// Branches that are kept: those of environments, and the one that releases are tagged on.
    var branches: [String] {
        var names: Set<String> = [subject.base.repository?.branch ?? "main"]
        for way in plan.ways { if case .branch(let name) = way.event { names.insert(name) } }
        return names.sorted()
    }
}
