/// Parts of a workflow, in the order in which people write them.
enum GitHubText {
    /// Runners and their tools change under `latest`.
    static let runner = "ubuntu-24.04"

    /// With `pipefail`, which the runner's own choice of bash lacks.
    static let shell = YAMLEntry("defaults", .map([YAMLEntry("run", .map([YAMLEntry("shell", "bash")]))]))

    static func uses(
        _ name: String, _ action: GitHubAction, id: String? = nil, condition: String? = nil, comment: String? = nil,
        with: [YAMLEntry] = []
    ) -> YAMLTree {
        var entries = [YAMLEntry("name", .text(name))]
        if let id { entries.append(YAMLEntry("id", .text(id))) }
        if let condition { entries.append(YAMLEntry("if", .text(condition))) }
        entries.append(YAMLEntry("uses", action.tree))
        if !with.isEmpty { entries.append(YAMLEntry("with", .map(with))) }
        return comment.map { .commented($0, .map(entries)) } ?? .map(entries)
    }

    static func run(
        _ name: String, _ script: String, folder: String? = nil, condition: String? = nil, env: [YAMLEntry] = [],
        id: String? = nil, comment: String? = nil
    ) -> YAMLTree {
        var entries = [YAMLEntry("name", .text(name))]
        if let id { entries.append(YAMLEntry("id", .text(id))) }
        if let condition { entries.append(YAMLEntry("if", .text(condition))) }
        if let folder, !folder.isEmpty { entries.append(YAMLEntry("working-directory", .text(folder))) }
        if !env.isEmpty { entries.append(YAMLEntry("env", .map(env))) }
        entries.append(YAMLEntry("run", .text(script)))
        return comment.map { .commented($0, .map(entries)) } ?? .map(entries)
    }

    static func entry(_ key: String, _ text: String, comment: String? = nil) -> YAMLEntry {
        YAMLEntry(key, .text(text), comment: comment)
    }

    /// `${{ … }}`
    static func value(_ expression: String) -> String { "${{ " + expression + " }}" }

    static func checkout(history: String? = nil) -> YAMLTree {
        var with: [YAMLEntry] = []
        if let history { with.append(YAMLEntry("fetch-depth", 0, comment: history)) }
        // The token would lie in .git/config, where every later step can read it.
        with.append(YAMLEntry("persist-credentials", false))
        return uses("Check out", .checkout, with: with)
    }

    static func permissions(_ rights: [(String, String, String)]) -> YAMLTree {
        .map(rights.map { YAMLEntry($0.0, .remarked($0.2, .text($0.1))) })
    }

    /// What reading the repository takes, and nothing else.
    static let reading: YAMLTree = permissions([("contents", "read", "check out")])

    static func job(
        _ name: String, needs: [String] = [], condition: String? = nil, runner: String = runner,
        permissions: YAMLTree = reading, minutes: Int,
        more: [YAMLEntry] = [], steps: [YAMLTree]
    ) -> YAMLTree {
        var entries = [YAMLEntry("name", .text(name))]
        if !needs.isEmpty { entries.append(YAMLEntry("needs", .row(needs.map { .text($0) }))) }
        if let condition { entries.append(YAMLEntry("if", .text(condition))) }
        entries.append(YAMLEntry("runs-on", .text(runner)))
        entries.append(YAMLEntry("timeout-minutes", .integer(minutes)))
        entries.append(YAMLEntry("permissions", permissions))
        entries += more
        entries.append(YAMLEntry("steps", .list(steps)))
        return .map(entries)
    }

    /// Stores as containers beside a job, healthy before its first step.
    static func services(_ stores: TestStores) -> [YAMLEntry] {
        guard !stores.stores.isEmpty else { return [] }
        let entries = stores.stores.map { store in
            var parts = [entry("image", store.image)]
            if store.isPostgres {
                parts.append(
                    YAMLEntry(
                        "env", .map([entry("POSTGRES_DB", store.database), entry("POSTGRES_PASSWORD", "postgres")])))
            }
            parts.append(
                YAMLEntry("ports", .list([.text("127.0.0.1:\(store.port):\(store.isPostgres ? 5432 : 6379)")])))
            let ask = store.isPostgres ? "pg_isready --username postgres" : "redis-cli ping"
            parts.append(
                entry("options", "--health-cmd \"\(ask)\" --health-interval 2s --health-timeout 5s --health-retries 30")
            )
            return YAMLEntry(store.name, .map(parts))
        }
        var all = [YAMLEntry("services", .map(entries), comment: "For the tests alone: empty, and gone with the job.")]
        if !stores.variables.isEmpty {
            all.append(YAMLEntry("env", .map(stores.variables.map { entry($0.name, $0.value) })))
        }
        return all
    }
}
