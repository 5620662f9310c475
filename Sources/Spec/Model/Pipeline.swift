/// What a change goes through before and while it is shipped.
package struct Pipeline: Sendable, Hashable {
    package var stages: [Stage]
    /// The team's own stages, or its commands for a known one.
    package var steps: [StageName: Step]
    package var gates: Gates
    /// How often dependencies are looked up for newer versions; `nil` leaves that to people.
    package var updates: Duration?
    /// Stages that run before a commit on the author's machine.
    package var beforeCommit: [StageName]

    /// A stage that Hauban knows, or one of `steps`.
    package typealias Stage = StageName

    package enum Known: String, CaseIterable, Sendable {
        case lint, secrets, test, audit, build, scan, push, migrate, deploy, verify
    }

    package static let usual = Pipeline(
        stages: [.lint, .secrets, .test, .audit, .build, .scan, .migrate, .deploy, .verify].compactMap {
            (known: Known) in StageName(known.rawValue)
        }, steps: [:], gates: .usual, updates: nil, beforeCommit: [])

    static let shape: Shape<Pipeline> = .record(
        "pipeline", "What a change goes through before and while it is shipped."
    ) { f in
        let stages = f.value(
            "stages", .list(of: StageName.shape("a stage")), default: usual.stages, because: "the usual order",
            "The stages in their order.", example: "[lint, test, build, deploy]")
        let steps = f.value(
            "steps", .map(of: Step.shape, key: StageName.shape("a stage")), default: [:],
            because: "what each stack knows",
            "Your own stages, or your commands for a known one.")
        let gates = f.value("gates", Gates.shape, default: .usual, because: "the usual gates", "What stops a change.")
        let updates = f.optional(
            "updates", .interval,
            "How often dependencies are looked up for newer versions and known holes; each find becomes a pull request.",
            example: "weekly")
        let beforeCommit = f.value(
            "before-commit", .list(of: StageName.shape("a stage")), default: [], because: "none",
            "Stages that run as a hook before each commit on the author's machine.", example: "[lint, secrets]")
        let known = Known.allCases.map(\.rawValue)
        for (index, stage) in beforeCommit.enumerated()
        where !stages.contains(stage) && f.isSound("stages") && f.isSound("before-commit", item: index) {
            f.report(
                .unknownStage, "the stage '\(stage)' is not one of `stages`", at: "before-commit", item: index,
                help: "Stages here: " + stages.map(\.text).joined(separator: ", ") + ".")
        }
        for (index, stage) in stages.enumerated()
        where !known.contains(stage.text) && steps[stage] == nil && f.isSound("stages", item: index)
            && !f.mayName(stage.text, in: "steps")
        {
            let near = KeyHint.nearest(to: stage.text, among: known + steps.keys.map(\.text))
            f.report(
                .unknownStage, "the stage '\(stage)' is neither known nor one of `steps`", at: "stages", item: index,
                help: (near.map { "Did you mean `\($0)`? " } ?? "") + "Known stages: "
                    + known.joined(separator: ", ") + "; your own stand under `pipeline.steps`.", fix: near)
        }
        return Pipeline(
            stages: stages, steps: steps, gates: gates, updates: updates, beforeCommit: beforeCommit)
    }

    /// The commands of one stage.
    package struct Step: Sendable, Hashable {
        package var run: [CommandLine]
        package var after: [StageName]
        package var timeout: Duration
        package var retries: Int

        static let shape: Shape<Step> = .record(
            "step", "The commands of one stage.",
            short: Shape<CommandLine>.command.map(
                { Step(run: [$0], after: [], timeout: .seconds(900), retries: 0) },
                show: { $0.run.map(\.text).joined(separator: "; ") })
        ) { f in
            let run = f.required("run", .list(of: .command), "The commands, one after another.")
            let after = f.value(
                "after", .list(of: StageName.shape("a stage")), default: [], because: "the order of `stages`",
                "Stages that must have passed.")
            let timeout = f.value("timeout", .duration, default: .seconds(900), "Ends the stage as failed.")
            let retries = f.value(
                "retries", .integer(0...5), default: 0, because: "a step that needs luck is broken",
                "Further tries after a failure.")
            guard let run else { return nil }
            return Step(run: run, after: after, timeout: timeout, retries: retries)
        }
    }
}

/// What stops a change.
package struct Gates: Sendable, Hashable {
    package var coverage: Percent?
    package var vulnerabilities: FindingGate
    package var code: FindingGate
    package var licences: [String]
    package var newOnly: Bool
    /// Largest image that may be shipped.
    package var imageSize: ByteCount?

    package static let usual = Gates(
        coverage: nil, vulnerabilities: FindingGate(block: .high), code: FindingGate(block: .high), licences: [],
        newOnly: false, imageSize: nil)

    static let shape: Shape<Gates> = .record("gates", "What stops a change.") { f in
        let coverage = f.optional("coverage", .percent(), "Least share of lines that tests run.", example: "60%")
        let vulnerabilities = f.value(
            "vulnerabilities", FindingGate.shape, default: usual.vulnerabilities, because: "block: high",
            "Known holes in dependencies and images.", example: "{block: high}")
        let code = f.value(
            "code", FindingGate.shape, default: usual.code, because: "block: high", "Findings of static analysis.")
        let licences = f.value(
            "licences", .list(of: .text("a licence", examples: ["MIT"])), default: [], because: "any licence",
            "SPDX names of the only licences allowed in dependencies.")
        let newOnly = f.value(
            "new-only", .boolean, default: false, "Only findings that the target branch does not have stop a change.")
        let imageSize = f.optional(
            "image-size", .byteCount, "Largest image that may be shipped.", example: "500Mi")
        return Gates(
            coverage: coverage, vulnerabilities: vulnerabilities, code: code, licences: licences, newOnly: newOnly,
            imageSize: imageSize)
    }

    /// From which severity a finding stops a change.
    package struct FindingGate: Sendable, Hashable {
        package var block: Level

        static let shape: Shape<FindingGate> = .record(
            "finding gate", "From which severity a finding stops a change.", show: { "{block: \($0.block.rawValue)}" }
        ) { f in
            let block = f.value(
                "block", Level.shape("a level"), default: Level.high, "Findings of this level and above stop it.")
            return FindingGate(block: block)
        }
    }
}

/// How bad a finding or an alert is.
package enum Level: String, Choice, Comparable, Codable {
    case critical, high, medium, low

    package var meaning: String {
        switch self {
        case .critical: "service down or data lost: somebody is woken"
        case .high: "service degraded or frequent errors"
        case .medium: "an anomaly that wants attention in working hours"
        case .low: "information"
        }
    }

    private var rank: Int {
        switch self {
        case .critical: 3
        case .high: 2
        case .medium: 1
        case .low: 0
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}
