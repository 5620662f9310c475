import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite("The pipeline of a platform")
struct PipelineOutlineTests {
    private static func outline(
        _ text: String, _ files: [String: String?] = [:], environment: String? = nil, stages: [String] = []
    ) throws -> PipelineOutline {
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        #expect(parsed.diagnostics.filter { $0.severity == .error } == [])
        let name = environment.flatMap { EnvironmentName($0) }
        let platform = try #require(name.map { parsed.environments[$0] } ?? parsed.base)
        return try PipelineOutline(
            PipelineWish(
                platform: platform, environment: name, files: RepositoryFiles(files),
                stages: stages.compactMap { StageName($0) }, revision: "abc123"))
    }

    private static let small = """
        hauban: 1
        platform: shop
        services:
          api: {source: api, run: python -m api, port: 8000}
        environments:
          dev: {target: local}
          prod: {target: kubernetes, domain: shop.example}

        """
    private static let python: [String: String?] = ["api/requirements.txt": "", "api/api/__main__.py": nil]

    private static func needs(_ outline: PipelineOutline, _ id: String) -> [String] {
        (outline.graph[StepID(id)]?.needs ?? []).map(\.text).sorted()
    }

    @Test("Without an environment it is everything in front of the first stage that touches one")
    func usual() throws {
        let outline = try Self.outline(Self.small, Self.python)
        #expect(outline.stages.map(\.text) == ["lint", "secrets", "test", "audit", "build", "scan"])
        #expect(
            outline.graph.steps.map(\.id.text) == [
                "prepare/api", "lint/api/ruff", "lint/api/black", "secrets/gitleaks", "test/api/pytest",
                "audit/api/pip-audit", "build/api/image", "scan/api/scan",
            ])
        #expect(Self.needs(outline, "test/api/pytest") == ["prepare/api"])
        #expect(Self.needs(outline, "secrets/gitleaks") == [])
        #expect(
            Self.needs(outline, "build/api/image") == [
                "audit/api/pip-audit", "lint/api/black", "lint/api/ruff", "secrets/gitleaks", "test/api/pytest",
            ])
        #expect(Self.needs(outline, "scan/api/scan") == ["build/api/image"])
    }

    @Test("With an environment on this machine the release comes after everything, and images are not needed")
    func local() throws {
        let outline = try Self.outline(Self.small, Self.python, environment: "dev")
        #expect(Self.needs(outline, "deploy/dev").count == 5)
        #expect(Self.needs(outline, "verify/dev").contains("deploy/dev"))
        #expect(outline.graph[StepID("build/api/image")] == nil)
        #expect(outline.graph[StepID("deploy/dev")]?.work == .hauban(["deploy", "dev"]))
        #expect(outline.gaps == ["migrate: done by the release to dev, before it switches"])
    }

    @Test("One stage is that stage alone, with what it needs on the machine")
    func one() throws {
        let outline = try Self.outline(Self.small, Self.python, stages: ["test"])
        #expect(outline.graph.steps.map(\.id.text) == ["prepare/api", "test/api/pytest"])
    }

    @Test("Stages that nobody knows, that touch no named environment or that rendered files do are refused")
    func refused() throws {
        #expect(throws: PipelineWish.Refusal.unknownStage(try #require(StageName("tets")), nearest: StageName("test")))
        {
            try Self.outline(Self.small, stages: ["tets"])
        }
        #expect(throws: PipelineWish.Refusal.needsEnvironment(try #require(StageName("deploy")))) {
            try Self.outline(Self.small, stages: ["deploy"])
        }
        #expect(throws: PipelineWish.Refusal.notHere(try #require(StageName("migrate")), .kubernetes)) {
            try Self.outline(Self.small, environment: "prod", stages: ["migrate", "deploy"])
        }
    }

    private static let own = """
        hauban: 1
        platform: shop
        services:
          api: {source: api, run: python -m api, port: 8000}
        environments: {dev: {target: local}}
        pipeline:
          stages: [lint, types, test, deploy, load]
          steps:
            lint: {run: [make lint]}
            types: {run: [mypy .], after: [AFTER], timeout: 2m, retries: 1}
            load: {run: [k6 run load.js]}

        """

    @Test(
        "The team's own commands take the place of a known stage; a stage of its own waits for `after`, else for all before it"
    )
    func ownStages() throws {
        let text = Self.own.replacing("after: [AFTER], ", with: "")
        let outline = try Self.outline(text, Self.python, environment: "dev")
        #expect(
            outline.graph.steps.map(\.id.text) == [
                "lint", "types", "prepare/api", "test/api/pytest", "deploy/dev", "load",
            ])
        let types = try #require(outline.graph[StepID("types")])
        #expect(types.timeout == .seconds(120) && types.retries == 1 && types.inputs == nil)
        #expect(Self.needs(outline, "types") == ["lint"])
        #expect(Self.needs(outline, "test/api/pytest") == ["prepare/api"])
        #expect(Self.needs(outline, "load") == ["deploy/dev", "lint", "test/api/pytest", "types"])
        let after = try Self.outline(
            Self.own.replacing("AFTER", with: "test"), Self.python, environment: "dev")
        #expect(Self.needs(after, "types") == ["test/api/pytest"])
    }

    @Test("`after` in a circle is refused with its stages")
    func circle() throws {
        let text = Self.own.replacing("AFTER", with: "load")
        let error = #expect(throws: PipelineWish.Refusal.self) {
            try Self.outline(text, Self.python, environment: "dev")
        }
        guard case .circle(let stages) = error else {
            Issue.record("not a circle: \(String(describing: error))")
            return
        }
        #expect(
            Set(stages.map(\.text)) == ["types", "load", "deploy"] || Set(stages.map(\.text)) == ["types", "load"])
    }

    @Test("A test has the databases that the services of its source use, by the variables that they name them by")
    func stores() throws {
        let text = """
            hauban: 1
            platform: shop
            services:
              api:
                source: api
                run: python -m api
                uses: {db: write, cache: read}
                env: {DATABASE_URL: "${db.url}", CACHE: "redis ${cache.host}:${cache.port}", BOTH: "${db.host}${cache.host}"}
            resources: {db: {kind: postgres, database: orders}, cache: {kind: redis}}
            environments: {dev: {target: local}}

            """
        let stores = try #require(
            try Self.outline(text, Self.python, stages: ["test"]).graph[StepID("test/api/pytest")]?.stores)
        #expect(
            stores == [
                PipelineStore(
                    name: try #require(ResourceName("cache")), kind: .redis, version: ImageBases.redis, database: "0",
                    variables: [.init("CACHE", [.text("redis "), .host, .text(":"), .port])]),
                PipelineStore(
                    name: try #require(ResourceName("db")), kind: .postgres, version: ImageBases.postgres,
                    database: "orders",
                    variables: [.init("DATABASE_URL", [.url])]),
            ])
    }

    @Test("The pipelines of the example platforms are as recorded", arguments: RenderedExample.names)
    func examples(name: String) throws {
        let subject = try RenderedExample.subject(name)
        let outline = try PipelineOutline(
            PipelineWish(platform: subject.base, files: subject.files, revision: "0123456"))
        var text = ""
        for step in outline.graph.steps {
            text +=
                "\(step.id)" + (step.needs.isEmpty ? "" : " after \(step.needs.map(\.text).joined(separator: ", "))")
            text += "\n  in \(step.folder.isEmpty ? "." : step.folder), at most \(step.timeout)\n"
            for store in step.stores {
                text += "  with \(store.kind.rawValue) \(store.name): \(store.variables.map(\.name))\n"
            }
            switch step.work {
            case .commands(let lines):
                for line in lines { text += "  $ " + line.text.replacing("\n", with: "\n    ") + "\n" }
            case .hauban(let words): text += "  $ hauban \(words.joined(separator: " "))\n"
            }
        }
        for gap in outline.gaps { text += "not done: \(gap)\n" }
        Golden.expect(
            text, in: Golden.repository().appending(path: "Tests/PlanningTests/Golden/pipeline/\(name).txt"))
    }
}
