import Spec
import Testing

@testable import Planning

/// Platforms that use what the examples leave out.
enum PipelineExamples {
    /// Every stack, every kind of target and registry, every gate.
    static let every = """
        hauban: 1
        platform: shop
        owner: {team: shop}
        services:
          api: {source: services/api, run: "uvicorn app:app --port ${port}", port: 8000, health: /health, build: {args: {MODE: "a b"}}, migrate: alembic upgrade head, uses: {db: write}, expose: {path: /}}
          door: {source: services/door, run: bin/door, port: 9000, uses: {api: call}}
          engine: {source: services/engine, run: [.build/release/engine], port: 9001}
          mail: {source: services/mail, run: node server.js, port: 9002, build: {dockerfile: Mail.Dockerfile}}
          page: {source: services/page, site: {build: npm run build, output: dist}, expose: {host: www}}
          script: {source: services/script, stack: none, run: ./start.sh}
          nightly: {source: services/api, run: python -m app.nightly, schedule: "0 3 * * *", uses: {db: write}}
        resources: {db: {kind: postgres, version: 15}}
        teams: {shop: {people: [ana]}}
        people: {ana: {email: ana@shop.example}}
        pipeline:
          stages: [lint, secrets, test, audit, contract, build, scan, push, migrate, deploy, verify, load]
          steps:
            contract: {run: [schemathesis run openapi.json], timeout: 20m, retries: 1}
            load: {run: [k6 run load.js], timeout: 30m}
          gates: {coverage: 72.5%, vulnerabilities: {block: medium}, code: {block: critical}, licences: [MIT, Apache-2.0], new-only: true, image-size: 300Mi}
          updates: daily
        environments:
          one: {target: docker, branch: one, registry: registry.shop.example/team, hosts: [deploy@one.shop.example]}
          many: {target: swarm, branch: many, registry: ghcr.io/shop}
          cluster: {target: kubernetes, branch: release/next, registry: europe-west1-docker.pkg.dev/shop-images/images}
          amazon: {target: aws, tag: "aws-*", regions: [eu-west-3], services: {page: {site: {cdn: true}}}}
          google: {target: gcp, tag: "v*.*.*", project: shop-prod, regions: [europe-west1, europe-west4], domain: shop.example, requires: {approval: 2, soak: {cluster: 45m, one: 1h}}}
        """

    static let files: [String: String?] = [
        "services/api/requirements.txt": "fastapi\n", "services/api/requirements-dev.txt": nil,
        "services/api/app.py": "app = FastAPI()\n", "services/door/go.mod": "module shop/door\n",
        "services/door/main.go": nil, "services/engine/Package.swift": "// swift-tools-version: 6.0\n",
        "services/mail/package.json": "{\"scripts\": {\"lint\": \"x\", \"build\": \"y\"}}",
        "services/mail/package-lock.json": nil, "services/mail/Mail.Dockerfile": "FROM scratch\n",
        "services/page/package.json": "{\"scripts\": {\"build\": \"y\"}}", "services/script/start.sh": nil,
        ".github/workflows/labels.yml": nil,
    ]

    /// Next to nothing: no environment, no audit, no image.
    static let little = """
        hauban: 1
        platform: note
        services: {api: {source: ., run: python main.py, port: 8000}}
        pipeline: {stages: [lint, test]}
        """

    static func subject(_ text: String, files: [String: String?] = files) throws -> RenderSubject {
        let parsed = ParsedPlatform.parse(text: text, name: "hauban.yaml")
        return try #require(RenderSubject(parsed, files: RepositoryFiles(files)))
    }

    /// Every case by the name of its folder of goldens.
    static func all() throws -> [(name: String, subject: RenderSubject)] {
        try RenderedExample.names.map { ($0, try RenderedExample.subject($0)) } + [
            ("every", try subject(every)), ("little", try subject(little, files: ["main.py": "print()\n"])),
        ]
    }
}
