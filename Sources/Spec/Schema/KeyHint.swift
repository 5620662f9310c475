/// Finds what the author may have meant by a word that the language does not know.
package enum KeyHint {
    /// Words of neighbouring tools and what this language calls them.
    private static let synonyms: [String: String] = [
        "replicas": "scale", "instances": "scale", "autoscale": "scale", "environment": "env", "environ": "env",
        "variables": "env", "command": "run", "cmd": "run", "start": "run", "entrypoint": "run", "depends_on": "uses",
        "depends": "uses", "links": "uses", "needs": "uses", "ports": "port", "listen": "port",
        "healthcheck": "health", "probes": "health", "readiness": "ready", "liveness": "live", "resources": "size",
        "limits": "size", "requests": "size", "hostname": "host", "domains": "host", "ingress": "expose",
        "routes": "expose", "path_prefix": "path", "context": "source", "directory": "source", "dir": "source",
        "migrations": "migrate", "timeout_seconds": "timeout", "threshold": "failures", "retries": "failures",
        "severity": "level", "priority": "level", "expr": "promql", "query": "promql", "duration": "for",
        "tags": "labels", "type": "kind", "engine": "kind", "schedule": "cron", "cron": "schedule",
        "retention": "keep", "frequency": "every", "members": "people", "users": "people", "timezone": "zone",
        "tz": "zone", "escalation": "escalate", "policy": "rollout", "strategy": "rollout", "name": "platform",
        "version": "hauban", "databases": "resources", "volumes": "storage", "cost": "budget", "limit": "month",
    ]

    /// - Returns: the known word to write, if one is near, and a sentence.
    package static func hint(for word: String, among known: [String], in record: String) -> (
        help: String, replacement: String?
    ) {
        if let meant = synonyms[word.lowercased()], known.contains(meant) {
            return ("\(record) says this with `\(meant)`.", meant)
        }
        if let near = nearest(to: word, among: known) { return ("Did you mean `\(near)`?", near) }
        if word == "<<" { return ("Merge keys are not part of the language; environments override by key.", nil) }
        return ("\(record) knows: " + known.sorted().joined(separator: ", ") + ".", nil)
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
