import Spec

/// The native JSON of scanners, SARIF and bills of materials, told apart by keys that only one of them has.
enum JSONReports {
    /// What is taken of one report at most.
    private static let most = 20_000

    static func read(_ tree: JSONTree, _ name: String, in folder: String) -> StepReports.Report {
        switch tree {
        case .list(let items): list(items, in: folder)
        case .object: object(tree, name, in: folder)
        case .null, .bool, .number, .text, .verbatim: .other
        }
    }

    private static func list(_ items: [JSONTree], in folder: String) -> StepReports.Report {
        // gitleaks found nothing: an empty list. Nobody else's report is one, and of no other step is it asked.
        guard let first = items.first else { return .findings([]) }
        if first["RuleID"] != nil, first["Fingerprint"] != nil {
            return .findings(items.prefix(most).map { gitleaks($0, in: folder) })
        }
        if first["RootFS"] != nil, first["Config"] != nil { return .findings(items.prefix(10).flatMap(image)) }
        return .other
    }

    private static func object(_ tree: JSONTree, _ name: String, in folder: String) -> StepReports.Report {
        if tree["runs"] != nil, tree["version"]?.string == "2.1.0" { return SARIFReading.read(tree, name, in: folder) }
        if tree["bomFormat"]?.string == "CycloneDX" { return cycloneDX(tree) }
        if tree["spdxVersion"] != nil { return spdx(tree) }
        if tree["auditReportVersion"] != nil { return .findings(npm(tree, in: folder)) }
        if tree["SchemaVersion"] != nil, tree["ArtifactName"] != nil { return .findings(trivy(tree)) }
        if tree["matches"] != nil, tree["descriptor"] != nil { return .findings(grype(tree)) }
        if tree["type"]?.string == "llvm.coverage.json.export" { return llvm(tree, name) }
        if case .list(let packages)? = tree["dependencies"],
            packages.allSatisfy({ $0["name"] != nil && ($0["vulns"] != nil || $0["skip_reason"] != nil) })
        {
            return .findings(pipAudit(packages, in: folder))
        }
        if let error = tree["error"], name.hasPrefix("npm-audit") {
            return .broken(
                "npm audit did not look: \(Untrusted.text(error["summary"]?.string ?? error["code"]?.string ?? "?"))")
        }
        return .other
    }

    // MARK: Packages

    /// pip-audit 2: `{"dependencies": [{name, version, vulns: [{id, fix_versions, aliases, description}]} or {name, skip_reason}]}`.
    /// It knows no severities.
    private static func pipAudit(_ packages: [JSONTree], in folder: String) -> [GateFinding] {
        let file = Paths.join(folder, "requirements.txt")
        if packages.isEmpty {
            return [
                GateFinding(
                    tool: "pip-audit", kind: .unseen, rule: "nothing-audited", message: "no package was looked up",
                    file: file)
            ]
        }
        var found: [GateFinding] = []
        for one in packages {
            let name = one["name"]?.string ?? "?"
            if let reason = one["skip_reason"]?.string {
                found.append(
                    GateFinding(
                        tool: "pip-audit", kind: .unseen, rule: "skipped",
                        message: "\(name) was not looked up: \(reason)",
                        file: file, package: name))
            }
            let package = name + (one["version"]?.string.map { " \($0)" } ?? "")
            for hole in one["vulns"]?.items ?? [] {
                found.append(
                    GateFinding(
                        tool: "pip-audit", kind: .vulnerability, rule: hole["id"]?.string ?? "?",
                        aliases: (hole["aliases"]?.items ?? []).compactMap(\.string),
                        message: hole["description"]?.string ?? "a known hole in \(package)", file: file,
                        package: package, fixedIn: (hole["fix_versions"]?.items ?? []).compactMap(\.string)))
            }
        }
        return Array(found.prefix(most))
    }

    /// npm 7 and later, report version 2: `vulnerabilities` by package, `via` with advisories or names of other packages.
    private static func npm(_ tree: JSONTree, in folder: String) -> [GateFinding] {
        var seen: Set<String> = []
        var found: [GateFinding] = []
        for member in tree["vulnerabilities"]?.members ?? [] {
            for via in member.value["via"]?.items ?? [] {
                // A name only says through which other package it comes; that one tells the advisory itself.
                guard let title = via["title"]?.string else { continue }
                let url = via["url"]?.string ?? ""
                let rule = url.split(separator: "/").last.map(String.init) ?? title
                let package = via["name"]?.string ?? member.key
                guard seen.insert("\(rule) \(package)").inserted else { continue }
                let fix = member.value["fixAvailable"]
                found.append(
                    GateFinding(
                        tool: "npm audit", kind: .vulnerability, rule: rule, level: level(via["severity"]?.string),
                        message: title, file: Paths.join(folder, "package.json"),
                        package: package + (via["range"]?.string.map { " \($0)" } ?? ""),
                        fixedIn: (fix?["version"]?.string).map { [$0] } ?? []))
            }
        }
        return Array(found.prefix(most))
    }

    // MARK: Images

    /// Trivy, schema version 2: `Results` with `Vulnerabilities`, `Secrets`, `Misconfigurations`.
    private static func trivy(_ tree: JSONTree) -> [GateFinding] {
        let artifact = tree["ArtifactName"]?.string ?? "?"
        let results = tree["Results"]?.items ?? []
        if results.isEmpty {
            return [
                GateFinding(
                    tool: "trivy", kind: .unseen, rule: "nothing-scanned",
                    message: "trivy knew nothing in \(artifact) that it could look at", package: artifact)
            ]
        }
        var found: [GateFinding] = []
        for result in results {
            let target = result["Target"]?.string ?? artifact
            for hole in result["Vulnerabilities"]?.items ?? [] {
                let package = [hole["PkgName"]?.string, hole["InstalledVersion"]?.string].compactMap { $0 }.joined(
                    separator: " ")
                found.append(
                    GateFinding(
                        tool: "trivy", kind: .vulnerability, rule: hole["VulnerabilityID"]?.string ?? "?",
                        level: level(hole["Severity"]?.string),
                        message: hole["Title"]?.string ?? "a known hole in \(package)",
                        package: package, fixedIn: (hole["FixedVersion"]?.string).map { [$0] } ?? []))
            }
            for secret in result["Secrets"]?.items ?? [] {
                found.append(
                    GateFinding(
                        tool: "trivy", kind: .secret, rule: secret["RuleID"]?.string ?? "?",
                        level: level(secret["Severity"]?.string), message: secret["Title"]?.string ?? "a secret",
                        package: target))
            }
            for one in result["Misconfigurations"]?.items ?? [] where one["Status"]?.string != "PASS" {
                found.append(
                    GateFinding(
                        tool: "trivy", kind: .code, rule: one["ID"]?.string ?? "?",
                        level: level(one["Severity"]?.string),
                        message: one["Title"]?.string ?? one["Message"]?.string ?? "", package: target))
            }
        }
        return Array(found.prefix(most))
    }

    /// Grype: `matches` of a `vulnerability` and an `artifact`. "Unknown" is no severity, "Negligible" the lowest.
    private static func grype(_ tree: JSONTree) -> [GateFinding] {
        (tree["matches"]?.items ?? []).prefix(most).map { match in
            let hole = match["vulnerability"]
            let artifact = match["artifact"]
            let package = [artifact?["name"]?.string, artifact?["version"]?.string].compactMap { $0 }.joined(
                separator: " ")
            return GateFinding(
                tool: "grype", kind: .vulnerability, rule: hole?["id"]?.string ?? "?",
                aliases: (match["relatedVulnerabilities"]?.items ?? []).compactMap { $0["id"]?.string },
                level: level(hole?["severity"]?.string),
                message: hole?["description"]?.string ?? "a known hole in \(package)", package: package,
                fixedIn: (hole?["fix"]?["versions"]?.items ?? []).compactMap(\.string))
        }
    }

    /// `docker image inspect` (Engine API `GET /images/{name}/json`): who runs it, and how large it is.
    private static func image(_ image: JSONTree) -> [GateFinding] {
        let name = image["RepoTags"]?.items.first?.string ?? image["Id"]?.string ?? "the image"
        let user = image["Config"]?["User"]?.string ?? ""
        var found: [GateFinding] = []
        if ["", "root", "0"].contains(String(user.prefix { $0 != ":" })) {
            found.append(
                GateFinding(
                    tool: "hauban", kind: .image, rule: "root", level: .high,
                    message: "\(name) runs as root: end its Dockerfile with `USER` and another user", package: name))
        }
        if case .number(let size)? = image["Size"] {
            found.append(
                GateFinding(
                    tool: "hauban", kind: .image, rule: "size", message: "\(size)", package: name))
        }
        return found
    }

    // MARK: Secrets

    /// gitleaks 8: a list of finds. What it found is never taken over, only where.
    private static func gitleaks(_ find: JSONTree, in folder: String) -> GateFinding {
        let commit = find["Commit"]?.string ?? ""
        var line: Int?
        if case .number(let number)? = find["StartLine"] { line = number }
        return GateFinding(
            tool: "gitleaks", kind: .secret, rule: find["RuleID"]?.string ?? "?", level: .critical,
            message: (find["Description"]?.string ?? "a secret")
                + (commit.isEmpty ? "" : " (commit \(commit.prefix(12)))"),
            file: find["File"]?.string, line: line)
    }

    // MARK: Bills of materials

    /// CycloneDX 1.4 to 1.6: `components` with `licenses`, and `vulnerabilities` where a tool adds them.
    private static func cycloneDX(_ tree: JSONTree) -> StepReports.Report {
        .components(
            (tree["components"]?.items ?? []).prefix(most).compactMap { one in
                guard one["type"]?.string != "operating-system" else { return nil }
                let licences = (one["licenses"]?.items ?? []).compactMap { choice -> String? in
                    choice["expression"]?.string ?? choice["license"]?["id"]?.string
                        ?? choice["license"]?["name"]?.string
                }
                return StepReports.Component(
                    name: [one["name"]?.string, one["version"]?.string].compactMap { $0 }.joined(separator: " "),
                    licence: licences.isEmpty ? nil : licences.joined(separator: " AND "))
            })
    }

    /// SPDX 2: `packages` with `licenseConcluded`, else `licenseDeclared`.
    private static func spdx(_ tree: JSONTree) -> StepReports.Report {
        .components(
            (tree["packages"]?.items ?? []).prefix(most).map { one in
                let licence = [one["licenseConcluded"]?.string, one["licenseDeclared"]?.string].compactMap { $0 }
                    .first { $0 != "NOASSERTION" && $0 != "NONE" }
                return StepReports.Component(
                    name: [one["name"]?.string, one["versionInfo"]?.string].compactMap { $0 }.joined(separator: " "),
                    licence: licence)
            })
    }

    /// LLVM's `llvm-cov export`: totals of lines.
    private static func llvm(_ tree: JSONTree, _ name: String) -> StepReports.Report {
        let lines = tree["data"]?.items.first?["totals"]?["lines"]
        guard case .number(let count)? = lines?["count"], case .number(let covered)? = lines?["covered"], count >= 0,
            (0...count).contains(covered)
        else { return .broken("\(name) has no totals of lines") }
        return .coverage(LineCoverage(covered: covered, lines: count))
    }

    /// A severity as any of these tools writes it.
    static func level(_ text: String?) -> Level? {
        switch text?.lowercased() {
        case "critical": .critical
        case "high": .high
        case "medium", "moderate": .medium
        case "low", "info", "negligible", "none": .low
        default: nil
        }
    }
}
