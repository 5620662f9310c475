import Delivery
import Foundation
import Glibc
import Spec
import Testing
import World

@Suite("Redis on this machine")
struct RedisResourceTests {
    let folder: String
    let context: LocalResourceContext
    let resource: RedisResource

    init() throws {
        try #require(access("/usr/bin/redis-server", X_OK) == 0, "no redis-server: run scripts/packages.sh")
        folder = try makeScratch()
        context = LocalResourceContext(
            platform: try #require(PlatformName("shop")), stateFolder: folder + "/state",
            secrets: SecretStore(folder: folder + "/state/secrets", environment: try #require(EnvironmentName("dev"))),
            path: "/usr/local/bin:/usr/bin:/bin")
        resource = RedisResource(name: try #require(ResourceName("cache")), version: 7, context: context)
    }

    private func redis(as service: String, _ words: String...) async throws -> String {
        let attributes = try resource.attributes(for: try #require(ServiceName(service)))
        let url = try context.secrets.resolve(try #require(attributes["url"]))
        let result = try await CommandRunner.live(
            Command(
                arguments: ["redis-cli", "-u", url, "--no-auth-warning"] + words, environment: ["PATH": context.path],
                workingDirectory: "/", deadline: .seconds(60)))
        return result.output + result.errors
    }

    @Test("each service has its user, data and port survive a restart, and what is no longer declared is taken back")
    func wholeLife() async throws {
        defer { removeScratch(folder) }
        let api = ResourceUse(service: try #require(ServiceName("api")), access: .write)
        let report = ResourceUse(service: try #require(ServiceName("report")), access: .read)
        let workload = try await resource.prepare()
        var running = try await RunningWorkload.start(workload, secrets: context.secrets, log: folder + "/log")
        do {
            for _ in 0..<2 { try await resource.provision([api, report]) }
            #expect(try await redis(as: "api", "SET", "k", "v") == "OK\n")
            #expect(try await redis(as: "report", "GET", "k") == "v\n")
            #expect(try await redis(as: "report", "SET", "k", "w").contains("NOPERM"))
            for command in ["FLUSHALL", "CONFIG", "ACL", "SHUTDOWN"] {
                let arguments = ["CONFIG": "RESETSTAT", "ACL": "LIST", "SHUTDOWN": "NOSAVE", "FLUSHALL": "ASYNC"]
                #expect(try await redis(as: "api", command, arguments[command] ?? "").contains("NOPERM"))
            }
            #expect(try await redis(as: "api", "INFO", "server").contains("redis_version"))
            #expect(try await resource.prepare() == workload)
        } catch {
            await running.stop()
            throw error
        }
        #expect(await running.stop() == .exited(code: 0))

        let again = try await resource.prepare()
        #expect(again == workload)
        running = try await RunningWorkload.start(again, secrets: context.secrets, log: folder + "/log")
        let kept = try? await redis(as: "report", "GET", "k")
        // Reading only from now on: the writer keeps its right until the release is kept.
        let reads = ResourceUse(service: api.service, access: .read)
        try? await resource.provision([reads])
        let during = try? await redis(as: "api", "SET", "k", "w")
        try? await resource.settle([reads])
        let after = try? await redis(as: "api", "SET", "k", "x")
        let gone = try? await redis(as: "report", "GET", "k")
        await running.stop()
        #expect(kept == "v\n")
        #expect(during == "OK\n")
        #expect(after?.contains("NOPERM") == true)
        #expect(gone?.contains("WRONGPASS") == true || gone?.contains("NOAUTH") == true)

        var information = stat()
        #expect(stat(folder + "/state/resources/cache/redis.conf", &information) == 0)
        #expect(information.st_mode & 0o777 == 0o600)
        let password = try context.secrets.value(for: "resource.cache.svc_api").exposed
        for file in ["/log", "/state/resources/cache/users.acl", "/state/resources/cache/redis.conf"] {
            #expect(SmallFile.text(folder + file)?.contains(password) == false)
        }
    }

    @Test("a port is kept while it is free, and another one is chosen when a stranger listens there")
    func port() async throws {
        defer { removeScratch(folder) }
        let first = try #require(try await resource.prepare().port)
        #expect(try await resource.prepare().port == first)
        let stranger = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(stranger) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(first).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(stranger, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0 && listen(stranger, 1) == 0)
        let second = try #require(try await resource.prepare().port)
        #expect(second != first)
        #expect(try await resource.prepare().port == second)
        let port = try resource.attributes(for: try #require(ServiceName("api")))["port"]
        #expect(port == EnvironmentValue(text: "\(second)"))
    }

    @Test("another major version and a missing server are errors that say what to do")
    func refused() async throws {
        defer { removeScratch(folder) }
        let other = RedisResource(name: resource.name, version: 6, context: context)
        let version = await #expect(throws: WorldError.self) { try await other.prepare() }
        #expect(version?.code == "program-version")
        #expect(version?.hint.hasPrefix("Declare `version: 7`") == true)
        var poor = context
        poor.path = folder
        let missing = await #expect(throws: WorldError.self) {
            try await RedisResource(name: resource.name, version: 7, context: poor).prepare()
        }
        #expect(missing?.hint == "Run `apt-get install redis-server`.")
    }
}
