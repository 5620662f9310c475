import Delivery
import Foundation
import Planning
import Spec
import Testing
import World

/// A platform for engines of containers: two services and a worker, from images FROM scratch.
struct DockerShop: Sendable {
    let docker: TestDocker

    /// - Parameter version: each has other images.
    func filled(_ folder: String, _ version: String, _ engine: DockerEngine) async throws -> DesiredState {
        try await Fingerprints(secrets: engine.secrets, path: engine.path).filled(try state(folder, version))
    }

    func engine(_ folder: String) async throws -> DockerEngine {
        let package = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        // Without what a debugger wants it is a quarter of the size.
        let stripped = docker.folder + "/hauban"
        if !FileManager.default.fileExists(atPath: stripped) {
            let result = try await TestDocker.run("strip", "-o", stripped, "/\(package)/.build/debug/hauban")
            try #require(result.isSuccess, "\(result.errors)")
        }
        return try DockerEngine(
            platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("prod")),
            place: DockerPlace(state: folder + "/state", memory: folder + "/run"), api: docker.api,
            doorImage: FrontDoorImage(program: stripped),
            publication: DockerPublication(address: "0.0.0.0", port: 28_080, securePort: 28_443, host: docker.host),
            settings: DockerSettings(environment: [:]), revision: "0123456789abcdef")
    }

    /// Two services and a worker; their sources differ by a file between versions.
    func state(_ folder: String, _ version: String) throws -> DesiredState {
        func name(_ text: String) throws -> ServiceName { try #require(ServiceName(text)) }
        func source(_ service: String) throws -> DesiredSource {
            let path = "\(folder)/v\(version)/\(service)"
            try write(TestDocker.dockerfile, path + "/Dockerfile")
            try write(version, path + "/version")
            try FileManager.default.copyItem(atPath: docker.folder + "/probe", toPath: path + "/probe")
            return DesiredSource(path: path)
        }
        func container(_ service: String) -> DesiredContainer {
            DesiredContainer(
                repository: "shop/\(service)", user: "10001:10001", milliCPUs: 500, memory: 64 << 20)
        }
        let port = try #require(Port(8080))
        let probe = Probe(
            check: .exec(.words(["/probe", "ask", "8080"])), interval: .seconds(1), passes: 2)
        let api = DesiredService(
            name: try name("api"), fingerprint: "", source: try source("api"), replicas: 2, listens: true,
            port: port,
            readiness: probe, canary: ReleaseFixture.shares, stopGrace: .seconds(3), drain: .seconds(3),
            container: container("api"))
        let web = DesiredService(
            name: try name("web"), fingerprint: "", source: try source("web"), listens: true, port: port,
            environment: ["API": "${api.url}", "TOKEN": "${secrets.token}"],
            secrets: [try #require(SecretName("token"))],
            uses: [DesiredEdge(kind: .service, target: "api", access: "call")],
            readiness: Probe(check: probe.check, interval: .seconds(1)), dependsOn: [api.name],
            stopGrace: .seconds(3), drain: .seconds(3),
            container: container("web"))
        let worker = DesiredService(
            name: try name("worker"), fingerprint: "", source: try source("worker"), run: .words(["wait"]),
            uses: [DesiredEdge(kind: .service, target: "api", access: "call")], migrate: .words(["exit", "0"]),
            rollout: .replace, dependsOn: [api.name], stopGrace: .seconds(3), container: container("worker"))
        return DesiredState(
            platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("prod")),
            services: [api, web, worker],
            routes: [DesiredRoute(path: "/", service: web.name), DesiredRoute(path: "/api", service: api.name)],
            smoke: [SmokeRequest(service: api.name, path: "/api"), SmokeRequest(service: web.name, path: "/")])
    }
}
