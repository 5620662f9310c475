/// A folder that a container keeps in memory, since its root is read-only.
struct MemoryFolder {
    let path: String
    /// `nil` where nobody writes much.
    var mebibytes: Int?

    /// As an item of `tmpfs`.
    var text: YAMLTree { .text("\(path):mode=1777" + (mebibytes.map { ",size=\($0)m" } ?? "")) }

    /// As an item of `volumes`, where whoever may write is everybody unless something else is said.
    var volume: YAMLTree {
        var entries: [YAMLEntry] = [YAMLEntry("type", "tmpfs"), YAMLEntry("target", .text(path))]
        if let mebibytes { entries.append(YAMLEntry("tmpfs", ["size": .integer(mebibytes << 20)])) }
        return .map(entries)
    }

    /// A container with what stands under `tmpfs` moved to its volumes.
    static func mounted(_ unit: YAMLTree) -> YAMLTree {
        guard case .map(var entries) = unit, let place = entries.firstIndex(where: { $0.key == "tmpfs" }),
            case .list(let folders) = entries[place].value
        else { return unit }
        entries.remove(at: place)
        guard let other = entries.firstIndex(where: { $0.key == "volumes" }),
            case .list(let volumes) = entries[other].value
        else {
            entries.insert(YAMLEntry("volumes", .list(folders)), at: place)
            return .map(entries)
        }
        entries[other].value = .list(volumes + folders)
        return .map(entries)
    }
}
