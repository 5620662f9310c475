import Spec
import TestKit
import Testing

@testable import Planning

@Suite struct PipelineRendererTests {
    @Test("the pipelines of the examples are these", arguments: RenderedExample.names + ["every", "little"])
    func golden(_ name: String) throws {
        let subject = try #require(PipelineExamples.all().first { $0.name == name }).subject
        for (target, renderer) in [("github", GitHubRenderer() as any Renderer), ("gitlab", GitLabRenderer())] {
            let rendering = renderer.render(subject)
            #expect(rendering == renderer.render(subject))
            #expect(!rendering.diagnostics.hasErrors)
            #expect(rendering.artifacts.allSatisfy { Artifact.isRendered($0.text) })
            try RenderedExample.expect(rendering, of: name, target: "pipeline/\(target)", subject)
        }
    }

    @Test("each environment is released by its own branch or tag, and by nothing else")
    func events() throws {
        for (name, subject) in try PipelineExamples.all() {
            let workflows = try WorkflowView.all(GitHubRenderer().render(subject).artifacts)
            for place in subject.everywhere {
                let ships = workflows.filter { $0.environments.contains(place.name.text) }
                var wanted: Set<String> = []
                if let branch = place.settings.branch { wanted.insert("push branches \(branch)") }
                if let tag = place.settings.tag { wanted.insert("push tags \(tag)") }
                #expect(Set(ships.flatMap(\.events)) == wanted, "\(name) \(place.name)")
                // Images of AWS are pushed from within the environment, by which AWS knows the run.
                let jobs = place.settings.target == .aws ? 2 : 1
                #expect(ships.allSatisfy { $0.environments.count { $0 == place.name.text } == jobs })
            }
            let validate = try #require(workflows.first { $0.path.hasSuffix("/validate.yml") })
            #expect(validate.events.contains("pull_request"))
            #expect(validate.environments.isEmpty)
            #expect(!workflows.contains { $0.events.contains("pull_request_target") })
        }
    }

    @Test("SkillForge: a pull request validates, develop ships staging, a tag v* ships production once it soaked")
    func skillforge() throws {
        let artifacts = GitHubRenderer().render(try RenderedExample.subject("skillforge")).artifacts
        let workflows = try WorkflowView.all(artifacts)
        func workflow(_ name: String) throws -> WorkflowView {
            try #require(workflows.first { $0.path == ".github/workflows/\(name).yml" })
        }
        let staging = try workflow("deploy-staging")
        #expect(staging.events == ["push branches develop"])
        #expect(staging.environments == ["staging"])
        let prod = try workflow("deploy-prod")
        #expect(prod.events == ["push tags v*"])
        #expect(prod.environments == ["prod"])
        #expect(prod.before("deploy") == ["validate", "origin", "soak-staging", "images", "site-frontend"])
        #expect(staging.before("deploy") == ["validate", "images", "site-frontend"])
        // SF-11: a migration that fails ends the release while the old revision has all traffic.
        let steps = try #require(prod.jobs.first { $0.key == "deploy" }.map { prod.steps($0.value) })
        let names = steps.compactMap { $0.entry("name")?.value.scalar }
        let order = ["Migrate", "Start new revisions without traffic", "Move all traffic", "Verify", "Go back"]
        #expect(names.filter(order.contains) == order)
        #expect(prod.runs.contains { $0.contains("url-maps invalidate-cdn-cache") })
        // SF-10, SF-16: nothing is merged that did not pass.
        let rules = try #require(artifacts.first { $0.path.hasSuffix("protect.sh") }).text
        #expect(rules.contains("\"refs/heads/develop\""))
        #expect(rules.contains("{\"context\": \"passed\", \"integration_id\": 15368}"))
        #expect(rules.contains("\"security_alerts_threshold\": \"high_or_higher\""))
        let gates = try #require(workflow("validate").runs.first { $0.hasPrefix("hauban ci") })
        #expect(gates == "hauban ci lint secrets test audit")
    }

    @Test("every action is pinned by a commit that was read, and the version stands behind it")
    func pins() throws {
        let known = Dictionary(uniqueKeysWithValues: GitHubAction.all.map { ("\($0.name)@\($0.commit)", $0) })
        var seen: Set<String> = []
        for (_, subject) in try PipelineExamples.all() {
            for artifact in GitHubRenderer().render(subject).artifacts where artifact.path.contains("/workflows/") {
                for uses in try WorkflowView(artifact).uses where !uses.hasPrefix("./") {
                    let parts = uses.split(separator: "@")
                    let repository = parts[0].split(separator: "/").prefix(2).joined(separator: "/")
                    let action = try #require(known["\(repository)@\(parts[1])"], "\(uses)")
                    #expect(action.commit.count == 40 && action.commit.allSatisfy(\.isHexDigit))
                    #expect(artifact.text.contains("\(uses)  # \(action.version)\n"))
                    seen.insert(action.name)
                }
            }
        }
        #expect(seen == Set(GitHubAction.all.map(\.name)))
    }

    @Test("no job may write but where a step of it has to")
    func permissions() throws {
        for (name, subject) in try PipelineExamples.all() {
            for workflow in try WorkflowView.all(GitHubRenderer().render(subject).artifacts) {
                #expect(workflow.root.entry("permissions")?.value.entries.isEmpty == true)
                for job in workflow.jobs {
                    let uses = workflow.steps(job.value).compactMap { $0.entry("uses")?.value.scalar }
                    func has(_ action: GitHubAction) -> Bool { uses.contains { $0.contains(action.name) } }
                    let rights = try #require(job.value.entry("permissions")).value.entries
                    for right in rights where right.value.scalar != "read" {
                        let reason =
                            switch right.key {
                            case "id-token": has(.googleAuth) || has(.awsAuth)
                            case "packages": has(.login) && has(.build)
                            case "security-events": has(.codeql)
                            default: false
                            }
                        #expect(reason, "\(name) \(workflow.path) \(job.key): \(right.key)")
                    }
                }
            }
        }
    }

    @Test("gates are the ones of hauban.yaml")
    func gates() throws {
        let subject = try PipelineExamples.subject(PipelineExamples.every)
        for renderer in [GitHubRenderer() as any Renderer, GitLabRenderer()] {
            let text = renderer.render(subject).artifacts.map(\.text).joined()
            #expect(text.contains("--cov-fail-under=72.5"))
            #expect(text.contains("--coverage.thresholds.lines=72.5"))
            #expect(text.contains("exit ($3 + 0 < 72.5)"))
            #expect(text.contains("totals.lines.percent >= 72.5"))
            #expect(text.contains("CRITICAL,HIGH,MEDIUM") && !text.contains("CRITICAL,HIGH,MEDIUM,LOW"))
            #expect(text.contains("npm audit --audit-level=moderate"))
            #expect(text.contains("-le \(300 << 20)"))
        }
        let github = GitHubRenderer().render(subject).artifacts.map(\.text).joined()
        #expect(github.contains("fail-on-severity: moderate"))
        #expect(github.contains("\"security_alerts_threshold\": \"critical\""))
        #expect(github.contains("allow-licenses: \"MIT, Apache-2.0\""))
    }

    @Test("commands of the team stand in the place of a stack's own, and nothing is run twice")
    func replaced() throws {
        let subject = try RenderedExample.subject("incident-platform")
        let workflows = try WorkflowView.all(GitHubRenderer().render(subject).artifacts)
        let runs = workflows.flatMap(\.runs)
        let replaced = ["ruff", "python -m pytest", "pip-audit"]
        #expect(!runs.contains { run in replaced.contains { run.hasPrefix($0) } })
        #expect(runs.contains("hauban ci lint secrets test"))
        let sprint = try WorkflowView.all(
            GitHubRenderer().render(try RenderedExample.subject("cognitive-sprint")).artifacts)
        let own = sprint.flatMap(\.runs)
        for command in ["ruff check .", "black --check .", "hauban ci secrets"] {
            #expect(own.count { $0 == command } == 1, "\(command)")
        }
        #expect(own.contains { $0.hasPrefix("python -m pytest --cov") && $0.hasSuffix("--cov-fail-under=60") })
    }

    @Test("tests have the databases that their services use, and their addresses")
    func stores() throws {
        let sprint = try RenderedExample.subject("cognitive-sprint")
        let workflow = try #require(
            WorkflowView.all(GitHubRenderer().render(sprint).artifacts).first { $0.path.hasSuffix("/validate.yml") })
        let job = try #require(workflow.jobs.first { $0.key == "source-api" }).value
        let image = job.entry("services")?.value.entry("db")?.value.entry("image")?.value.scalar
        #expect(image == "postgres:15-alpine")
        let address = "postgresql://postgres:postgres@localhost:5432/cognitive_sprint"
        #expect(job.entry("env")?.value.entry("DATABASE_URL")?.value.scalar == address)
        let gitlab = GitLabRenderer().render(sprint).artifacts.map(\.text).joined()
        #expect(gitlab.contains("DATABASE_URL: postgresql://postgres:postgres@db:5432/cognitive_sprint"))
    }

    @Test("the team's own commands for building and releasing are called in the place of the rendered ones")
    func ownRelease() throws {
        let subject = try PipelineExamples.subject(
            """
            hauban: 1
            platform: shop
            services: {api: {source: services/api, run: "uvicorn app:app --port ${port}", port: 8000, health: /health}}
            pipeline: {steps: {build: make image, deploy: make ship}}
            environments:
              cluster: {target: kubernetes, branch: main, registry: ghcr.io/shop}
              google: {target: gcp, tag: "v*"}
            """)
        let workflows = try WorkflowView.all(GitHubRenderer().render(subject).artifacts)
        let runs = workflows.flatMap(\.runs)
        #expect(runs.contains("hauban ci secrets build"))
        #expect(runs.contains("hauban ci --env cluster build scan"))
        #expect(runs.contains("hauban ci --env cluster migrate deploy verify"))
        #expect(runs.contains("hauban ci --env google migrate deploy verify"))
        let uses: [String] = workflows.flatMap(\.uses)
        #expect(!uses.contains { $0.contains("build-push-action") })
        #expect(!runs.contains { $0.contains("apply.sh") || $0.contains("gcloud run") })
    }

    @Test("a branch that ships nothing is told")
    func nothingShips() throws {
        let subject = try PipelineExamples.subject(
            """
            hauban: 1
            platform: shop
            services: {api: {source: services/api, run: "uvicorn app:app --port ${port}", port: 8000, health: /health}}
            pipeline: {stages: [lint]}
            environments: {one: {target: docker, branch: main}}
            """)
        let rendering = GitHubRenderer().render(subject)
        #expect(!rendering.artifacts.contains { $0.path.contains("/deploy-") })
        #expect(rendering.diagnostics.contains { $0.message.contains("nothing ships to `one`") })
    }

    @Test("who takes over gets a release after the one it takes over from, in the same run")
    func failover() throws {
        let artifacts = GitHubRenderer().render(try RenderedExample.subject("consciousness-engine")).artifacts
        let workflow = try #require(WorkflowView.all(artifacts).first { $0.events.contains("push tags v*") })
        #expect(workflow.environments == ["prod", "prod-second-cloud"])
        #expect(workflow.before("deploy-prod-second-cloud").contains("deploy-prod"))
        #expect(!workflow.before("deploy-prod").contains("deploy-prod-second-cloud"))
    }

    @Test("only one environment asked for, only its release is rendered")
    func alone() throws {
        let all = try RenderedExample.subject("skillforge")
        let staging = try #require(EnvironmentName("staging"))
        let one = try #require(RenderSubject(all.parsed, files: all.files, only: [staging]))
        let paths = GitHubRenderer().render(one).artifacts.map(\.path)
        #expect(paths.contains(".github/workflows/deploy-staging.yml"))
        #expect(!paths.contains(".github/workflows/deploy-prod.yml"))
    }

    @Test("the CI host is the one whose files are there, and GitHub where none are")
    func host() {
        func hosts(_ names: [String]) -> [RenderTarget] {
            let files = RepositoryFiles(Dictionary(uniqueKeysWithValues: names.map { ($0, String?.none) }))
            return RenderTarget.usual(for: files).filter { $0 == .github || $0 == .gitlab }
        }
        #expect(hosts([]) == [.github])
        #expect(hosts([".github/CODEOWNERS"]) == [.github])
        #expect(hosts([".gitlab-ci.yml"]) == [.gitlab])
        #expect(hosts([".gitlab-ci.yml", ".github/workflows/a.yml"]) == [.github, .gitlab])
        #expect(Set(RenderTarget.usual(for: RepositoryFiles([:]))).union([.gitlab]) == Set(RenderTarget.allCases))
    }
}
