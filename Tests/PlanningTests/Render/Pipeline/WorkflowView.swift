import Spec
import Testing

@testable import Planning

/// A rendered workflow read back, so that tests speak of what it means and not of how it looks.
struct WorkflowView {
    let path: String
    let root: Node

    init(_ artifact: Artifact) throws {
        path = artifact.path
        root = try #require(ForeignYAML.read(artifact.text))
    }

    /// The workflows of GitHub among files.
    static func all(_ artifacts: [Artifact]) throws -> [WorkflowView] {
        try artifacts.filter { $0.path.hasPrefix(".github/workflows/") }.map(WorkflowView.init)
    }

    var jobs: [Node.Entry] { root.entry("jobs")?.value.entries ?? [] }

    /// `push branches develop`, `pull_request`, …
    var events: Set<String> {
        var found: Set<String> = []
        for event in root.entry("on")?.value.entries ?? [] {
            if event.key == "push" || event.key == "schedule" {
                for filter in event.value.entries {
                    for name in filter.value.items { found.insert("\(event.key) \(filter.key) \(name.scalar ?? "")") }
                }
                for item in event.value.items { found.insert("schedule \(item.entry("cron")?.value.scalar ?? "")") }
            } else {
                found.insert(event.key)
            }
        }
        return found
    }

    /// The environments that its jobs release to.
    var environments: [String] { jobs.compactMap { $0.value.entry("environment")?.value.entry("name")?.value.scalar } }

    /// All of its jobs' actions.
    var uses: [String] {
        jobs.flatMap { job in
            [job.value.entry("uses")?.value.scalar].compactMap { $0 }
                + steps(job.value).compactMap { $0.entry("uses")?.value.scalar }
        }
    }

    var runs: [String] { jobs.flatMap { steps($0.value).compactMap { $0.entry("run")?.value.scalar } } }

    func steps(_ job: Node) -> [Node] { job.entry("steps")?.value.items ?? [] }

    /// Everything that has to be over before a job begins.
    func before(_ job: String) -> Set<String> {
        var found: Set<String> = []
        var open = [job]
        while let next = open.popLast() {
            let needs = jobs.first { $0.key == next }?.value.entry("needs")?.value.items.compactMap(\.scalar) ?? []
            open += needs.filter { found.insert($0).inserted }
        }
        return found
    }
}

extension Node {
    var scalar: String? { if case .scalar(let text, _) = value { text } else { nil } }
    var items: [Node] { if case .list(let items) = value { items } else { [] } }
    var entries: [Entry] { if case .map(let entries) = value { entries } else { [] } }
}
