package import Spec

/// Sets findings aside as the file's waivers say, and judges the waivers themselves.
struct WaiverDesk {
    private let context: PolicyContext
    private let waivers: [(name: WaiverName, waiver: Waiver)]
    /// Whether all of the file was read, so that rules were silent for one reason only.
    private let isWhole: Bool
    private var used: Set<WaiverName> = []
    private let court: Court

    /// Whose findings are shown to the desk: it judges the waivers of those rules.
    enum Court: Sendable {
        /// The rules of ``Policies``, and what is wrong with any waiver.
        case policies
        case guidelines(withFiles: Bool)
        /// The rules of ``DeployGaps``, in some of the environments.
        case deploys
    }

    /// - Parameter context: of any environment: waivers are the same in all.
    init(_ context: PolicyContext, isWhole: Bool, court: Court = .policies) {
        self.context = context
        self.court = court
        self.isWhole = isWhole
        waivers = context.platform.waivers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The waiver in force that covers a finding.
    mutating func waiver(for finding: Diagnostic) -> WaiverName? {
        let covering = waivers.filter { name, waiver in
            let path = SpecPath(["waivers", name.text])
            // One whose date cannot be read is reported as that; what it sets aside need not be said too.
            return context.isKnown(path.appending("rule"), path.appending("scope"), path.appending("environment"))
                && waiver.rule == finding.code
                && (waiver.expires >= context.today || !context.isKnown(path.appending("expires")))
                && (waiver.environment == nil || waiver.environment?.text == finding.environment)
                && Self.covers(waiver.scope, finding) && Self.covers(waiver.file, finding)
        }
        // All that cover it are of use, whichever is named.
        used.formUnion(covering.map(\.name))
        return covering.first?.name
    }

    /// What is wrong with the waivers; asked for after all findings were shown to ``waiver(for:)``.
    func findings() -> [Diagnostic] {
        waivers.flatMap { findings($0.name, $0.waiver) }.map { finding in
            var finding = finding
            finding.environment = nil
            return finding
        }
    }

    private func findings(_ name: WaiverName, _ waiver: Waiver) -> [Diagnostic] {
        let path = SpecPath(["waivers", name.text])
        switch court {
        case .policies: break
        case .guidelines(let withFiles):
            guard let guideline = Guidelines.named(waiver.rule) else { return [] }
            return guideline.subject == .platform || withFiles ? unusedInForce(name, waiver) : []
        case .deploys: return DeployRule.named(waiver.rule) == nil ? [] : unusedInForce(name, waiver)
        }
        let ownerIsJudged =
            context.isKnown(path.appending("owner"), "owner.team") && !context.mayBeTold(waiver.owner.text)
        var findings =
            (ownerIsJudged ? PartyBook(context.platform).unknownOwner(of: waiver) : nil).map { help, fix in
                [
                    context.finding(
                        .unknownPerson, "nobody is called `\(waiver.owner)`", at: path.appending("owner"), help: help,
                        fix: fix)
                ]
            } ?? []
        guard context.isKnown(path.appending("rule"), path.appending("expires")) else { return findings }
        if let problem = ruleProblem(waiver) {
            return findings + [
                context.finding(
                    .unknownRule, problem.message, at: path.appending("rule"), help: problem.help, fix: problem.fix)
            ]
        }
        if waiver.expires < context.today {
            findings.append(
                context.finding(
                    .waiverExpired, "the waiver `\(name)` ended on \(waiver.expires)", at: path.appending("expires"),
                    help: "Mend what it set aside and remove it, or have \(waiver.owner) agree to a later date."))
        } else if Self.isPolicy(waiver.rule) && !used.contains(name) && isWhole && isJudged(waiver) {
            findings.append(unused(name, waiver))
        }
        return findings
    }

    private func unused(_ name: WaiverName, _ waiver: Waiver) -> Diagnostic {
        context.finding(
            .waiverUnused, "the waiver `\(name)` sets nothing aside", at: SpecPath(["waivers", name.text]), .key,
            help: unusedHelp(waiver))
    }

    /// As the other courts judge their own: a waiver in force of which nothing came.
    private func unusedInForce(_ name: WaiverName, _ waiver: Waiver) -> [Diagnostic] {
        guard context.isWhole(SpecPath(["waivers", name.text])), waiver.expires >= context.today,
            waiver.environment.map({ context.platform.environments[$0] != nil }) ?? true, !used.contains(name), isWhole
        else { return [] }
        return [unused(name, waiver)]
    }

    /// A waiver for an environment that does not exist is reported as that, and nobody knows of one about files when
    /// nobody looked at them.
    private func isJudged(_ waiver: Waiver) -> Bool {
        if let environment = waiver.environment, context.platform.environments[environment] == nil { return false }
        switch DiagnosticID(rawValue: waiver.rule) {
        case .sourceMissing, .runbookMissing, .nothingToRun: return context.files != nil
        case .unknownZone, .badPattern, .scheduleGap: return context.duty != nil
        default: return true
        }
    }

    private func unusedHelp(_ waiver: Waiver) -> String {
        let isWhole = waiver.scope.components.isEmpty
        let place = isWhole ? "the platform" : "`\(waiver.scope)`"
        if !isWhole && !Self.names(waiver.scope, in: context.parsed) {
            return "Nothing stands at `\(waiver.scope)`; `*` stands for any one key."
        }
        return "No finding of \(waiver.rule) is left in \(place)"
            + (waiver.environment.map { " in \($0)" } ?? "") + ": remove the waiver."
    }

    private func ruleProblem(_ waiver: Waiver) -> (message: String, help: String, fix: String?)? {
        if Self.isPolicy(waiver.rule) || Guidelines.named(waiver.rule) != nil || DeployRule.named(waiver.rule) != nil {
            return nil
        }
        // The stage `deploy` has findings of its own where it has steps of its own.
        let stages = context.platform.pipeline.stages.map(\.text).filter {
            $0 != "deploy" || context.platform.pipeline.steps.keys.contains { $0.text == "deploy" }
        }
        let parts = waiver.rule.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2, stages.contains(parts[0]) || !context.isWhole("pipeline.stages") { return nil }
        if parts.count == 2, parts[0] == "drift", RuntimeDrift.Kind(rawValue: parts[1]) != nil { return nil }
        if DiagnosticID(rawValue: waiver.rule) != nil {
            return ("`\(waiver.rule)` cannot be waived", "Without its mend the file has no one meaning.", nil)
        }
        let known =
            DiagnosticID.allCases.map(\.rawValue).filter(Self.isPolicy) + Guidelines.all.map(\.id)
            + DeployRule.all.map(\.id)
        let near = KeyHint.nearest(to: waiver.rule, among: known)
        return (
            "there is no rule '\(waiver.rule)'",
            (near.map { "Did you mean `\($0)`? " } ?? "")
                + "A rule is the id in brackets behind a finding, or `STAGE/RULE` for a finding of the pipeline, such "
                + "as `audit/CVE-2026-1234`.", near
        )
    }

    /// Whether an id is one of these rules' and not the parser's, nor of the waivers themselves.
    static func isPolicy(_ rule: String) -> Bool {
        switch DiagnosticID(rawValue: rule) {
        case nil, .waiverExpired, .waiverUnused, .unknownRule: return false
        case .some(let id): return id.isPolicy
        }
    }

    /// `services.api`, `services.*.size`, `environments.dev`, `environments.dev.services.api`.
    static func covers(_ scope: SpecPath, _ finding: Diagnostic) -> Bool {
        if matches(scope.components[...], finding.path.components[...]) { return true }
        guard scope.components.count >= 2, scope.components[0] == "environments",
            scope.components[1] == finding.environment
        else { return false }
        return matches(scope.components.dropFirst(2), finding.path.components[...])
    }

    /// A file, or a folder that holds it.
    private static func covers(_ file: String?, _ finding: Diagnostic) -> Bool {
        guard let file else { return true }
        guard let found = finding.file else { return false }
        let name = file.hasPrefix("./") ? String(file.dropFirst(2)) : file
        return found == name || found.hasPrefix(name.hasSuffix("/") ? name : name + "/")
    }

    private static func matches(_ scope: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
        guard scope.count <= path.count else { return false }
        return zip(scope, path).allSatisfy { $0 == "*" || $0 == $1 }
    }

    /// Whether a scope names something that was written; one with `*` is not looked up.
    private static func names(_ scope: SpecPath, in parsed: ParsedPlatform) -> Bool {
        if scope.components.contains("*") { return true }
        return parsed.isWritten(scope) || parsed.partials.keys.contains { parsed.isWritten(scope, in: $0) }
    }
}

extension DiagnosticID {
    private static let ofReading: Set<DiagnosticID> = [
        .notUTF8, .fileTooLarge, .nestedTooDeep, .emptyFile, .yamlSyntax, .yamlAlias, .yamlTag, .yamlKey,
        .duplicateKey, .unknownKey, .missingKey, .conflictingKeys, .noValue, .wrongType, .wrongValue, .wrongChoice,
        .missingUnit, .outOfRange, .portOutOfRange, .badName, .badPlaceholder, .badCondition, .pathOutside,
        .unknownStage,
    ]

    /// Whether a rule about the whole platform says it; the rest is about reading the file.
    package var isPolicy: Bool { self != .guideline && self != .deployGap && !Self.ofReading.contains(self) }
}
