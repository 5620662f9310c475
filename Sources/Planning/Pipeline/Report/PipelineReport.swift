package import Spec

/// One report for all that a pipeline found: a table, Markdown for a pull request, SARIF, JUnit, and annotations.
package struct PipelineReport: Sendable {
    package let platform: PlatformName
    package let result: PipelineResult
    /// What nobody knew how to do, and other remarks, in clauses.
    package let remarks: [String]

    package init(platform: PlatformName, result: PipelineResult, remarks: [String]) {
        self.platform = platform
        self.result = result
        self.remarks = remarks
    }

    /// The findings with the steps that they are of: those that stop first.
    var findings: [(step: StepResult, judged: JudgedFinding)] {
        let all = result.steps.flatMap { step in step.reading.findings.map { (step: step, judged: $0) } }
        return all.filter { $0.judged.ruling == .stops } + all.filter { $0.judged.ruling != .stops }
    }

    // MARK: Table

    /// Rows for a table: step, outcome, time, what its reports say.
    package var rows: [[String]] {
        result.steps.map { step in [step.step.id.text, step.outcome.word, Self.seconds(step.took), Self.note(step)] }
    }

    /// What the reports of a step say, in a few words.
    package static func note(_ step: StepResult) -> String {
        var parts: [String] = []
        let reading = step.reading
        if let tests = reading.tests {
            parts.append("\(tests.run - tests.failed - tests.skipped) of \(tests.run) tests")
        }
        if let coverage = reading.coverage { parts.append("\(coverage.text) of lines") }
        let stopping = reading.findings.count { $0.ruling == .stops }
        if stopping > 0 { parts.append("\(stopping) stop it") }
        let waived = reading.findings.count { if case .waived = $0.ruling { true } else { false } }
        if waived > 0 { parts.append("\(waived) waived") }
        let known = reading.findings.count { $0.ruling == .known }
        if known > 0 { parts.append("\(known) known") }
        let passing = reading.findings.count { $0.ruling == .passes }
        if passing > 0 { parts.append("\(passing) told") }
        if let components = reading.components { parts.append("\(components) packages") }
        return parts.joined(separator: ", ")
    }

    static func seconds(_ duration: Duration) -> String {
        let tenths = Int(duration / .milliseconds(100))
        return "\(tenths / 10).\(tenths % 10) s"
    }

    // MARK: Markdown

    /// For a pull request, or `$GITHUB_STEP_SUMMARY`.
    package var markdown: String {
        let bad = result.steps.filter { !$0.outcome.isGood }
        let verdict =
            switch result.verdict {
            case .passed: "passed"
            case .failed: "failed"
            case .cancelled: "cancelled"
            }
        var text = "## Pipeline of \(platform): \(verdict)\n\n"
        text += "| step | outcome | time | reports |\n|---|---|---:|---|\n"
        for row in rows { text += "| " + row.map(Self.cell).joined(separator: " | ") + " |\n" }
        for step in bad {
            guard case .failed(let reason) = step.outcome else { continue }
            text += "\n**\(Self.cell(step.step.id.text))**: \(Self.cell(reason))\n"
        }
        let found = findings.filter { $0.judged.ruling == .stops }
        if !found.isEmpty {
            text += "\n| finding | level | where | what |\n|---|---|---|---|\n"
            for (_, judged) in found.prefix(50) {
                let finding = judged.finding
                let cells = [finding.rule, finding.level?.rawValue ?? "unknown", finding.place, finding.message]
                text += "| " + cells.map(Self.cell).joined(separator: " | ") + " |\n"
            }
            if found.count > 50 { text += "\n\(found.count - 50) more.\n" }
        }
        let kept = result.steps.flatMap(\.artifacts)
        for remark in remarks + kept.map({ "kept: \($0)" }) { text += "\n- \(Self.cell(remark))" }
        return text + (remarks.isEmpty && kept.isEmpty ? "" : "\n")
    }

    /// Text of others in a table: no markup, no column, no address of a person.
    private static func cell(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "|", "`", "*", "_", "[", "]", "<", ">", "\\", "#", "!": out += "\\\(character)"
            case "@": out += "@\u{200b}"
            case "\n", "\r": out += " "
            default: out.append(character)
            }
        }
        return out
    }

    // MARK: Annotations

    /// GitHub's workflow commands, one for each finding that stops and each step that failed without one.
    ///
    /// GitHub shows ten of a kind for a step of its own, so that the worst come first.
    package var annotations: [String] {
        var lines: [String] = []
        for (step, judged) in findings where judged.ruling == .stops {
            let finding = judged.finding
            var properties = finding.file.map { ["file=\(Self.property($0))"] } ?? []
            if let line = finding.line, finding.file != nil { properties.append("line=\(line)") }
            properties.append("title=\(Self.property("\(step.step.id): \(finding.rule)"))")
            lines.append("::error \(properties.joined(separator: ","))::\(Self.data(finding.message))")
        }
        for step in result.steps where !step.reading.findings.contains(where: { $0.ruling == .stops }) {
            switch step.outcome {
            case .failed(let reason):
                lines.append("::error title=\(Self.property(step.step.id.text))::\(Self.data(reason))")
            case .late:
                lines.append("::error title=\(Self.property(step.step.id.text))::\(Self.data(step.outcome.text))")
            case .passed, .kept, .skipped, .cancelled: break
            }
        }
        return lines
    }

    static func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    static func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
