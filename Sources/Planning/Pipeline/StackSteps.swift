import Spec

/// What each stack is checked with, and how its packages are put in place.
///
/// Tools write their reports into `$HAUBAN_REPORTS`, where the gates find them; what they keep for themselves goes to folders
/// outside of the source.
struct StackSteps {
    struct Check {
        var stage: Pipeline.Known
        var name: String
        var run: String
        var programs: [String]
        var isDaily = false
        var gate = PipelineGraph.GateKind.exit
    }

    struct Preparation {
        var name: String
        var run: String
        /// All that it depends on.
        var files: [String]
        var programs: [String]
        var outputs: [String] = []
        var makesTools = false
    }

    static func of(_ source: SourceFiles, gates: Gates) -> [Check] {
        switch source.image.kind {
        case .python: python(source)
        case .node: node(source, gates)
        case .site: source.isNodeSite ? node(source, gates) : []
        case .go: go
        case .swift: swift
        case .plain, nil: []
        }
    }

    static func preparation(_ source: SourceFiles) -> Preparation? {
        switch source.image.kind {
        case .python: pythonTools(source)
        case .node: nodePackages(source)
        case .site: source.isNodeSite ? nodePackages(source) : nil
        case .go, .swift, .plain, nil: nil
        }
    }

    // MARK: Python

    private static func python(_ source: SourceFiles) -> [Check] {
        let audited = source.hasRequirements ? "--requirement requirements.txt" : "."
        return [
            // Twice, since one run writes either for people or for programs: together it takes some milliseconds.
            Check(
                stage: .lint, name: "ruff",
                run:
                    "ruff check --exit-zero --output-format sarif --output-file \"$HAUBAN_REPORTS/ruff.sarif\" . && ruff check .",
                programs: []),
            Check(stage: .lint, name: "black", run: "black --check --diff --quiet .", programs: []),
            Check(
                stage: .test, name: "pytest",
                run: "python -m pytest -p no:cacheprovider --cov --cov-report=term:skip-covered "
                    + "--cov-report=\"xml:$HAUBAN_REPORTS/coverage.xml\" --junit-xml=\"$HAUBAN_REPORTS/junit.xml\"",
                programs: []),
            Check(
                stage: .audit, name: "pip-audit",
                run: "pip-audit --strict \(audited) --progress-spinner off --format json "
                    + "--output \"$HAUBAN_REPORTS/pip-audit.json\"",
                programs: [], isDaily: true, gate: .report(worked: [0, 1])),
        ]
    }

    /// A virtual environment beside the caches, not in the source: with the project's own pins, and with what it does not pin.
    private static func pythonTools(_ source: SourceFiles) -> Preparation {
        var words = source.hasRequirements ? ["--requirement requirements.txt"] : ["."]
        if let own = source.developmentRequirements { words.append("--requirement \(own)") }
        return Preparation(
            name: "packages",
            run: "python3 -m venv --clear \"$HAUBAN_TOOLS\" && \"$HAUBAN_TOOLS/bin/pip\" install --quiet "
                + "--disable-pip-version-check \(words.joined(separator: " ")) ruff black pytest pytest-cov pip-audit",
            files: source.pythonPackageFiles, programs: ["python3"], makesTools: true)
    }

    // MARK: Node

    private static func node(_ source: SourceFiles, _ gates: Gates) -> [Check] {
        var vitest =
            "npx vitest run --reporter=default --reporter=junit --outputFile.junit=\"$HAUBAN_REPORTS/junit.xml\""
        if gates.coverage != nil {
            vitest +=
                " --coverage.enabled --coverage.reporter=text-summary --coverage.reporter=lcov "
                + "--coverage.reportsDirectory=\"$HAUBAN_REPORTS\""
        }
        return [
            Check(
                stage: .lint, name: "eslint",
                run: source.scripts.contains("lint") ? "npm run lint" : "npx eslint .", programs: ["node"]),
            Check(stage: .test, name: "vitest", run: vitest, programs: ["node"]),
            Check(
                stage: .audit, name: "npm audit", run: "npm audit --json > \"$HAUBAN_REPORTS/npm-audit.json\"",
                programs: ["node", "npm"], isDaily: true, gate: .report(worked: [0, 1])),
        ]
    }

    private static func nodePackages(_ source: SourceFiles) -> Preparation {
        Preparation(
            name: "packages", run: source.nodeInstall + " --no-audit --no-fund",
            files: ["package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc"], programs: ["node", "npm"],
            outputs: ["node_modules"])
    }

    // MARK: Go, Swift

    private static var go: [Check] {
        [
            Check(
                stage: .lint, name: "gofmt", run: "test -z \"$(gofmt -l . | tee /dev/stderr)\"", programs: ["gofmt"]),
            Check(stage: .lint, name: "go vet", run: "go vet ./...", programs: ["go"]),
            Check(
                stage: .test, name: "go test",
                run: "go test -race -coverprofile=\"$HAUBAN_REPORTS/coverage.out\" ./...", programs: ["go"]),
            Check(
                stage: .audit, name: "govulncheck",
                run: "go run golang.org/x/vuln/cmd/govulncheck@v\(PipelineScripts.govulncheck) -format sarif ./... "
                    + "> \"$HAUBAN_REPORTS/govulncheck.sarif\"",
                programs: ["go"], isDaily: true, gate: .report(worked: [0])),
        ]
    }

    private static var swift: [Check] {
        [
            Check(
                stage: .lint, name: "swift format",
                run: "swift format lint --strict --recursive Package.swift Sources Tests", programs: ["swift"]),
            Check(
                stage: .test, name: "swift test",
                run: "swift test --enable-code-coverage --xunit-output \"$HAUBAN_REPORTS/junit.xml\" && "
                    + "cp \"$(swift test --show-codecov-path)\" \"$HAUBAN_REPORTS/coverage.json\"",
                programs: ["swift"]),
        ]
    }
}
