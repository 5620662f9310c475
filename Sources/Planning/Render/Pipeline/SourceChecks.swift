import Spec

/// What a runner does by itself to judge one source folder: the commands that each stack is known by.
///
/// Only for stages that the platform has and that `pipeline.steps` does not replace; the table that `hauban ci` goes by.
struct SourceChecks: Sendable {
    struct Step: Sendable, Hashable {
        var stage: Pipeline.Known
        var name: String
        /// One command, or several lines of shell that stop at the first failure.
        var run: String
        var comment: String?
    }

    enum Tool: Sendable, Hashable {
        case python, node, go, swift
    }

    var image: SourceImage
    /// What has to be there before the commands run.
    var tool: Tool?
    /// Puts the source's own packages in place, within its folder.
    var install: String?
    var steps: [Step]

    var folder: String { image.folder }
    var auditKnowsNoSeverity: Bool { tool != .node && steps.contains { $0.stage == .audit } }

    /// - Returns: `nil` when there is nothing that a runner could do.
    init?(_ image: SourceImage, pipeline: Pipeline, files: RepositoryFiles) {
        self.image = image
        steps = []
        let source = SourceFiles(image: image, files: files)
        let gates = pipeline.gates
        switch image.kind {
        case .python:
            tool = .python
            install = source.pythonInstall
            steps = Self.python(source, gates)
        case .node:
            tool = .node
            install = source.nodeInstall
            steps = Self.node(source, gates)
        case .site:
            if source.isNodeSite {
                tool = .node
                install = source.nodeInstall
                steps = Self.node(source, gates)
            } else if let build = source.siteBuild {
                steps = [Step(stage: .build, name: "Build the site", run: build)]
            }
        case .go:
            tool = .go
            steps = Self.go(gates)
        case .swift:
            tool = .swift
            steps = Self.swift(gates)
        case .plain, nil: break
        }
        steps = steps.filter { step in
            pipeline.stages.contains { $0.text == step.stage.rawValue }
                && !pipeline.steps.keys.contains { $0.text == step.stage.rawValue }
        }
        if steps.isEmpty { return nil }
    }

    private static func python(_ source: SourceFiles, _ gates: Gates) -> [Step] {
        var test = "python -m pytest --cov --cov-report=term --cov-report=xml --junit-xml=junit.xml"
        if let least = gates.coverage { test += " --cov-fail-under=\(PipelinePlan.number(least))" }
        var steps = [
            Step(stage: .lint, name: "ruff", run: "ruff check ."),
            Step(stage: .lint, name: "black", run: "black --check ."),
            Step(stage: .test, name: "pytest", run: test),
        ]
        let audit =
            source.hasRequirements ? "pip-audit --strict --requirement requirements.txt" : "pip-audit --strict ."
        steps.append(Step(stage: .audit, name: "pip-audit", run: audit))
        return steps
    }

    private static func node(_ source: SourceFiles, _ gates: Gates) -> [Step] {
        let lint = source.scripts.contains("lint") ? "npm run lint" : "npx eslint ."
        var vitest = "npx vitest run"
        if let least = gates.coverage {
            vitest += " --coverage --coverage.thresholds.lines=\(PipelinePlan.number(least))"
        }
        let level = PipelinePlan.advisory(gates.vulnerabilities.block)
        var steps = [
            Step(stage: .lint, name: "eslint", run: lint), Step(stage: .test, name: "vitest", run: vitest),
            Step(stage: .audit, name: "npm audit", run: "npm audit --audit-level=\(level)"),
        ]
        if source.builds { steps.append(Step(stage: .build, name: "Build", run: "npm run build")) }
        return steps
    }

    private static func go(_ gates: Gates) -> [Step] {
        var test = "go test -race -coverprofile=coverage.out ./..."
        if let least = gates.coverage {
            test +=
                "\ngo tool cover -func=coverage.out | awk '/^total:/ { exit ($3 + 0 < \(PipelinePlan.number(least))) }'\n"
        }
        return [
            Step(stage: .lint, name: "gofmt", run: "test -z \"$(gofmt -l . | tee /dev/stderr)\""),
            Step(stage: .lint, name: "go vet", run: "go vet ./..."),
            Step(stage: .test, name: "go test", run: test),
            Step(
                stage: .audit, name: "govulncheck",
                run: "go run golang.org/x/vuln/cmd/govulncheck@v\(PipelineScripts.govulncheck) ./...",
                comment: "Go's checksum database vouches for the version."),
        ]
    }

    private static func swift(_ gates: Gates) -> [Step] {
        var test = "swift test --enable-code-coverage"
        if let least = gates.coverage {
            test +=
                "\njq --exit-status '.data[0].totals.lines.percent >= \(PipelinePlan.number(least))' "
                + "\"$(swift test --show-codecov-path)\"\n"
        }
        return [
            Step(
                stage: .lint, name: "swift format",
                run: "swift format lint --strict --recursive Package.swift Sources Tests"),
            Step(stage: .test, name: "swift test", run: test),
        ]
    }
}

/// What the files of a source say about how it is checked; what is not written yet is taken to be as usual.
struct SourceFiles: Sendable {
    let image: SourceImage
    let files: RepositoryFiles

    private func has(_ name: String) -> Bool { files.has(image.path(name)) }
    private func text(_ name: String) -> String { files.text(image.path(name)) ?? "" }

    /// Whether anything of it is there.
    private var isThere: Bool { !files.names(below: image.folder).isEmpty }

    var hasRequirements: Bool { has("requirements.txt") || !has("pyproject.toml") }

    var developmentRequirements: String? {
        ["requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements-test.txt"].first(
            where: has)
    }

    /// Every file of packages that a cache of pip depends on.
    var pythonPackageFiles: [String] {
        (hasRequirements ? ["requirements.txt"] : ["pyproject.toml"]) + (developmentRequirements.map { [$0] } ?? [])
    }

    /// One command, so that the tools take the versions that the project's own files pin.
    var pythonInstall: String {
        var words = hasRequirements ? ["--requirement", "requirements.txt"] : ["."]
        if let own = developmentRequirements { words += ["--requirement", own] }
        return "pip install " + (words + ["ruff", "black", "pytest", "pytest-cov", "pip-audit"]).joined(separator: " ")
    }

    /// `npm ci` refuses without a lock file; what is installed then is not pinned.
    var nodeInstall: String { isLocked ? "npm ci" : "npm install --no-package-lock" }

    var isLocked: Bool { !has("package.json") || has("package-lock.json") || has("npm-shrinkwrap.json") }

    var scripts: Set<String> { JSONScripts.names(in: text("package.json")) }

    var siteBuild: String? {
        image.services.lazy.compactMap { $0.service.site?.build?.text }.first
            ?? image.services.lazy.compactMap { $0.service.build?.run?.text }.first
    }

    /// A site whose files npm makes.
    var isNodeSite: Bool {
        has("package.json") || (!isThere && (siteBuild ?? "").contains("npm ")) || (siteBuild ?? "").hasPrefix("npm ")
    }

    var builds: Bool { has("package.json") ? scripts.contains("build") : image.kind == .site }

    var siteOutput: String { image.services.lazy.compactMap { $0.service.site?.output }.first ?? "." }
}
