import Spec

/// What is made of what in a root of Terraform, as the configuration that a plan repeats has it (HashiCorp, "JSON Output
/// Format", "Configuration Representation"); what goes through a `local` is not in it.
struct TerraformReferences: Sendable {
    /// By resource, variable or output with the modules that it is in: what its expressions name.
    private var named: [String: Set<String>] = [:]

    init(plan: JSONTree) {
        guard let root = plan["configuration"]?["root_module"] else { return }
        add(root, within: "")
    }

    /// The first of some resources that another one is made of, over whatever lies between; none is made of itself.
    func nearest(of wanted: Set<String>, from address: String) -> String? {
        let start = Self.withoutIndices(address)
        let lost = Dictionary(wanted.sorted().map { (Self.withoutIndices($0), $0) }) { first, _ in first }
        var seen: Set<String> = [start]
        var edge = [start]
        while !edge.isEmpty {
            let next = Set(edge.flatMap { named[$0] ?? [] }).subtracting(seen).sorted()
            if let found = next.lazy.compactMap({ lost[$0] }).first { return found }
            seen.formUnion(next)
            edge = next
        }
        return nil
    }

    private mutating func add(_ module: JSONTree, within prefix: String) {
        for resource in module["resources"]?.items ?? [] {
            guard let address = resource["address"]?.string else { continue }
            var references: Set<String> = []
            for key in ["expressions", "count_expression", "for_each_expression"] {
                Self.collect(resource[key], prefix, &references)
            }
            for item in resource["depends_on"]?.items ?? [] {
                if let node = item.string.flatMap({ Self.node($0, prefix) }) { references.insert(node) }
            }
            named[prefix + address] = references
        }
        for output in module["outputs"]?.members ?? [] {
            var references: Set<String> = []
            Self.collect(output.value["expression"], prefix, &references)
            named[prefix + "output." + output.key] = references
        }
        for call in module["module_calls"]?.members ?? [] {
            let inner = prefix + "module." + call.key + "."
            for variable in call.value["expressions"]?.members ?? [] {
                var references: Set<String> = []
                Self.collect(variable.value, prefix, &references)
                named[inner + "var." + variable.key] = references
            }
            if let module = call.value["module"] { add(module, within: inner) }
        }
    }

    /// Every `references` of an expression, however deep its blocks lie.
    private static func collect(_ tree: JSONTree?, _ prefix: String, _ references: inout Set<String>) {
        for member in tree?.members ?? [] {
            if member.key == "references" {
                for item in member.value.items {
                    if let node = item.string.flatMap({ node($0, prefix) }) { references.insert(node) }
                }
            } else {
                collect(member.value, prefix, &references)
            }
        }
        for item in tree?.items ?? [] { collect(item, prefix, &references) }
    }

    /// What a reference names; `nil` for what holds no resource, and for a whole module, which stands beside its output.
    private static func node(_ reference: String, _ prefix: String) -> String? {
        let parts = withoutIndices(reference).split(separator: ".")
        switch parts.first {
        case "var": return parts.count > 1 ? "\(prefix)var.\(parts[1])" : nil
        case "module": return parts.count > 2 ? "\(prefix)module.\(parts[1]).output.\(parts[2])" : nil
        case "data": return parts.count > 2 ? "\(prefix)data.\(parts[1]).\(parts[2])" : nil
        case "local", "each", "count", "path", "terraform", "self", nil: return nil
        default: return parts.count > 1 ? "\(prefix)\(parts[0]).\(parts[1])" : nil
        }
    }

    /// `module.a["x"].t.n[0]` as `module.a.t.n`.
    private static func withoutIndices(_ address: String) -> String {
        var text = ""
        var isQuoted = false
        var depth = 0
        for character in address {
            switch character {
            case "\"" where depth > 0: isQuoted.toggle()
            case "[" where !isQuoted: depth += 1
            case "]" where !isQuoted: depth -= 1
            default: if depth == 0 { text.append(character) }
            }
        }
        return text
    }
}
