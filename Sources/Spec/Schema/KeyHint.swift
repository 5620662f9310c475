/// Finds what the author may have meant by a word that the language does not know.
package enum KeyHint {
    /// A word of a neighbouring tool.
    private struct Synonym: Sendable {
        /// What this language calls it.
        var key: String
        /// What to write, when the value changes too; `nil` when the word alone is replaced.
        var instead: String?

        init(_ key: String, _ instead: String? = nil) {
            self.key = key
            self.instead = instead
        }
    }

    /// Words of neighbouring tools; the first whose key the record knows is meant.
    private static let synonyms: [String: [Synonym]] = {
        var table: [String: [Synonym]] = [:]
        func same(_ key: String, _ words: String...) {
            for word in words { table[word, default: []].append(Synonym(key)) }
        }
        func other(_ key: String, _ instead: String, _ words: String...) {
            for word in words { table[word, default: []].append(Synonym(key, instead)) }
        }
        same("scale", "replicas", "instances")
        same("env", "environment", "environ", "variables")
        same("run", "command", "cmd", "start", "entrypoint")
        same("port", "listen", "container_port", "containerport")
        same("host", "hostname", "domains")
        same("source", "context", "directory", "dir", "folder")
        same("migrate", "migration", "migrations")
        same("compatible", "backward-compatible", "backwards-compatible", "backward_compatible", "expand", "reversible")
        other("compatible", "Write `compatible: false`.", "contract", "breaking", "incompatible")
        same("failures", "threshold", "retries")
        same("ready", "readiness")
        same("live", "liveness")
        same("level", "severity", "priority")
        same("promql", "expr", "query")
        same("for", "duration")
        same("labels", "tags")
        same("kind", "type", "engine")
        same("keep", "retention")
        same("every", "frequency", "interval")
        same("people", "members", "users")
        same("zone", "timezone", "tz")
        same("escalate", "escalation", "escalation_policy", "steps")
        same("acknowledgement-holds", "acknowledge-within", "ack_timeout", "acknowledgement_timeout")
        same("repeat", "repeat_interval", "num_loops", "rounds")
        same("wait", "group_wait")
        same("interval", "group_interval")
        same("group", "group_by")
        same("match", "matchers", "labels", "match_re")
        same("while", "source_matchers", "source_match", "source")
        same("mute", "target_matchers", "target_match", "target")
        same("inhibit", "inhibit_rules", "inhibition", "inhibitions")
        same("notify", "receivers", "notifications", "notifiers", "providers", "contact_points")
        same("actions", "runbooks", "remedies")
        same("maintenance", "mute_time_intervals", "time_intervals", "windows")
        same("fields", "mapping")
        same("quiet", "quiet-hours", "dnd")
        same("order", "contacts", "methods", "ways")
        same("to", "receiver", "notify")
        same("rollout", "strategy")
        same("steps", "weights", "shares")
        same("hold", "pause")
        same("by", "sticky", "affinity")
        same("schedule", "cron")
        same("platform", "name")
        same("month", "limit")
        same("budget", "cost")
        other("hauban", "The format's version is the line `hauban: 1`.", "version", "apiversion")
        other(
            "uses", "`uses` is a map from what it needs to the access: `uses: {db: write}`.", "depends_on", "depends",
            "links", "needs", "networks")
        other(
            "port", "`port` is one number, the port that the service listens on; `expose` says where it is reached.",
            "ports")
        other(
            "health", "`health` names what is asked: `health: {ready: /health, live: /live}`.", "healthcheck", "probes",
            "livenessprobe", "readinessprobe")
        other("expose", "`expose` says where it is reached: `expose: {host: www, path: /}`.", "ingress", "routes")
        other("size", "`size` says what a replica may take: `size: {cpu: 250m, memory: 256Mi}`.", "limits", "deploy")
        other("size", "`size` says what a replica may take: `size: {cpu: 250m, memory: 256Mi}`.", "resources")
        other("scale", "`scale` says how many: `scale: {min: 2, max: 6, cpu: 70%}`.", "autoscale", "hpa")
        other("uses", "What keeps data is one of `resources`, and the service names it under `uses`.", "volumes")
        other("resources", "What keeps data is one of `resources`.", "volumes", "databases")
        return table
    }()

    /// Whether a word is a slip of a key or a neighbouring tool's word for it.
    static func means(_ word: String, _ key: String) -> Bool {
        synonyms[word.lowercased()]?.contains { $0.key == key } == true || nearest(to: word, among: [key]) != nil
    }

    /// The key that a word is a slip of, or that says what a neighbouring tool says with it.
    static func meant(by word: String, among known: [String]) -> String? {
        synonyms[word.lowercased()]?.first { known.contains($0.key) }?.key ?? nearest(to: word, among: known)
    }

    /// - Parameters:
    ///   - free: those of the known keys that the record does not hold yet.
    /// - Returns: the known word to write, if one is near, and a sentence.
    package static func hint(
        for word: String, among known: [String], free: [String]? = nil, in record: String
    ) -> (help: String, replacement: String?) {
        let free = free ?? known
        if let meant = synonyms[word.lowercased()]?.first(where: { known.contains($0.key) }) {
            if let instead = meant.instead { return (instead, nil) }
            let help = "The \(record) says this with `\(meant.key)`."
            return (help, free.contains(meant.key) ? meant.key : nil)
        }
        if word == "<<" { return ("Merge keys are not part of the language; environments override by key.", nil) }
        if let near = nearest(to: word, among: known) {
            return ("Did you mean `\(near)`?", free.contains(near) ? near : nil)
        }
        return ("The \(record) knows: " + known.sorted().joined(separator: ", ") + ".", nil)
    }

    /// The candidate at the smallest edit distance, if it is near enough to be a slip.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let scored = candidates.map { ($0, distance(word.lowercased(), $0.lowercased())) }
        guard let best = scored.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else { return nil }
        return best.1 <= max(1, word.count / 3) ? best.0 : nil
    }

    /// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours count one.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.unicodeScalars.prefix(64))
        let b = Array(right.unicodeScalars.prefix(64))
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { rows[i][0] = i }
        for j in 0...b.count { rows[0][j] = j }
        for i in 1...a.count {
            for j in 1...b.count {
                let cost = a[i - 1] == b[j - 1] ? 0 : 1
                var best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = min(best, rows[i - 2][j - 2] + 1)
                }
                rows[i][j] = best
            }
        }
        return rows[a.count][b.count]
    }
}
