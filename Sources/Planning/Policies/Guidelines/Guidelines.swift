package import Spec

/// The guidelines, applied to a platform and to the files that its team already has.
package enum Guidelines {
    /// All of them, in the order of their ids.
    package static let all: [Guideline] = (platform + dockerfiles + compose + workflows).sorted { $0.id < $1.id }

    package static func named(_ id: String) -> Guideline? { byID[id] }

    private static let byID = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }

    /// What the guidelines say, in the order of the files. No word of what ``Policies`` says, and nothing of a platform that
    /// could not be read.
    /// - Parameters:
    ///   - today: the day that waivers are judged by.
    ///   - files: Dockerfiles, Compose files and workflows below the folder of hauban.yaml, see ``wantsContent(of:)``;
    ///     rules about them keep silent without it.
    package static func judge(
        _ parsed: ParsedPlatform, today: CalendarDate, files: RepositoryFiles? = nil
    ) -> Judgement {
        let contexts = Policies.contexts(parsed, today: today, files: nil, duty: nil)
        guard let first = contexts.first else { return Judgement(diagnostics: [], waived: []) }
        var desk = WaiverDesk(
            first, isWhole: contexts.allSatisfy(\.gaps.isEmpty), court: .guidelines(withFiles: files != nil))
        var docket = Docket(parsed: parsed, contexts: contexts.map(\.environment))
        for context in contexts {
            let purpose = context.purpose
            for guideline in all {
                guard case .platform(let check) = guideline.judge,
                    let severity = context.platform.severity(of: guideline, for: purpose)
                else { continue }
                for found in check(context) {
                    let finding = guideline.finding(found, severity)
                    docket.add(finding, in: context.environment, reach: .everywhere, waiver: desk.waiver(for: finding))
                }
            }
        }
        let (findings, waived) = docket.close()
        var judgement = Judgement(diagnostics: findings, waived: waived)
        if let files { judgement.add(judge(files, by: first, strictest(contexts), &desk)) }
        judgement.diagnostics = (judgement.diagnostics + desk.findings()).ordered
        return judgement
    }

    /// What the guidelines say of a team's files where there is no platform yet.
    package static func judge(_ files: RepositoryFiles) -> [Diagnostic] {
        TeamFiles(files).findings { $0.levels[TeamFiles.isOfDevelopment($1) ? .development : .staging] }.ordered
    }

    /// Whether a file of this name is one that a guideline reads.
    package static func wantsContent(of name: String) -> Bool { TeamFiles.kind(of: name) != nil }

    private static func judge(
        _ files: RepositoryFiles, by context: PolicyContext, _ purpose: Environment.Purpose, _ desk: inout WaiverDesk
    ) -> Judgement {
        var judgement = Judgement(diagnostics: [], waived: [])
        let findings = TeamFiles(files).findings { guideline, name in
            context.platform.severity(of: guideline, for: TeamFiles.isOfDevelopment(name) ? .development : purpose)
        }
        for finding in findings {
            if let waiver = desk.waiver(for: finding) {
                judgement.waived.append(Judgement.Waived(finding: finding, waiver: waiver))
            } else {
                judgement.diagnostics.append(finding)
            }
        }
        return judgement
    }

    /// One file serves all environments: it is judged by the one that asks most, unless its name says that it is for
    /// development.
    private static func strictest(_ contexts: [PolicyContext]) -> Environment.Purpose {
        contexts.map(\.purpose).max() ?? .staging
    }
}

extension Platform {
    /// What `policies` says of a guideline, else the guideline's own level; `nil` where it is silent.
    fileprivate func severity(of guideline: Guideline, for purpose: Environment.Purpose) -> Diagnostic.Severity? {
        if !policies.isEmpty, let name = PlainName(guideline.id), let level = policies[name] { return level.severity }
        return guideline.levels[purpose]
    }
}

extension Guideline {
    /// A finding as reports print it.
    func finding(_ found: Diagnostic, _ severity: Diagnostic.Severity, in file: String? = nil) -> Diagnostic {
        var finding = found
        finding.rule = rule
        finding.severity = severity
        finding.help = finding.help ?? fix
        finding.file = file ?? finding.file
        return finding
    }
}

extension Judgement {
    /// Two courts' words about one file, in its order.
    package mutating func add(_ other: Judgement) {
        diagnostics = (diagnostics + other.diagnostics).ordered
        waived += other.waived
    }
}
