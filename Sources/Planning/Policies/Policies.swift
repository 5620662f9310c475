package import Spec

/// The rules that only the whole platform can judge, applied to the base and to every environment.
package enum Policies {
    /// Everything that is wrong, the parser's findings and the rules', in the order of the file.
    /// - Parameters:
    ///   - today: the day that waivers are judged by.
    ///   - files: what exists beside hauban.yaml; rules about files keep silent without it.
    ///   - duty: what is known of time zones and calendars; rules about them keep silent without it.
    package static func check(
        _ parsed: ParsedPlatform, today: CalendarDate, files: FileFacts? = nil, duty: DutyFacts? = nil
    ) -> [Diagnostic] {
        judge(parsed, today: today, files: files, duty: duty).diagnostics
    }

    /// As ``check(_:today:files:duty:)``, with the findings that a waiver sets aside.
    package static func judge(
        _ parsed: ParsedPlatform, today: CalendarDate, files: FileFacts? = nil, duty: DutyFacts? = nil
    ) -> Judgement {
        let contexts = contexts(parsed, today: today, files: files, duty: duty)
        guard let first = contexts.first else { return Judgement(diagnostics: parsed.diagnostics, waived: []) }
        var desk = WaiverDesk(first, isWhole: contexts.allSatisfy(\.gaps.isEmpty))
        var docket = Docket(parsed: parsed, contexts: contexts.map(\.environment))
        for (index, context) in contexts.enumerated() {
            for policy in all {
                switch policy.reach {
                case .once where index > 0: continue
                case .environment where context.environment == nil: continue
                case .once, .environment, .everywhere: break
                }
                for finding in policy.check(context) {
                    let waiver = desk.waiver(for: finding)
                    docket.add(finding, in: context.environment, reach: policy.reach, waiver: waiver)
                }
            }
        }
        let (findings, waived) = docket.close()
        let diagnostics = (parsed.diagnostics + findings + desk.findings()).ordered
        return Judgement(diagnostics: diagnostics, waived: waived)
    }

    /// In the order in which a reader learns the language; the order of findings is the file's.
    static let all: [Policy] = [
        .names, .edges, .accesses, .cycles, .placeholders, .migrations, .secretUses, .variables, .secretsInText,
        .exposures, .ports, .somethingToRun, .alerts, .criteria, .schedules, .parties, .actions, .subjects,
        .receivers, .ways, .duty, .maintenance, .inhibitions, .environmentNames, .phases,
        .domains, .honour, .levels, .sources, .runbooks,
    ]

    /// Each environment's platform as far as it could be read; the base where it stands alone or where an environment
    /// could not be made.
    static func contexts(
        _ parsed: ParsedPlatform, today: CalendarDate, files: FileFacts?, duty: DutyFacts?
    ) -> [PolicyContext] {
        func context(_ partial: PartialPlatform, _ environment: EnvironmentName?) -> PolicyContext {
            PolicyContext(
                parsed: parsed, partial: partial, environment: environment, today: today, files: files, duty: duty)
        }
        var contexts = parsed.partials.sorted { $0.key < $1.key }.map { context($0.value, $0.key) }
        if let base = parsed.partialBase,
            base.platform.environments.isEmpty || contexts.count < base.platform.environments.count
        {
            contexts.insert(context(base, nil), at: 0)
        }
        return contexts
    }
}

/// What the rules say of one file.
package struct Judgement: Sendable {
    /// In the order of the file, the parser's among them.
    package var diagnostics: [Diagnostic]
    /// What a waiver set aside.
    package var waived: [Waived]

    package struct Waived: Sendable, Hashable {
        package var finding: Diagnostic
        package var waiver: WaiverName
    }
}

/// Makes one finding of those that several environments repeat.
struct Docket {
    private struct Key: Hashable {
        let code: String
        let message: String
        let path: SpecPath
        let span: Span?
    }

    private struct Case {
        var finding: Diagnostic
        var reach: Policy.Reach
        /// Where it was found, and the waiver that sets it aside there.
        var places: [(environment: EnvironmentName?, waiver: WaiverName?, severity: Diagnostic.Severity)]
    }

    private let parsed: ParsedPlatform
    private let contexts: [EnvironmentName?]
    private var order: [Key] = []
    private var cases: [Key: Case] = [:]

    init(parsed: ParsedPlatform, contexts: [EnvironmentName?]) {
        self.parsed = parsed
        self.contexts = contexts
    }

    mutating func add(
        _ finding: Diagnostic, in environment: EnvironmentName?, reach: Policy.Reach, waiver: WaiverName?
    ) {
        let key = Key(code: finding.code, message: finding.message, path: finding.path, span: finding.span)
        if cases[key] == nil {
            order.append(key)
            cases[key] = Case(finding: finding, reach: reach, places: [])
        }
        if cases[key]?.places.contains(where: { $0.environment == environment }) == false {
            cases[key]?.places.append((environment, waiver, finding.severity))
        }
    }

    func close() -> (findings: [Diagnostic], waived: [Judgement.Waived]) {
        var findings: [Diagnostic] = []
        var waived: [Judgement.Waived] = []
        for one in order.compactMap({ cases[$0] }) where !isUsedElsewhere(one) {
            waived += Self.waived(one, everywhere: contexts.count)
            let unwaived = one.places.filter { $0.waiver == nil }
            // What weighs most somewhere is said as that, and there first.
            guard let severity = unwaived.map(\.severity).min() else { continue }
            let open = (unwaived.filter { $0.severity == severity } + unwaived.filter { $0.severity != severity })
                .map(\.environment)
            var finding = one.finding
            finding.severity = severity
            let names = open.compactMap { $0?.text }
            let everywhere = one.reach == .once || one.reach == .everywhere && open.count == contexts.count
            finding.environment = everywhere ? nil : names.first
            if !everywhere && names.count > 1 {
                let others = Suggest.list(Array(names.dropFirst()))
                finding.notes.append(Diagnostic.Note("the same in \(others)", at: nil))
            }
            findings.append(finding)
        }
        return (findings, waived)
    }

    /// What waivers set aside, once when one waiver does so everywhere.
    private static func waived(_ one: Case, everywhere: Int) -> [Judgement.Waived] {
        let waivers = Set(one.places.map(\.waiver))
        let isOne = waivers.count == 1 && one.reach != .environment && one.places.count == everywhere
        return (isOne ? Array(one.places.prefix(1)) : one.places).compactMap { place in
            guard let waiver = place.waiver else { return nil }
            var finding = one.finding
            finding.environment = isOne ? nil : place.environment?.text
            return Judgement.Waived(finding: finding, waiver: waiver)
        }
    }

    /// What one environment has no use for is no waste when another one uses it.
    private func isUsedElsewhere(_ one: Case) -> Bool {
        guard one.finding.severity == .warning, one.finding.rule == nil, one.reach == .everywhere else { return false }
        return contexts.contains { environment in
            !one.places.contains { $0.environment == environment }
                && parsed.isWritten(one.finding.path, in: environment)
        }
    }
}
