/// The difference of two texts in the unified format, as `diff -u` prints it (POSIX, "diff", unified output).
package enum TextDiff {
    private enum Line {
        case kept(Substring)
        case removed(Substring)
        case added(Substring)
    }

    /// - Parameter context: unchanged lines around each change.
    /// - Returns: nothing where the texts are equal.
    package static func unified(_ old: String, _ new: String, path: String, context: Int = 3) -> [String] {
        guard old != new else { return [] }
        let lines = script(rows(old), rows(new))
        var out = ["--- \(path)", "+++ \(path) (rendered)"]
        var index = 0
        var oldLine = 1
        var newLine = 1
        while index < lines.count {
            guard isChange(lines[index]) else {
                oldLine += 1
                newLine += 1
                index += 1
                continue
            }
            let lead = min(context, index)
            let start = index - lead
            var end = index
            var quiet = 0
            while end < lines.count, quiet <= 2 * context {
                quiet = isChange(lines[end]) ? 0 : quiet + 1
                end += 1
            }
            end -= max(0, quiet - context)
            let hunk = lines[start..<end]
            let removed = hunk.count { if case .added = $0 { false } else { true } }
            let added = hunk.count { if case .removed = $0 { false } else { true } }
            let first = (
                removed == 0 ? oldLine - lead - 1 : oldLine - lead, added == 0 ? newLine - lead - 1 : newLine - lead
            )
            out.append("@@ -\(first.0),\(removed) +\(first.1),\(added) @@")
            for line in hunk {
                switch line {
                case .kept(let text): out.append(" " + text)
                case .removed(let text): out.append("-" + text)
                case .added(let text): out.append("+" + text)
                }
            }
            oldLine += removed - lead
            newLine += added - lead
            index = end
        }
        return out
    }

    private static func rows(_ text: String) -> [Substring] {
        var rows = text.split(separator: "\n", omittingEmptySubsequences: false)
        if text.isEmpty || text.hasSuffix("\n") { rows.removeLast() }
        return rows
    }

    private static func isChange(_ line: Line) -> Bool {
        if case .kept = line { false } else { true }
    }

    /// What turns the old lines into the new ones, in order.
    private static func script(_ old: [Substring], _ new: [Substring]) -> [Line] {
        var removals: Set<Int> = []
        var insertions: Set<Int> = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removals.insert(offset)
            case .insert(let offset, _, _): insertions.insert(offset)
            }
        }
        var lines: [Line] = []
        var one = 0
        var other = 0
        while one < old.count || other < new.count {
            if removals.contains(one) {
                lines.append(.removed(old[one]))
                one += 1
            } else if insertions.contains(other) {
                lines.append(.added(new[other]))
                other += 1
            } else {
                lines.append(.kept(old[one]))
                one += 1
                other += 1
            }
        }
        return lines
    }
}
