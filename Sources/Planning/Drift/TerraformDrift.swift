import Spec

/// What differs between a root of Terraform and what is there, read from a plan.
///
/// Values are never kept: a plan holds secrets in clear text, so that only the names of attributes leave this type.
package struct TerraformDrift: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable {
        /// Somebody changed it past Terraform, and an apply would change it back.
        case altered
        /// Somebody removed it past Terraform, and an apply would make it again.
        case gone
        /// The files ask for something else than was applied last: no drift, but not shipped either.
        case pending

        /// The rest of a sentence that begins with the address.
        package var meaning: String {
            switch self {
            case .altered: "was changed behind Terraform's back"
            case .gone: "was removed behind Terraform's back"
            case .pending: "was not applied as it is written now"
            }
        }
    }

    package struct Finding: Sendable, Hashable {
        /// As Terraform names it: `module.topic_orders.aws_sqs_queue.this["worker"]`.
        package var address: String
        package var kind: Kind
        /// Names of the attributes that differ, sorted; empty for what is gone or made anew.
        package var attributes: [String]
        /// The address of what is gone and has to be made again before this can be as it is written; only of what is pending.
        package var hangsOn: String?
    }

    package enum Unreadable: Error, Sendable, Hashable {
        case notAPlan
        /// The plan itself failed, so that what it holds is not the whole.
        case failed
        case version(String)

        package var message: String {
            switch self {
            case .notAPlan: "this is not what `terraform show -json` prints of a plan"
            case .failed: "the plan failed, so nothing is known of what it did not reach"
            case .version(let version): "plans of format \(version) are not understood; the format here is 1"
            }
        }
    }

    /// Sorted by address.
    package var findings: [Finding]

    /// What is told by itself: all but what hangs on something that is gone.
    package var leading: [Finding] { findings.filter { $0.hangsOn == nil } }

    /// What is told below something that is gone.
    package func hanging(on finding: Finding) -> [Finding] { findings.filter { $0.hangsOn == finding.address } }

    /// What somebody did past Terraform.
    package var drift: [Finding] { findings.filter { $0.kind != .pending } }

    /// - Parameter plan: what `terraform show -json FILE` prints of a file of `terraform plan -out=FILE`
    ///   (HashiCorp, "JSON Output Format", format version 1).
    package static func read(_ plan: [UInt8]) -> Result<TerraformDrift, Unreadable> {
        guard let tree = JSONTree(parsing: plan), let version = tree["format_version"]?.string else {
            return .failure(.notAPlan)
        }
        guard version.split(separator: ".").first == "1" else { return .failure(.version(version)) }
        guard tree["resource_changes"] != nil || tree["planned_values"] != nil else { return .failure(.notAPlan) }
        if case .bool(true) = tree["errored"] { return .failure(.failed) }
        var outside: [String: JSONTree] = [:]
        for resource in tree["resource_drift"]?.items ?? [] {
            if let address = resource["address"]?.string { outside[address] = resource["change"] }
        }
        var findings: [Finding] = []
        for resource in tree["resource_changes"]?.items ?? [] {
            guard let address = resource["address"]?.string, let change = resource["change"],
                resource["mode"]?.string != "data"
            else { continue }
            let actions = Self.actions(change)
            // What Terraform would leave as it is differs in nothing that anybody asked for.
            guard actions != ["no-op"], actions != ["read"], !actions.isEmpty else { continue }
            let planned = Self.planned(change)
            guard let seen = outside[address] else {
                findings.append(Finding(address: address, kind: .pending, attributes: planned))
                continue
            }
            if Self.actions(seen) == ["delete"] {
                findings.append(Finding(address: address, kind: .gone, attributes: []))
                continue
            }
            // Providers fill in attributes that nobody set: it is drift where an apply would set one of those again.
            let both = Self.differing(seen).filter(planned.contains)
            findings.append(
                Finding(
                    address: address, kind: both.isEmpty ? .pending : .altered,
                    attributes: both.isEmpty ? planned : both))
        }
        let gone = Set(findings.filter { $0.kind == .gone }.map(\.address))
        if !gone.isEmpty {
            let references = TerraformReferences(plan: tree)
            for index in findings.indices where findings[index].kind == .pending {
                findings[index].hangsOn = references.nearest(of: gone, from: findings[index].address)
            }
        }
        return .success(TerraformDrift(findings: findings.sorted { $0.address < $1.address }))
    }

    private static func actions(_ change: JSONTree) -> [String] {
        (change["actions"]?.items ?? []).compactMap(\.string)
    }

    /// Names of the attributes that an apply would set; of what it would make anew, those that are the reason.
    private static func planned(_ change: JSONTree) -> [String] {
        let differ = differing(change)
        guard case .list(let paths) = change["replace_paths"], actions(change).contains("create") else { return differ }
        let reasons = Set(paths.compactMap { $0.items.first?.string })
        return differ.filter(reasons.contains)
    }

    private static func differing(_ change: JSONTree) -> [String] {
        let before = Dictionary((change["before"]?.members ?? []).map { ($0.key, $0.value) }) { _, last in last }
        let after = Dictionary((change["after"]?.members ?? []).map { ($0.key, $0.value) }) { _, last in last }
        // What is only known after an apply follows from something else that changes.
        let unknown = Set((change["after_unknown"]?.members ?? []).filter { $0.value == .bool(true) }.map(\.key))
        guard after.isEmpty == before.isEmpty else { return [] }
        return Set(before.keys).union(after.keys).filter { !isSame(before[$0], after[$0]) && !unknown.contains($0) }
            .sorted()
    }

    /// Nothing, an empty text and an empty collection are one: providers give back one of them for another.
    private static func isSame(_ one: JSONTree?, _ other: JSONTree?) -> Bool {
        one == other || (isNothing(one) && isNothing(other))
    }

    private static func isNothing(_ value: JSONTree?) -> Bool {
        guard let value else { return true }
        return value == .null || value == .text("") || value == .list([]) || value == .object([])
    }
}
