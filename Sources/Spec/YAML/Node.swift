/// A value of the file, with the place where it stands.
package struct Node: Sendable, Hashable {
    package indirect enum Value: Sendable, Hashable {
        /// Text without quotes; `plain` when the author wrote none, so that `null`, `true` and numbers may be meant.
        case scalar(String, plain: Bool)
        case list([Node])
        case map([Entry])
    }

    /// A key and its value, in the order of the file.
    package struct Entry: Sendable, Hashable {
        package var key: String
        package var keySpan: Span
        package var value: Node
    }

    package var value: Value
    package var span: Span
    /// The environment whose overlay wrote it; `nil` for the base.
    package var environment: String? = nil
    /// The key that holds it, where a finding about the whole value points; `nil` for the top and for list items.
    package var holder: Span? = nil
    /// Whether the language has no use for what stands here, which was reported: nothing is read from it.
    var isRefused = false
    /// Keys of this map that an overlay's `null` took away, with the places of those `null`s' keys.
    package var removed: [Removal] = []

    package struct Removal: Sendable, Hashable {
        package var key: String
        package var span: Span
    }

    /// `null`, `~` or nothing (YAML 1.2.2, section 10.3.2).
    package var isNull: Bool {
        guard case .scalar(let text, plain: true) = value else { return false }
        return ["null", "Null", "NULL", "~", ""].contains(text)
    }

    /// The entry of a key; `nil` when absent or when this is no map.
    package func entry(_ key: String) -> Entry? {
        guard case .map(let entries) = value else { return nil }
        return entries.first { $0.key == key }
    }

    /// What it is, for messages: `a list`, `a map`, `the text 'x'`.
    package var kind: String {
        switch value {
        case .list: "a list"
        case .map: "a map"
        case .scalar(let text, _): isNull ? "nothing" : "'\(text.prefix(60))'"
        }
    }

    /// The same tree, each node marked as written by an environment's overlay.
    package func marked(environment name: String) -> Node {
        var copy = self
        copy.environment = name
        switch value {
        case .scalar: break
        case .list(let items): copy.value = .list(items.map { $0.marked(environment: name) })
        case .map(let entries):
            copy.value = .map(
                entries.map { Entry(key: $0.key, keySpan: $0.keySpan, value: $0.value.marked(environment: name)) })
        }
        return copy
    }

    /// The language's one merge rule: maps merge by key, scalars and lists replace, `null` removes.
    package func merging(_ overlay: Node) -> Node {
        guard case .map(let base) = value, case .map(let over) = overlay.value else { return overlay }
        var positions: [String: Int] = [:]
        for (index, entry) in base.enumerated() { positions[entry.key] = index }
        var merged: [Entry?] = base
        var removed = removed
        for entry in over {
            if let index = positions[entry.key], let old = merged[index] {
                if entry.value.isNull {
                    merged[index] = nil
                    removed.append(Removal(key: entry.key, span: entry.keySpan))
                } else {
                    merged[index]?.value = old.value.merging(entry.value)
                    if case .map = old.value.value, case .map = entry.value.value {
                    } else {
                        merged[index]?.keySpan = entry.keySpan
                    }
                }
            } else if !entry.value.isNull {
                positions[entry.key] = merged.count
                var added = entry
                added.value = entry.value.withoutNulls
                merged.append(added)
            }
        }
        var result = self
        result.value = .map(merged.compactMap { $0 })
        result.removed = removed
        return result
    }

    /// Without the map entries that say `null`: they remove what an overlay finds, and here there is nothing.
    private var withoutNulls: Node {
        guard case .map(let entries) = value else { return self }
        var copy = self
        copy.value = .map(
            entries.filter { !$0.value.isNull }.map {
                Entry(key: $0.key, keySpan: $0.keySpan, value: $0.value.withoutNulls)
            })
        return copy
    }
}
