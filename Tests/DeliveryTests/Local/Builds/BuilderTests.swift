import Delivery
import Foundation
import Glibc
import Planning
import Spec
import Synchronization
import Testing
import World

@Suite("Builds")
struct BuilderTests {
    let folder: String
    let builder: Builder
    let source: String

    init() throws {
        folder = try makeScratch()
        source = folder + "/source"
        try Folder.make(source, mode: 0o755)
        builder = Builder(cache: BuildCache(folder: folder + "/cache"), environment: Self.environment(home: folder))
    }

    static func environment(home: String) -> [String: String] {
        // The machine's own settings for its package indexes, as the executable passes them on.
        var environment = ProcessInfo.processInfo.environment.filter { name, _ in
            name.hasPrefix("PIP_") || name.hasPrefix("SSL_") || name.lowercased().hasSuffix("_proxy")
        }
        environment["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        environment["HOME"] = home
        environment["LC_ALL"] = "C.UTF-8"
        return environment
    }

    private func request(_ stack: Stack? = nil, command: String? = nil, output: String? = nil) throws -> BuildRequest {
        BuildRequest(
            service: try #require(ServiceName("api")), source: source, stack: stack,
            command: command.map { .shell($0) }, siteOutput: output)
    }

    @Test("a plain source becomes a copy that later edits do not reach, and the second build is the same one at once")
    func plain() async throws {
        defer { removeScratch(folder) }
        try write("one", source + "/run.sh")
        let first = try await builder.build(request())
        #expect(!first.cached && first.stack == .plain)
        try write("two", source + "/run.sh")
        #expect(SmallFile.text(first.folder + "/run.sh") == "one")
        let second = try await builder.build(request())
        #expect(second.identity != first.identity && !second.cached)
        try write("one", source + "/run.sh")
        let third = try await builder.build(request())
        #expect(third.identity == first.identity && third.cached && third.folder == first.folder)
    }

    @Test("a Python service gets a virtual environment, shared by builds with the same requirements")
    func python() async throws {
        defer { removeScratch(folder) }
        try write("-r base.txt\n", source + "/requirements.txt")
        try write("six==1.17.0\n", source + "/base.txt")
        try write("import six; print('six', six.__version__)", source + "/main.py")
        let lines = Mutex<[String]>([])
        let first = try await builder.build(request()) { line in lines.withLock { $0.append(line) } }
        #expect(lines.withLock { $0 }.contains { $0.contains("Successfully installed six-1.17.0") })
        let environment = first.environment(path: "/usr/bin:/bin")
        let run = try await CommandRunner.live(
            Command(
                arguments: ["python", "main.py"], environment: environment, workingDirectory: first.folder,
                deadline: .seconds(60)))
        #expect(run.output == "six 1.17.0\n", "\(run.errors)")
        #expect(environment["VIRTUAL_ENV"]?.hasPrefix(folder + "/cache/venvs/") == true)

        try write("import six; print('changed')", source + "/main.py")
        let second = try await builder.build(request())
        #expect(second.identity != first.identity)
        #expect(second.variables["VIRTUAL_ENV"] == first.variables["VIRTUAL_ENV"])
        let third = try await builder.build(request())
        #expect(third.cached)
        print(
            "measured: python build \(first.duration), shared environment \(second.duration), cached \(third.duration)")
    }

    @Test("a Go module and a Swift package are compiled, and their programs are on the PATH")
    func compiled() async throws {
        defer { removeScratch(folder) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let compiler = Builder(
            cache: BuildCache(folder: folder + "/cache"), environment: ["PATH": path, "HOME": folder],
            deadline: .seconds(240))
        try write("module example.com/hello\n\ngo 1.19\n", source + "/go.mod")
        try write("package main\n\nfunc main() { println(\"go\") }\n", source + "/main.go")
        let go = try await compiler.build(try request())
        #expect(go.stack == .go)
        #expect(try await said("hello", go, path).contains("go"))

        var swift = try request()
        swift.source = folder + "/swift"
        try write(
            """
            // swift-tools-version: 6.0
            import PackageDescription
            let package = Package(name: "hello", targets: [.executableTarget(name: "hello")])
            """, swift.source + "/Package.swift")
        try write("print(\"swift\")\n", swift.source + "/Sources/hello/main.swift")
        let built = try await compiler.build(swift)
        #expect(built.stack == .swift)
        #expect(try await said("hello", built, path).contains("swift"))
        #expect(try await compiler.build(swift).cached)
    }

    private func said(_ program: String, _ build: BuildResult, _ path: String) async throws -> String {
        let result = try await CommandRunner.live(
            Command(
                arguments: [program], environment: build.environment(path: path), workingDirectory: build.folder,
                deadline: .seconds(60)))
        return result.output + result.errors
    }

    @Test("a requirement that does not exist fails with pip's last lines, a hint, and nothing in the cache")
    func badRequirement() async throws {
        defer { removeScratch(folder) }
        try write("six==999.0\n", source + "/requirements.txt")
        let failure = await #expect(throws: BuildFailure.self) { try await builder.build(request()) }
        #expect(failure?.lastLines.contains { $0.contains("No matching distribution found for six==999.0") } == true)
        #expect(failure?.hint.contains("Correct the requirement") == true)
        #expect(failure.map { SmallFile.text($0.log)?.contains("999.0") == true } == true)
        #expect(BuildCache(folder: folder + "/cache").completeBuilds.isEmpty)
    }

    @Test("a node service with a lock file is installed by npm ci")
    func node() async throws {
        defer { removeScratch(folder) }
        try write(
            #"{"name":"a","version":"1.0.0","scripts":{"build":"node -e \"require('fs').mkdirSync('out')\""}}"#,
            source + "/package.json")
        try write(
            #"{"name":"a","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"a","version":"1.0.0"}}}"#,
            source + "/package-lock.json")
        let result = try await builder.build(request())
        #expect(result.stack == .node)
        #expect(Folder.names(in: result.folder).contains("out"))
        #expect(!Folder.names(in: source).contains("out"))
    }

    @Test("npm ci installs what the lock file names, and the service can require it")
    func nodeDependency() async throws {
        defer { removeScratch(folder) }
        try Folder.make(folder + "/package", mode: 0o755)
        try write(#"{"name":"greet","version":"1.2.3","main":"index.js"}"#, folder + "/package/package.json")
        try write("module.exports = () => 'good day';", folder + "/package/index.js")
        try Folder.make(source + "/vendor", mode: 0o755)
        try await run("tar", "czf", "source/vendor/greet.tgz", "package")
        try write(
            #"{"name":"a","version":"1.0.0","dependencies":{"greet":"file:vendor/greet.tgz"}}"#,
            source + "/package.json")
        try await run("npm", "install", "--package-lock-only", "--prefix", "source")
        try write("console.log(require('greet')())", source + "/main.js")
        let result = try await builder.build(request())
        #expect(Folder.names(in: source + "/node_modules").isEmpty)
        let said = try await CommandRunner.live(
            Command(
                arguments: ["node", "main.js"], environment: result.environment(path: "/usr/local/bin:/usr/bin:/bin"),
                workingDirectory: result.folder, deadline: .seconds(60)))
        #expect(said.output == "good day\n", "\(said.errors)")
    }

    @Test("a pyproject is installed with its dependencies, and its script is on the PATH")
    func pyproject() async throws {
        defer { removeScratch(folder) }
        try write(
            """
            [build-system]
            requires = ["setuptools==80.9.0"]
            build-backend = "setuptools.build_meta"
            [project]
            name = "shop"
            version = "0.3"
            dependencies = ["six==1.17.0"]
            [project.scripts]
            shop = "shop:main"
            [tool.setuptools]
            py-modules = ["shop"]
            """, source + "/pyproject.toml")
        try write("import six\ndef main(): print('shop', six.__version__)\n", source + "/shop.py")
        let result = try await builder.build(request())
        #expect(result.stack == .python)
        let said = try await CommandRunner.live(
            Command(
                arguments: ["shop"], environment: result.environment(path: "/usr/bin:/bin"),
                workingDirectory: result.folder, deadline: .seconds(60)))
        #expect(said.output == "shop 1.17.0\n", "\(said.errors)")
    }

    private func run(_ words: String...) async throws {
        let result = try await CommandRunner.live(
            Command(
                arguments: words, environment: Self.environment(home: folder), workingDirectory: folder,
                deadline: .seconds(60)))
        #expect(result.isSuccess, "\(words): \(result.errors)")
    }

    @Test("a site's own command fills the folder that is served")
    func site() async throws {
        defer { removeScratch(folder) }
        try write("<p>hi", source + "/page.html")
        let result = try await builder.build(
            request(.site, command: "mkdir dist && cp page.html dist/index.html", output: "dist"))
        #expect(result.siteFolder == result.folder + "/dist")
        #expect(result.siteFolder.flatMap { SmallFile.text($0 + "/index.html") } == "<p>hi")
        let error = await #expect(throws: WorldError.self) {
            try await builder.build(request(.site, command: "true", output: "public"))
        }
        #expect(error?.code == "site-output-missing")
    }

    @Test("a page among the files of what is started makes no site of it")
    func programWithPage() async throws {
        defer { removeScratch(folder) }
        try write("<p>hi", source + "/index.html")
        var wanted = try request()
        #expect(try await builder.build(wanted).siteFolder != nil)
        wanted.isProgram = true
        #expect(try await builder.build(wanted).siteFolder == nil)
    }

    @Test("a build that takes too long is killed with everything it started")
    func deadline() async throws {
        defer { removeScratch(folder) }
        try write("x", source + "/a")
        let short = Builder(
            cache: builder.cache, environment: builder.environment, deadline: .milliseconds(700))
        let pidFile = folder + "/pid"
        let failure = await #expect(throws: BuildFailure.self) {
            try await short.build(request(command: "sleep 60 & echo $! > \(pidFile); wait"))
        }
        #expect(failure?.ending.contains("did not end within 700ms") == true)
        let pid = try #require(SmallFile.text(pidFile).flatMap { Int32($0.dropLast()) })
        // A killed process is gone a moment after the signal.
        let end = ContinuousClock.now + .seconds(60)
        while ProcessRecord(running: pid)?.isAlive == true, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(ProcessRecord(running: pid)?.isAlive != true)
    }

    @Test("a build that was killed half way does not count and is made anew")
    func killed() async throws {
        defer { removeScratch(folder) }
        try write("x", source + "/a")
        let first = try await builder.build(request())
        unlink(first.folder + "/../complete.json")
        unlink(first.folder + "/a")
        let second = try await builder.build(request())
        #expect(!second.cached && second.identity == first.identity)
        #expect(SmallFile.text(second.folder + "/a") == "x")
    }

    @Test("two builders at once make one build")
    func together() async throws {
        defer { removeScratch(folder) }
        try write("x", source + "/a")
        let log = folder + "/runs"
        let wanted = try request(command: "echo run >> \(log); sleep 0.3")
        let builder = builder
        let results = try await withThrowingTaskGroup(of: BuildResult.self) { group in
            for _ in 0..<2 { group.addTask { try await builder.build(wanted) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.map(\.identity).first == results.map(\.identity).last)
        #expect(SmallFile.text(log) == "run\n")
    }

    @Test(
        "a missing tool is an error that names its package",
        arguments: [("go.mod", "golang-go"), ("Package.swift", "swift.org"), ("package.json", "nodejs npm")])
    func missingTool(file: String, wanted: String) async throws {
        defer { removeScratch(folder) }
        try write(#"{"dependencies": {}}"#, source + "/" + file)
        let poor = Builder(cache: builder.cache, environment: ["PATH": folder, "HOME": folder])
        let error = await #expect(throws: WorldError.self) { try await poor.build(request()) }
        #expect(error?.code == "tool-missing")
        #expect(error?.hint.contains(wanted) == true)
    }

    @Test("pruning keeps what is named and the newest others")
    func prune() async throws {
        defer { removeScratch(folder) }
        var results: [BuildResult] = []
        for index in 0..<4 {
            try write("\(index)", source + "/a")
            let result = try await builder.build(request())
            var times = [timeval(tv_sec: 1000 + index, tv_usec: 0), timeval(tv_sec: 1000 + index, tv_usec: 0)]
            utimes(result.folder + "/../complete.json", &times)
            results.append(result)
        }
        for (name, age) in [("fresh", 60), ("stale", 7200)] {
            try write("", folder + "/cache/venvs/\(name)/.complete")
            let second = Int(Date().timeIntervalSince1970) - age
            var times = [timeval(tv_sec: second, tv_usec: 0), timeval(tv_sec: second, tv_usec: 0)]
            utimes(folder + "/cache/venvs/\(name)/.complete", &times)
        }
        try write("", folder + "/cache/incoming/0123456789ab/source/a")
        try builder.cache.prune(keeping: [results[0].identity], newest: 1)
        #expect(Folder.names(in: folder + "/cache/venvs") == ["fresh"])
        #expect(Folder.names(in: folder + "/cache/incoming").isEmpty)
        let left = Set(Folder.names(in: folder + "/cache/builds"))
        #expect(left == [results[0].identity.short, results[3].identity.short])
    }

    @Test("requirements that name the source itself are not shared")
    func closure() {
        defer { removeScratch(folder) }
        let files = [
            "a.txt": "-r sub/b.txt\nflask\n", "sub/b.txt": "-c c.txt\n", "sub/c.txt": "six<2\n", "e.txt": "-e .\n",
        ]
        #expect(RequirementsFile.closure(of: "a.txt", read: { files[$0] })?.count == 6)
        #expect(RequirementsFile.closure(of: "e.txt", read: { files[$0] }) == nil)
        #expect(RequirementsFile.closure(of: "none.txt", read: { files[$0] }) == nil)
    }
}
