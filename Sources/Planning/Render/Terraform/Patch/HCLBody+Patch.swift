extension HCLBody {
    func value(of name: String) -> HCLValue? {
        for case .attribute(let attribute) in items where attribute.name == name { return attribute.value }
        return nil
    }

    func blocks(_ kind: String, _ labels: [String]) -> [HCLBlock] {
        items.compactMap { item in
            guard case .block(let block) = item, block.kind == kind, block.labels == labels else { return nil }
            return block
        }
    }

    /// Where it stands, or behind the other arguments.
    mutating func replace(_ name: String, _ value: HCLValue) {
        for (index, item) in items.enumerated() {
            guard case .attribute(var attribute) = item, attribute.name == name else { continue }
            attribute.value = value
            items[index] = .attribute(attribute)
            return
        }
        let last = items.lastIndex { if case .attribute = $0 { true } else { false } }
        items.insert(.attribute(HCLAttribute(name, value)), at: last.map { $0 + 1 } ?? 0)
    }

    mutating func remove(_ name: String) {
        items.removeAll { if case .attribute(let attribute) = $0 { attribute.name == name } else { false } }
    }

    /// Puts blocks in the place of those of their kind, or behind everything else.
    mutating func replace(_ kind: String, _ labels: [String], with blocks: [HCLBlock]) {
        func isOne(_ item: Item) -> Bool {
            if case .block(let block) = item { block.kind == kind && block.labels == labels } else { false }
        }
        let first = items.firstIndex(where: isOne) ?? items.endIndex
        items.removeAll(where: isOne)
        items.insert(contentsOf: blocks.map { .block($0) }, at: min(first, items.endIndex))
    }

    /// Without empty lines at its ends, in it and in its blocks.
    mutating func tidy() {
        while items.first == .gap { items.removeFirst() }
        while items.last == .gap { items.removeLast() }
        for (index, item) in items.enumerated() {
            guard case .block(var block) = item else { continue }
            block.body.tidy()
            items[index] = .block(block)
        }
    }
}
