import Spec

extension PipelineReport {
    /// One SARIF 2.1.0 log with a run for each tool; what is waived or known is in it, suppressed.
    ///
    /// - Parameter version: of this program.
    package func sarif(version: String) -> String {
        var byTool: [String: [(step: StepResult, judged: JudgedFinding)]] = [:]
        for one in findings { byTool[one.judged.finding.tool, default: []].append(one) }
        let runs = byTool.sorted { $0.key < $1.key }.map { tool, found -> JSONTree in
            let rules = Set(found.map(\.judged.finding.rule)).sorted()
            let places = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($0.element, $0.offset) })
            let listed: [JSONTree] = rules.map { ["id": .text($0)] }
            let driver: JSONTree = ["name": .text(tool), "rules": .list(listed)]
            let results: [JSONTree] = found.map {
                Self.result($0.step, $0.judged, rule: places[$0.judged.finding.rule] ?? 0)
            }
            return [
                "tool": ["driver": driver],
                // Section 3.17: one category for each tool, so that a host keeps them apart.
                "automationDetails": ["id": .text("hauban/\(tool)/")],
                "results": .list(results),
            ]
        }
        let none: JSONTree = [
            "tool": ["driver": ["name": .text("hauban"), "version": .text(version)]], "results": .list([]),
        ]
        let log: JSONTree = [
            "$schema": .text(SARIFReport.schema), "version": .text("2.1.0"),
            "runs": .list(runs.isEmpty ? [none] : runs),
        ]
        return log.document
    }

    private static func result(_ step: StepResult, _ judged: JudgedFinding, rule: Int) -> JSONTree {
        let finding = judged.finding
        var members: [JSONTree.Member] = [
            .init("ruleId", .text(finding.rule)), .init("ruleIndex", .number(rule)),
            .init("level", .text(level(finding.level))), .init("message", ["text": .text(finding.message)]),
        ]
        if let file = finding.file {
            var place: [JSONTree.Member] = [.init("artifactLocation", ["uri": .text(address(file))])]
            if let line = finding.line { place.append(.init("region", ["startLine": .number(line)])) }
            members.append(.init("locations", .list([["physicalLocation": .object(place)]])))
        }
        members.append(.init("partialFingerprints", ["hauban/v1": .text(finding.fingerprint)]))
        switch judged.ruling {
        case .stops, .passes: break
        case .waived(let name):
            members.append(
                .init("suppressions", .list([["kind": .text("external"), "justification": .text("waiver \(name)")]])))
        case .known: members.append(.init("baselineState", .text("unchanged")))
        }
        var properties: [JSONTree.Member] = [.init("step", .text(step.step.id.text))]
        if let package = finding.package { properties.append(.init("package", .text(package))) }
        if !finding.fixedIn.isEmpty { properties.append(.init("fixedIn", .list(finding.fixedIn.map { .text($0) }))) }
        members.append(.init("properties", .object(properties)))
        return .object(members)
    }

    /// A relative reference (RFC 3986): what is no unreserved character or slash is escaped.
    private static func address(_ path: String) -> String {
        var out = ""
        for byte in path.utf8 {
            switch byte {
            case 0x61...0x7a, 0x41...0x5a, 0x30...0x39, 0x2d, 0x2e, 0x5f, 0x7e, 0x2f:
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                out += "%" + (hex.count < 2 ? "0" : "") + hex
            }
        }
        return out
    }

    private static func level(_ level: Level?) -> String {
        switch level {
        case .critical, .high, nil: "error"
        case .medium: "warning"
        case .low: "note"
        }
    }

    /// The fingerprints of a log that this type wrote: what the target branch has.
    ///
    /// - Returns: `nil` for what is no such log.
    package static func fingerprints(ofSARIF bytes: [UInt8]) -> Set<String>? {
        guard let tree = JSONTree(parsing: bytes), tree["version"]?.string == "2.1.0",
            case .list(let runs)? = tree["runs"]
        else { return nil }
        return Set(
            runs.flatMap { $0["results"]?.items ?? [] }.compactMap { $0["partialFingerprints"]?["hauban/v1"]?.string })
    }

    /// JUnit's XML: a suite for each stage, a case for each step.
    package var junit: String {
        var suites: [(name: String, steps: [StepResult])] = []
        for step in result.steps {
            let name = step.step.stage?.text ?? "prepare"
            if let index = suites.firstIndex(where: { $0.name == name }) {
                suites[index].steps.append(step)
            } else {
                suites.append((name, [step]))
            }
        }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"\(Self.xml(platform.text))\">\n"
        for (name, steps) in suites {
            let failures = steps.count { Self.isFailure($0.outcome) }
            let skipped = steps.count { Self.isSkip($0.outcome) }
            text += "  <testsuite name=\"\(Self.xml(name))\" tests=\"\(steps.count)\" failures=\"\(failures)\" "
            text += "errors=\"0\" skipped=\"\(skipped)\">\n"
            for step in steps {
                let seconds = Double(Int(step.took / .milliseconds(1))) / 1000
                text +=
                    "    <testcase classname=\"\(Self.xml(name))\" name=\"\(Self.xml(step.step.id.text))\" time=\"\(seconds)\""
                if Self.isFailure(step.outcome) {
                    text += ">\n      <failure message=\"\(Self.xml(step.outcome.text))\">"
                    text += Self.xml(step.lastLines.joined(separator: "\n")) + "</failure>\n    </testcase>\n"
                } else if Self.isSkip(step.outcome) {
                    text += ">\n      <skipped message=\"\(Self.xml(step.outcome.text))\"/>\n    </testcase>\n"
                } else {
                    text += "/>\n"
                }
            }
            text += "  </testsuite>\n"
        }
        return text + "</testsuites>\n"
    }

    private static func isFailure(_ outcome: PipelineRun.Outcome) -> Bool {
        switch outcome {
        case .failed, .late: true
        case .passed, .kept, .skipped, .cancelled: false
        }
    }

    private static func isSkip(_ outcome: PipelineRun.Outcome) -> Bool {
        switch outcome {
        case .skipped, .cancelled: true
        case .passed, .kept, .failed, .late: false
        }
    }

    /// Text for an element or an attribute; what XML 1.0 has no character for is left out.
    static func xml(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "\n": out += "&#10;"
            case "\t", "\u{20}"..."\u{d7ff}", "\u{e000}"..."\u{fffd}", "\u{10000}"..."\u{10ffff}":
                out.unicodeScalars.append(scalar)
            default: break
            }
        }
        return out
    }
}
