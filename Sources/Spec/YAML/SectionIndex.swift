/// Where the entries of a document's larger sections stand, so that a rule that asks about each of 500 services does not
/// look through all of them for each.
struct SectionIndex: Sendable {
    /// Position of a section's entry by its key, and of the section itself.
    private var sections: [String: (position: Int, entries: [String: Int])] = [:]

    /// Sections with fewer entries are looked through.
    private static let fewest = 16

    init(_ document: Node) {
        guard case .map(let entries) = document.value else { return }
        for (position, section) in entries.enumerated() {
            guard case .map(let inner) = section.value.value, inner.count >= Self.fewest,
                sections[section.key] == nil
            else { continue }
            var places: [String: Int] = [:]
            for (index, entry) in inner.enumerated() where places[entry.key] == nil { places[entry.key] = index }
            sections[section.key] = (position, places)
        }
    }

    /// The entry that the first two components of a path name; `nil` where it must be looked for.
    func entry(_ path: ArraySlice<String>, in document: Node) -> Node.Entry? {
        guard path.count >= 2, let first = path.first, let section = sections[first],
            let index = section.entries[path[path.startIndex + 1]], case .map(let entries) = document.value,
            case .map(let inner) = entries[section.position].value.value
        else { return nil }
        return inner[index]
    }
}
