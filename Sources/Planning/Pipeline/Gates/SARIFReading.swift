import Spec

/// SARIF 2.1.0 (OASIS standard) as scanners write it.
enum SARIFReading {
    static func read(_ tree: JSONTree, _ name: String, in folder: String) -> StepReports.Report {
        var found: [GateFinding] = []
        for run in (tree["runs"]?.items ?? []).prefix(100) {
            let driver = run["tool"]?["driver"]
            let tool = driver?["name"]?.string ?? "?"
            for invocation in run["invocations"]?.items ?? [] where invocation["executionSuccessful"] == .bool(false) {
                return .broken("\(name): \(Untrusted.word(tool)) says that it did not get through")
            }
            let rules = driver?["rules"]?.items ?? []
            var byID: [String: JSONTree] = [:]
            for rule in rules { if let id = rule["id"]?.string { byID[id] = rule } }
            for result in (run["results"]?.items ?? []).prefix(20_000) where counts(result) {
                var rule: JSONTree?
                if case .number(let index)? = result["ruleIndex"] ?? result["rule"]?["index"],
                    rules.indices.contains(index)
                {
                    rule = rules[index]
                }
                let id = result["ruleId"]?.string ?? result["rule"]?["id"]?.string ?? rule?["id"]?.string ?? "?"
                let place = result["locations"]?.items.first?["physicalLocation"]
                var line: Int?
                if case .number(let number)? = place?["region"]?["startLine"] { line = number }
                found.append(
                    GateFinding(
                        tool: tool, kind: .code, rule: id, level: level(result, rule ?? byID[id]),
                        message: result["message"]?["text"]?.string ?? result["message"]?["markdown"]?.string ?? id,
                        file: place?["artifactLocation"]?["uri"]?.string.flatMap { path($0, in: folder) }, line: line))
            }
        }
        return .findings(found)
    }

    /// Section 3.27.9: only `fail` (the default), `open` and `review` are finds; 3.27.23: suppressed ones are not.
    private static func counts(_ result: JSONTree) -> Bool {
        if let kind = result["kind"]?.string, !["fail", "open", "review"].contains(kind) { return false }
        if result["level"]?.string == "none" { return false }
        let suppressions = result["suppressions"]?.items ?? []
        return suppressions.isEmpty
            || suppressions.contains { ["underReview", "rejected"].contains($0["status"]?.string ?? "accepted") }
    }

    /// GitHub's `security-severity` where the rule has one (9, 7 and 4 are the borders), else the level.
    private static func level(_ result: JSONTree, _ rule: JSONTree?) -> Level? {
        let property = result["properties"]?["security-severity"] ?? rule?["properties"]?["security-severity"]
        if let score = score(property) {
            return score >= 9 ? .critical : score >= 7 ? .high : score >= 4 ? .medium : .low
        }
        switch result["level"]?.string ?? rule?["defaultConfiguration"]?["level"]?.string ?? "warning" {
        case "error": return .high
        case "warning": return .medium
        case "note": return .low
        default: return nil
        }
    }

    private static func score(_ value: JSONTree?) -> Double? {
        switch value {
        case .text(let text), .verbatim(let text): Double(text)
        case .number(let number): Double(number)
        default: nil
        }
    }

    /// Tools write absolute addresses, or ones from their own folder.
    private static func path(_ uri: String, in folder: String) -> String? {
        if uri.hasPrefix("file:///") {
            // From the step's folder on, where the address holds it.
            guard !folder.isEmpty, let range = uri.firstRange(of: "/" + folder + "/") else {
                return uri.split(separator: "/").last.map(String.init)
            }
            return folder + "/" + uri[range.upperBound...]
        }
        guard !uri.contains("://") else { return nil }
        let plain = uri.hasPrefix("./") ? String(uri.dropFirst(2)) : uri
        return Paths.isBelow(plain, folder) ? plain : Paths.join(folder, plain)
    }
}
