import Delivery
import Foundation
import Testing
import World

@Suite("What is handed to a command on another machine")
struct RemoteHandoverTests {
    private func order(input: Secret? = nil, registries: [RegistryCredentials] = []) -> RemoteRun.Order {
        .init(
            words: ["deploy", "prod"], platform: "shop", folder: "/srv/hauban/shop", files: [], caller: "ana on mast",
            input: input,
            registries: registries)
    }

    @Test("a command without input and registries is handed nothing")
    func nothing() {
        #expect(RemoteHandover.entries(order(), below: "remote/x").isEmpty)
        #expect(RemoteHandover(["PATH": "/bin"]) == nil)
    }

    @Test("only their owner enters the folders, and credentials are read there as they were given here")
    func credentials() async throws {
        let folder = try makeScratch()
        defer { removeScratch(folder) }
        let given = [
            RegistryCredentials(registry: "registry.example:5000", user: "team", secret: Secret("pass:word")),
            RegistryCredentials(registry: "docker.io", user: "<token>", secret: Secret("0123")),
        ]
        let entries = RemoteHandover.entries(order(input: Secret("value"), registries: given), below: "remote/x")
        for entry in entries {
            switch entry.content {
            case .folder:
                #expect(entry.mode == 0o700)
                try Folder.make(folder + "/" + entry.name)
            case .bytes(let bytes):
                #expect(entry.mode == 0o600)
                try AtomicFile.write(bytes, to: folder + "/" + entry.name)
            default: Issue.record("\(entry.name) is no file")
            }
        }
        let own = folder + "/remote/x"
        #expect(SmallFile.text(own + "/input") == "value")
        let settings = DockerSettings(environment: ["DOCKER_CONFIG": own + "/docker"])
        for one in given {
            let found = try await settings.credentials(for: one.registry, runner: .live, path: SourceTree.everything)
            #expect(found?.authField == one.authField)
        }
        #expect(try await settings.credentials(for: "other.example", runner: .live, path: "") == nil)

        let handover = try #require(
            RemoteHandover([
                RemoteHandover.folderVariable: own, RemoteHandover.imageVariable: "hauban/front-door:1",
                RemoteHandover.callerVariable: "ana on mast",
            ]))
        handover.forget()
        #expect(!Folder.exists(own))
    }
}
