import Delivery
import Foundation
import Glibc
import Spec
import Testing
import World

@Suite("PostgreSQL on this machine")
struct PostgresResourceTests {
    let folder: String
    let context: LocalResourceContext
    let name: ResourceName

    init() throws {
        try #require(
            access("/usr/lib/postgresql/15/bin/postgres", X_OK) == 0, "no postgresql-15: run scripts/packages.sh")
        folder = try makeScratch()
        chmod(folder, 0o755)
        name = try #require(ResourceName("db"))
        context = LocalResourceContext(
            platform: try #require(PlatformName("cognitive-sprint")), stateFolder: folder + "/state",
            secrets: SecretStore(folder: folder + "/state/secrets", environment: try #require(EnvironmentName("dev"))),
            path: "/usr/local/bin:/usr/bin:/bin")
    }

    private func use(_ service: String, _ access: DataAccess) throws -> ResourceUse {
        ResourceUse(service: try #require(ServiceName(service)), access: access)
    }

    /// Runs a statement as a service would, with the URL that it is given.
    private func sql(_ resource: PostgresResource, as service: String, _ statement: String) async throws
        -> CommandResult
    {
        let attributes = try resource.attributes(for: try #require(ServiceName(service)))
        let url = try context.secrets.resolve(try #require(attributes["url"]))
        return try await CommandRunner.live(
            Command(
                arguments: ["/usr/lib/postgresql/15/bin/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement, url],
                environment: ["PATH": context.path], workingDirectory: "/", deadline: .seconds(60)))
    }

    @Test("a cluster is made, gives each service its role, keeps its data and its port over a restart, and settles")
    func wholeLife() async throws {
        defer { removeScratch(folder) }
        let resource = PostgresResource(
            name: name, version: 15, extensions: ["pgcrypto", "uuid-ossp"], context: context)
        let workload = try await resource.prepare()
        #expect(workload.id == "resource.db" && workload.kind == .resource && workload.logFormat == .plain)
        #expect((workload.identity == nil) == (geteuid() != 0))
        let port = try #require(workload.port)
        var running = try await RunningWorkload.start(workload, secrets: context.secrets, log: folder + "/log")
        let uses = [try use("api", .write), try use("worker-two", .write), try use("report", .read)]
        do {
            for _ in 0..<2 { try await resource.provision(uses) }

            // A migration by one service; another writes, alters and drops what it made; a third may only read.
            let made = try await sql(
                resource, as: "api",
                "CREATE TABLE sprint (id serial PRIMARY KEY, name text); INSERT INTO sprint(name) VALUES ('one')")
            #expect(made.isSuccess, "\(made.errors)")
            let changed = try await sql(
                resource, as: "worker-two",
                "INSERT INTO sprint(name) VALUES ('two'); ALTER TABLE sprint ADD COLUMN at timestamptz; SELECT count(*) FROM sprint"
            )
            #expect(changed.output == "2\n", "\(changed.errors)")
            #expect(
                try await sql(resource, as: "report", "SELECT string_agg(name, ',' ORDER BY id) FROM sprint").output
                    == "one,two\n")
            for statement in ["INSERT INTO sprint(name) VALUES ('x')", "CREATE TABLE t (id int)", "DROP TABLE sprint"] {
                let refused = try await sql(resource, as: "report", statement).errors
                #expect(refused.contains("permission denied") || refused.contains("must be owner"))
            }
            // What a session makes after a pooler's DISCARD ALL is still everybody's.
            #expect(try await sql(resource, as: "api", "SELECT 1").isSuccess)
            let pooled = try await psqlFile(
                resource, as: "api", "DISCARD ALL;\nCREATE SCHEMA extra;\nCREATE TABLE extra.pooled (id int);")
            #expect(pooled.isSuccess, "\(pooled.errors)")
            #expect(try await sql(resource, as: "worker-two", "INSERT INTO extra.pooled VALUES (1)").isSuccess)
            #expect(try await sql(resource, as: "report", "SELECT id FROM extra.pooled").output == "1\n")
            #expect(
                try await sql(resource, as: "api", "SELECT encode(digest('a', 'md5'), 'hex'), session_user").output
                    == "0cc175b9c0f1b6a831c399e269772661|svc_api\n")

            // Several things at once that must hold of the running server.
            #expect(try await resource.prepare() == workload)
            let server = try await sql(
                resource, as: "api",
                "SELECT current_setting('data_checksums'), current_setting('server_encoding'), current_setting('listen_addresses'), current_database()"
            )
            #expect(server.output == "on|UTF8|127.0.0.1|cognitive_sprint\n")
            var information = stat()
            #expect(stat(folder + "/state/resources/db/data", &information) == 0 && information.st_mode & 0o077 == 0)

            let unknown = PostgresResource(name: name, version: 15, extensions: ["postgis"], context: context)
            let missing = await #expect(throws: WorldError.self) { try await unknown.provision(uses) }
            #expect(missing?.code == "extension-missing")
            #expect(missing?.hint == "Run `apt-get install postgresql-15-postgis-3`.")

            // The release was kept: the worker reads only, the report is gone.
            try await resource.settle([try use("api", .write), try use("worker-two", .read)])
            #expect(
                try await sql(resource, as: "worker-two", "INSERT INTO sprint(name) VALUES ('x')").errors.contains(
                    "permission denied"))
            #expect(try await sql(resource, as: "report", "SELECT 1").errors.contains("not permitted to log in"))
            try await resource.provision([try use("api", .write), try use("worker-two", .read)])
            #expect(try await sql(resource, as: "worker-two", "SELECT count(*) FROM sprint").output == "2\n")
        } catch {
            await running.stop()
            throw error
        }
        #expect(await running.stop() == .exited(code: 0))

        // No password in the server's log or in a setting.
        let key = "resource.db.svc_api"
        let password = try context.secrets.value(for: key).exposed
        #expect(SmallFile.text(folder + "/log")?.contains(password) == false)

        let again = try await resource.prepare()
        #expect(again.port == port)
        running = try await RunningWorkload.start(again, secrets: context.secrets, log: folder + "/log")
        let kept = try? await sql(resource, as: "api", "SELECT count(*) FROM sprint").output
        // A lost password is not replaced in silence.
        try context.secrets.remove(key)
        let lost = await #expect(throws: WorldError.self) { try await resource.provision([try use("api", .write)]) }
        await running.stop()
        #expect(kept == "2\n")
        #expect(lost?.code == "secret-missing")
        #expect(lost?.hint.contains("hauban secrets set \(key) --env dev") == true)

        // Data of another major version are refused.
        try AtomicFile.write(Array("14\n".utf8), to: folder + "/state/resources/db/data/PG_VERSION")
        let other = await #expect(throws: WorldError.self) { try await resource.prepare() }
        #expect(other?.code == "data-version")
    }

    private func psqlFile(_ resource: PostgresResource, as service: String, _ text: String) async throws
        -> CommandResult
    {
        let file = folder + "/script.sql"
        try AtomicFile.write(Array(text.utf8), to: file)
        let attributes = try resource.attributes(for: try #require(ServiceName(service)))
        let url = try context.secrets.resolve(try #require(attributes["url"]))
        return try await CommandRunner.live(
            Command(
                arguments: ["/usr/lib/postgresql/15/bin/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", file, url],
                environment: ["PATH": context.path], workingDirectory: "/", deadline: .seconds(60)))
    }

    @Test("a folder above the state that stops the server's user is an error with the chmod; its owner needs none")
    func closedWay() async throws {
        defer { removeScratch(folder) }
        chmod(folder, 0o700)
        let resource = PostgresResource(name: name, version: 15, context: context)
        // Only root gives the server another user, whom the folder stops.
        guard geteuid() == 0 else {
            let workload = try await resource.prepare()
            #expect(workload.identity == nil)
            #expect(access(folder + "/state/resources/db/data/PG_VERSION", R_OK) == 0)
            return
        }
        let error = await #expect(throws: WorldError.self) { try await resource.prepare() }
        #expect(error?.code == "folder-closed")
        #expect(error?.hint.contains("chmod o+x \(folder)") == true)
    }
}

@Suite("PostgreSQL that is not there")
struct MissingPostgresTests {
    @Test("a missing major version names its package and what is there instead")
    func missing() async throws {
        let folder = try makeScratch()
        defer { removeScratch(folder) }
        for program in ["postgres", "initdb", "psql", "pg_isready"] {
            try write("#!/bin/sh\necho 'postgres (PostgreSQL) 16.2'\n", folder + "/16/bin/" + program)
            chmod(folder + "/16/bin/" + program, 0o755)
        }
        let context = LocalResourceContext(
            platform: try #require(PlatformName("shop")), stateFolder: folder,
            secrets: SecretStore(folder: folder + "/s", environment: try #require(EnvironmentName("dev"))),
            path: folder + "/16/bin")
        let name = try #require(ResourceName("db"))
        let resource = PostgresResource(name: name, version: 15, context: context, roots: [folder])
        let error = await #expect(throws: WorldError.self) { try await resource.prepare() }
        #expect(error?.code == "program-missing")
        #expect(error?.underlying == "this machine has PostgreSQL 16, not 15")
        #expect(error?.hint == "Run `apt-get install postgresql-15`, or declare `version: 16`.")
        let early = #expect(throws: WorldError.self) { try resource.attributes(for: try #require(ServiceName("api"))) }
        #expect(early?.code == "resource-not-prepared")
    }
}
