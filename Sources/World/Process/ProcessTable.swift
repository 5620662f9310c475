/// All processes of the machine at one moment.
package struct ProcessTable: Sendable {
    package var entries: [ProcessEntry]

    package init(entries: [ProcessEntry]) { self.entries = entries }

    /// Reads `/proc`; a process that ends meanwhile is left out.
    package static func now() -> ProcessTable {
        ProcessTable(entries: Folder.names(in: "/proc").compactMap { Int32($0) }.compactMap { ProcessEntry(pid: $0) })
    }

    /// A process and everything below it.
    ///
    /// Not the process group: PostgreSQL puts each backend into a session of its own.
    package func tree(of pid: Int32) -> [ProcessEntry] {
        var children: [Int32: [ProcessEntry]] = [:]
        for entry in entries { children[entry.parent, default: []].append(entry) }
        var found = entries.filter { $0.pid == pid }
        var index = 0
        while index < found.count {
            found.append(contentsOf: children[found[index].pid] ?? [])
            index += 1
        }
        return found
    }

    /// What a process and everything below it use.
    package func usage(of pid: Int32) -> ProcessUsage {
        tree(of: pid).reduce(into: ProcessUsage(cpu: .zero, residentBytes: 0)) { sum, entry in
            sum.cpu += entry.cpu
            sum.residentBytes += entry.residentBytes
        }
    }
}

/// Processor time and memory of a process tree.
package struct ProcessUsage: Sendable, Hashable, Codable {
    package var cpu: Duration
    /// Pages shared by several of them count for each.
    package var residentBytes: Int

    package init(cpu: Duration, residentBytes: Int) {
        self.cpu = cpu
        self.residentBytes = residentBytes
    }

    /// Nothing.
    package static var none: ProcessUsage { ProcessUsage(cpu: .zero, residentBytes: 0) }
}
