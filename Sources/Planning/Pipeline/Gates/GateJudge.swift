package import Spec

/// Says whether what a step's reports tell lets a change through.
package struct GateJudge: Sendable {
    package var gates: Gates
    package var waivers: [WaiverName: Waiver]
    package var environment: EnvironmentName?
    package var today: CalendarDate
    /// Fingerprints of what the target branch has; `nil` when that is unknown.
    package var baseline: Set<String>?

    package init(
        gates: Gates, waivers: [WaiverName: Waiver], environment: EnvironmentName? = nil, today: CalendarDate,
        baseline: Set<String>? = nil
    ) {
        self.gates = gates
        self.waivers = waivers
        self.environment = environment
        self.today = today
        self.baseline = baseline
    }

    /// Judges the reports of one step, in the order of their names.
    package func judge(_ reports: [StepReports.Report], of step: PipelineGraph.Step) -> StepReading {
        var reading = StepReading()
        let stage = step.stage?.text ?? ""
        var licensed = false
        var readable = 0
        for report in reports {
            switch report {
            case .findings(let found):
                readable += 1
                for finding in found { judge(finding, stage, &reading) }
            case .tests(let tally): reading.tests = (reading.tests ?? TestTally()) + tally
            case .coverage(let coverage):
                let before = reading.coverage ?? LineCoverage(covered: 0, lines: 0)
                reading.coverage = LineCoverage(
                    covered: before.covered + coverage.covered, lines: before.lines + coverage.lines)
            case .components(let components):
                reading.components = (reading.components ?? 0) + components.count
                licensed = true
                for component in components { judge(component, stage, &reading) }
            case .broken(let why): reading.refusals.append(why)
            case .other: break
            }
        }
        if case .report = step.gate, readable == 0, reading.refusals.isEmpty {
            reading.refusals.append("\(step.name) left no report that could be judged")
        }
        if stage == Pipeline.Known.scan.rawValue, !gates.licences.isEmpty, !licensed {
            reading.refusals.append("licences are not known: the scan left no bill of materials")
        }
        tests(stage, &reading)
        summarise(&reading)
        return reading
    }

    // MARK: Tests

    private func tests(_ stage: String, _ reading: inout StepReading) {
        if let tests = reading.tests {
            if tests.failed > 0 {
                let names = tests.failures.prefix(3).joined(separator: ", ")
                reading.refusals.append("\(tests.failed) of \(tests.run) tests failed: \(names)")
            } else if tests.run == tests.skipped {
                reading.refusals.append(tests.run == 0 ? "no test ran" : "all \(tests.run) tests were skipped")
            }
        }
        guard stage == Pipeline.Known.test.rawValue, let least = gates.coverage else { return }
        guard let coverage = reading.coverage else {
            reading.refusals.append("coverage of \(least) is asked for, and no report tells it")
            return
        }
        // In whole numbers: 60 % are 60 %, however a fraction is rounded.
        if coverage.lines == 0 || coverage.covered * 1_000_000 < least.millionths * coverage.lines {
            reading.refusals.append(
                "tests ran \(coverage.text) of the lines (\(coverage.covered) of \(coverage.lines)), \(least) are asked for"
            )
        }
    }

    // MARK: Findings

    private func judge(_ finding: GateFinding, _ stage: String, _ reading: inout StepReading) {
        guard let finding = sized(finding) else { return }
        guard blocks(finding, stage) else {
            reading.findings.append(JudgedFinding(finding, .passes))
            return
        }
        if let waiver = waiver(for: finding, stage) {
            reading.findings.append(JudgedFinding(finding, .waived(waiver)))
        } else if gates.newOnly, let baseline, baseline.contains(finding.fingerprint) {
            reading.findings.append(JudgedFinding(finding, .known))
        } else {
            reading.findings.append(JudgedFinding(finding, .stops))
        }
    }

    /// The size of an image becomes a finding when it is too large.
    private func sized(_ finding: GateFinding) -> GateFinding? {
        guard finding.kind == .image, finding.rule == "size", let size = Int(finding.message) else { return finding }
        guard let most = gates.imageSize, size > most.bytes else { return nil }
        return GateFinding(
            tool: finding.tool, kind: .image, rule: "size", level: .high,
            message: "the image has \(ByteCount(bytes: size)), \(most) are allowed", package: finding.package)
    }

    private func blocks(_ finding: GateFinding, _ stage: String) -> Bool {
        switch finding.kind {
        case .secret, .licence, .unseen, .image: true
        // A tool that knows no severity cannot say that a hole is a small one.
        case .vulnerability: finding.level.map { $0 >= gates.vulnerabilities.block } ?? true
        // A linter's own exit code says whether it lets something through.
        case .code: stage != Pipeline.Known.lint.rawValue && (finding.level.map { $0 >= gates.code.block } ?? true)
        }
    }

    private func judge(_ component: StepReports.Component, _ stage: String, _ reading: inout StepReading) {
        guard !gates.licences.isEmpty else { return }
        let allowed = Set(gates.licences)
        if let licence = component.licence, LicenceExpression.isAllowed(licence, by: allowed) { return }
        judge(
            GateFinding(
                tool: "hauban", kind: .licence, rule: component.licence ?? "licence-unknown",
                message: component.licence.map { "\(component.name) has the licence \($0)" }
                    ?? "the licence of \(component.name) is not known",
                package: component.name), stage, &reading)
    }

    /// The waiver in force for a finding: its rule is `STAGE/RULE`, with any of the finding's names.
    private func waiver(for finding: GateFinding, _ stage: String) -> WaiverName? {
        let rules = Set(([finding.rule] + finding.aliases).map { "\(stage)/\($0)" })
        return waivers.sorted { $0.key < $1.key }.first { _, waiver in
            guard rules.contains(waiver.rule), waiver.expires >= today else { return false }
            guard waiver.environment == nil || waiver.environment == environment else { return false }
            guard let file = waiver.file else { return true }
            return finding.file.map { Paths.isBelow($0, Self.plain(file)) } ?? false
        }?.key
    }

    /// Whether a waiver covered it until a day that is over.
    private func expired(_ finding: GateFinding, _ stage: String) -> (WaiverName, Waiver)? {
        let rules = Set(([finding.rule] + finding.aliases).map { "\(stage)/\($0)" })
        return waivers.sorted { $0.key < $1.key }.first { rules.contains($0.value.rule) && $0.value.expires < today }
            .map { ($0.key, $0.value) }
    }

    private static func plain(_ file: String) -> String {
        var text = file.hasPrefix("./") ? String(file.dropFirst(2)) : file
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    private func summarise(_ reading: inout StepReading) {
        let stopping = reading.findings.filter { $0.ruling == .stops }.map(\.finding)
        guard !stopping.isEmpty else { return }
        let shown = stopping.prefix(5).map { finding in
            let level = finding.level.map { " (\($0.rawValue))" } ?? ""
            let place = finding.place.isEmpty ? "" : " in \(finding.place)"
            return finding.rule + level + place
        }
        let kinds = Set(stopping.map(\.kind))
        let noun =
            kinds == [.vulnerability]
            ? "known hole" : kinds == [.secret] ? "secret" : kinds == [.licence] ? "licence" : "finding"
        let what = stopping.count == 1 ? "1 \(noun) stops it" : "\(stopping.count) \(noun)s stop it"
        let rest = stopping.count > shown.count ? " and \(stopping.count - shown.count) more" : ""
        reading.refusals.append("\(what): \(shown.joined(separator: ", "))\(rest)")
    }

    /// What is told beside the findings of a stage: waivers that ended.
    package func endedWaivers(_ reading: StepReading, of step: PipelineGraph.Step) -> [String] {
        var told: Set<String> = []
        for judged in reading.findings where judged.ruling == .stops {
            if let (name, waiver) = expired(judged.finding, step.stage?.text ?? "") {
                told.insert("the waiver `\(name)` of \(waiver.rule) ended on \(waiver.expires)")
            }
        }
        return told.sorted()
    }
}
