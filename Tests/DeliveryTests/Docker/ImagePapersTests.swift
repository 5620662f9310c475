import Delivery
import Foundation
import Planning
import Spec
import TestKit
import Testing
import World

extension DockerTests {
    /// Images built by the pipeline on a real engine, with what goes with them.
    @Suite("Papers of images")
    struct Papers {
        let docker: TestDocker

        init() throws { docker = try TestDocker.running() }

        @Test(
            "an image that the pipeline builds gets signed provenance and a bill of what it holds, or word that there is none"
        )
        func built() async throws {
            let folder = TemporaryFolder()
            for name in ["api", "bare"] { try Folder.make("\(folder.path)/root/\(name)") }
            try folder.write("root/api/Dockerfile", "FROM scratch\nUSER 10001\nCOPY status /var/lib/dpkg/status\n")
            try folder.write(
                "root/api/status",
                "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9\n")
            try folder.write("root/api/requirements.txt", "fastapi==0.115.0\n")
            try folder.write("root/bare/Dockerfile", "FROM scratch\nUSER 10001\nCOPY Dockerfile /\n")
            let result = try await run(["api", "bare"].map(step), in: folder)
            #expect(result.verdict == .passed, "\(result.steps.map(\.lastLines))")

            let api = result.steps[0]
            #expect(
                api.notes.isEmpty
                    && api.artifacts.map { $0.split(separator: "/").last } == ["provenance.json", "sbom.cdx.json"])
            let key = try SigningKey.of(folder: folder.path + "/pipeline/keys").verifying
            let path = try #require(api.artifacts.first)
            let bytes = try SmallFile.read(path)
            let envelope = try #require(SignedEnvelope(parsing: bytes))
            #expect(envelope.isSigned(by: key))
            let read = try ReadProvenance(payloadType: envelope.payloadType, envelope.payload)
            let id = try await docker("image", "inspect", "--format", "{{.Id}}", "shop/api:1")
            #expect(read.subjects.map { "\($0.name) sha256:\($0.digest)" } == ["shop/api:1 \(id)"])
            #expect(read.commit == nil, "it was built outside of git")
            let written = try SmallFile.read(api.artifacts.last ?? "")
            let bill = try #require(JSONTree(parsing: written))
            #expect(
                bill["components"]?.items.compactMap { $0["purl"]?.string }
                    == ["pkg:deb/debian/libc6@2.36-9?arch=amd64", "pkg:pypi/fastapi@0.115.0"])

            let bare = result.steps[1]
            #expect(bare.artifacts.map { $0.split(separator: "/").last } == ["provenance.json"])
            #expect(bare.notes.count == 1 && bare.notes[0].contains("no bill of materials was made"), "\(bare.notes)")
            #expect(try await docker("ps", "--all", "--quiet") == "", "nothing is left behind")
        }

        private func step(_ name: String) -> PipelineGraph.Step {
            PipelineGraph.Step(
                StepID("build/\(name)/image"), stage: StageName("build"), folder: name, name: "image",
                work: .commands([
                    .shell("docker build --quiet --tag shop/\(name):1 ."),
                    .shell("docker image inspect shop/\(name):1 > \"$HAUBAN_REPORTS/image.json\""),
                ]), image: BuiltImage(name: "shop/\(name):1", dockerfile: "Dockerfile"))
        }

        private var environment: [String: String] {
            [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": docker.folder,
                "DOCKER_HOST": "unix://\(docker.folder)/docker.sock", "DOCKER_BUILDKIT": "0",
            ]
        }

        private func docker(_ words: String...) async throws -> String {
            let result = try await CommandRunner.live(
                Command(
                    arguments: ["docker"] + words, environment: environment, workingDirectory: "/",
                    deadline: .seconds(60)))
            return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        private func run(_ steps: [PipelineGraph.Step], in folder: TemporaryFolder) async throws -> PipelineResult {
            let (never, keep) = AsyncStream.makeStream(of: Void.self)
            let today = try #require(CalendarDate(year: 2026, month: 11, day: 22))
            let setting = PipelineSetting(
                root: folder.path + "/root", file: folder.path + "/root/hauban.yaml", program: "/bin/false",
                place: PipelinePlace(base: folder.path + "/pipeline"), environment: environment, jobs: 1,
                mask: SecretMask(secrets: [], environment: [:]), day: today.description,
                judge: GateJudge(gates: .usual, waivers: [:], today: today), version: "0.1.0")
            let outline = PipelineOutline(graph: try PipelineGraph(steps), stages: [], gates: .usual, gaps: [])
            let result = try await PipelineExecutor(outline, setting).run(interrupts: never) { _ in }
            keep.finish()
            return result
        }
    }
}
