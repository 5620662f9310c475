import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite struct ImagesRendererTests {
    private static let stacks = """
        hauban: 1
        platform: shop
        services:
          api: {source: services/api, run: "uvicorn app:app --port ${port}", port: 8000, health: /health, build: {args: {MODE: "a$b"}}, env: {LEVEL: INFO, NAME: two words, DB: "${db.url}"}, uses: {db: write}, secrets: [key]}
          worker: {source: services/api, run: "python -m app.worker && true"}
          web: {source: services/web, run: npm start, port: 3000, health: /}
          door: {source: services/door, run: bin/door, port: 9000}
          engine: {source: services/engine, run: [.build/release/engine, --port, "${port}"], port: 9001, health: /live}
          page: {source: services/page, site: {build: npm run build, output: dist, spa: true}}
          files: {source: services/files, site: {}}
          script: {source: services/script, stack: none, run: ./start.sh}
          own: {source: services/own, run: ./own}
        resources: {db: {kind: postgres, version: 15}}
        secrets: {key: {about: "Opens it."}}
        """

    private func subject() throws -> RenderSubject {
        let files: [String: String?] = [
            "services/api/requirements.txt": "fastapi\n", "services/api/app.py": "app = FastAPI()\n",
            "services/web/package.json": "{\"scripts\": {\"build\": \"x\", \"start\": \"y\"}}",
            "services/web/package-lock.json": nil, "services/door/go.mod": "module shop/door\n",
            "services/door/main.go": nil, "services/engine/Package.swift": "// swift-tools-version: 6.0\n",
            "services/page/package.json": "{\"dependencies\": {}}", "services/page/package-lock.json": nil,
            "services/files/index.html": nil, "services/script/start.sh": nil,
            "services/own/Dockerfile": "FROM scratch\n",
        ]
        let parsed = ParsedPlatform.parse(text: Self.stacks, name: "hauban.yaml")
        return try #require(RenderSubject(parsed, files: RepositoryFiles(files)))
    }

    @Test("the images of the examples are these", arguments: RenderedExample.names)
    func golden(_ name: String) throws {
        let subject = try RenderedExample.subject(name)
        let rendering = ImagesRenderer().render(subject)
        #expect(rendering == ImagesRenderer().render(subject))
        try RenderedExample.expect(rendering, of: name, target: "images", subject)
    }

    @Test("each stack has its image; a Dockerfile that somebody wrote is left alone")
    func stacks() throws {
        let subject = try subject()
        let rendering = ImagesRenderer().render(subject)
        #expect(!rendering.artifacts.contains { $0.path.hasPrefix("services/own/") })
        try RenderedExample.expect(rendering, of: "stacks", target: "images", subject)
        #expect(rendering.artifacts.allSatisfy { Artifact.isRendered($0.text) })
    }

    @Test("hadolint finds nothing in any of them")
    func linted() throws {
        var files: [String: String] = [:]
        let all = try RenderedExample.names.map(RenderedExample.subject) + [subject()]
        for (number, subject) in all.enumerated() {
            for artifact in ImagesRenderer().render(subject).artifacts where artifact.path.hasSuffix("Dockerfile") {
                files["\(number)-\(artifact.path.replacing("/", with: "_"))"] = artifact.text
            }
        }
        #expect(files.count >= 15)
        files["bad-Dockerfile"] = "FROM debian\nRUN cd /tmp\n"
        let said = try PythonJudge().run(
            """
            import glob, os, subprocess, sys
            # The program lies in the package's own place of scripts; the interpreter's folder is that place.
            tool = os.path.join(os.path.dirname(sys.executable), "hadolint")
            for name in sorted(glob.glob("*Dockerfile")):
                run = subprocess.run([tool, "--no-color", name], capture_output=True, text=True)
                if (run.returncode != 0) != (name == "bad-Dockerfile"):
                    print(name, run.returncode, run.stdout, run.stderr)
            """, files: files)
        #expect(said == "")
    }

    @Test("no value of a secret stands in an example of variables, and every variable does")
    func variables() throws {
        let text = try #require(
            ImagesRenderer().render(subject()).artifacts.first { $0.path.hasSuffix("api/.env.example") }
        )
        .text
        #expect(text.contains("\nKEY=\n") || text.hasSuffix("\nKEY=\n"))
        #expect(text.contains("Opens it."))
        #expect(text.contains("\nDB=\n"))
        #expect(text.contains("\nNAME=\"two words\"\n"))
    }
}
