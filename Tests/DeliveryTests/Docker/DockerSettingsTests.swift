import Delivery
import Foundation
import Testing
import World

@Suite("Docker's own settings")
struct DockerSettingsTests {
    @Test("addresses are read, and those that are none are refused")
    func addresses() throws {
        #expect(try DockerEndpoint("unix:///run/docker.sock") == .unix(path: "/run/docker.sock"))
        #expect(
            try DockerEndpoint("ssh://root@shop.example:2222")
                == .ssh(.init(user: "root", host: "shop.example", port: 2222)))
        #expect(try DockerEndpoint("ssh://shop.example/") == .ssh(.init(host: "shop.example")))
        #expect(try DockerEndpoint("tcp://127.0.0.1:2375") == .tcp(host: "127.0.0.1", port: 2375, tls: nil))
        let files = DockerEndpoint.TLSFiles(folder: "/certs")
        #expect(try DockerEndpoint("tcp://[fd00::1]", tls: files) == .tcp(host: "fd00::1", port: 2376, tls: files))
        #expect(try DockerEndpoint("tcp://[fd00::1]", tls: files).description == "tcp://[fd00::1]:2376")
        for wrong in [
            "", "docker.sock", "unix://docker.sock", "ftp://x", "tcp://h:99999", "tcp://h:0", "tcp://",
            "ssh://-oProxyCommand=evil", "ssh://user@-h", "ssh://a b", "ssh://$(x)",
        ] {
            let error = #expect(throws: WorldError.self) { try DockerEndpoint(wrong, tls: files) }
            #expect(error?.code == "docker-address", "\(wrong)")
        }
        let open = #expect(throws: WorldError.self) { try DockerEndpoint("tcp://shop.example:2375") }
        #expect(open?.code == "docker-insecure")
    }

    @Test("what the caller says of the engine goes before hauban.yaml, and that before the context in use")
    func declared() throws {
        let folder = try makeScratch()
        defer { removeScratch(folder) }
        try write(#"{"currentContext":"gone"}"#, folder + "/config.json")
        let plain = DockerSettings(environment: ["DOCKER_CONFIG": folder])
        let server = DockerEndpoint.ssh(.init(user: "deploy", host: "shop.example"))
        #expect(try plain.endpoint(server: "deploy@shop.example") == server)
        #expect(try plain.endpoint(context: "default", server: "deploy@shop.example") == .standard)
        #expect(throws: WorldError.self) { try plain.endpoint(context: "gone", server: "deploy@shop.example") }
        let option = #expect(throws: WorldError.self) { try plain.endpoint(server: "-oProxyCommand=sh") }
        #expect(option?.code == "docker-address")
        let told = DockerSettings(environment: ["DOCKER_CONFIG": folder, "DOCKER_HOST": "unix:///x"])
        #expect(try told.endpoint(context: "gone", server: "deploy@shop.example") == .unix(path: "/x"))
    }

    @Test("an engine is chosen as `docker` chooses it")
    func choice() throws {
        let folder = try makeScratch()
        defer { removeScratch(folder) }
        func settings(_ more: [String: String] = [:]) -> DockerSettings {
            DockerSettings(environment: ["DOCKER_CONFIG": folder].merging(more) { $1 })
        }
        #expect(try settings().endpoint() == .standard)
        let mark = ContentHash(of: "far".utf8).hex
        try write(#"{"currentContext":"far"}"#, folder + "/config.json")
        try write(
            #"{"Name":"far","Endpoints":{"docker":{"Host":"tcp://far.example:2376"}}}"#,
            "\(folder)/contexts/meta/\(mark)/meta.json")
        let bare = #expect(throws: WorldError.self) { try settings().endpoint() }
        #expect(bare?.code == "docker-insecure")
        try write("x", "\(folder)/contexts/tls/\(mark)/docker/ca.pem")
        let files = DockerEndpoint.TLSFiles(folder: "\(folder)/contexts/tls/\(mark)/docker")
        #expect(try settings().endpoint() == .tcp(host: "far.example", port: 2376, tls: files))
        #expect(try settings(["DOCKER_CONTEXT": "default"]).endpoint() == .standard)
        #expect(try settings(["DOCKER_HOST": "unix:///x"]).endpoint() == .unix(path: "/x"))
        let unknown = #expect(throws: WorldError.self) { try settings(["DOCKER_CONTEXT": "no"]).endpoint() }
        #expect(unknown?.code == "docker-context")
    }

    @Test("credentials come from the keychain helper, else from the file, and are never shown")
    func credentials() async throws {
        let folder = try makeScratch()
        defer { removeScratch(folder) }
        try write(
            """
            #!/bin/sh
            read -r address || true
            [ "$1" = get ] || exit 1
            if [ "$address" = registry.example ]; then
                echo '{"ServerURL":"registry.example","Username":"ana","Secret":"s3cret-of-ana"}'
            else
                echo 'credentials not found in native keychain'
                exit 1
            fi

            """, folder + "/docker-credential-testing")
        _ = chmod(folder + "/docker-credential-testing", 0o755)
        let stored = Data("ben:p4ss".utf8).base64EncodedString()
        try write(
            #"{"credHelpers":{"registry.example":"testing","empty.example":"testing","bad.example":"../x"},"auths":{"file.example":{"auth":"\#(stored)"}}}"#,
            folder + "/config.json")
        let settings = DockerSettings(environment: ["DOCKER_CONFIG": folder, "HOME": folder])
        func found(_ registry: String) async throws -> RegistryCredentials? {
            try await settings.credentials(for: registry, runner: .live, path: folder + ":/usr/bin:/bin")
        }
        let helped = try #require(try await found("registry.example"))
        #expect("\(helped)" == "credentials of registry.example")
        let field = try #require(
            Data(base64Encoded: helped.authField.replacing("-", with: "+").replacing("_", with: "/")))
        let read = try #require(JSONValue(parsing: Array(field)))
        #expect(read["username"]?.string == "ana")
        #expect(read["password"]?.string == "s3cret-of-ana")
        #expect(try await found("file.example") != nil)
        #expect(try await found("empty.example") == nil)
        #expect(try await found("other.example") == nil)
        let bad = try await #require(throws: WorldError.self) { try await found("bad.example") }
        #expect(bad.code == "registry-keychain")
    }

    @Test("names of images are read as Docker reads them")
    func names() throws {
        let name = try #require(ImageName("registry.example:5000/shop/api:1.2-a"))
        #expect(name.repository == "registry.example:5000/shop/api")
        #expect(name.tag == "1.2-a")
        #expect(name.registry == "registry.example:5000")
        #expect(ImageName("shop/api")?.tag == "latest")
        #expect(ImageName("shop/api")?.registry == "docker.io")
        #expect(ImageName("localhost/api")?.registry == "localhost")
        for wrong in ["", "Shop/api:1", "shop//api", "shop/api:", "shop/api:-x", "a b", "shop/api@sha256:00", "../x"] {
            #expect(ImageName(wrong) == nil, "\(wrong)")
        }
    }

    @Test("a .dockerignore leaves out what Docker leaves out")
    func ignore() {
        let ignore = DockerIgnore(
            """
            # a comment
            .git
            *.key
            **/*.pyc
            node_modules/
            docs/*.md
            !docs/README.md
            build/**
            !build/keep/**
            [ab]?.txt
            secret[^s].txt
            """)
        let out = [
            ".git", ".git/config", "server.key", "a/b/c.pyc", "c.pyc", "node_modules/x/y.js", "docs/a.md", "build/x",
            "build/a/b", "a1.txt", "secretx.txt",
        ]
        let kept = [
            "src/.gitignore", "a/server.key", "docs/README.md", "docs/deep/a.md", "build/keep/x", "c1.txt", "main.py",
            "secrets.txt", "src/node_modules/x",
        ]
        for path in out { #expect(ignore.excludes(path), "\(path) is left out") }
        for path in kept { #expect(!ignore.excludes(path), "\(path) is kept") }
    }

    @Test("an archive is one that tar reads, and equal files are equal bytes")
    func tar() async throws {
        let folder = try makeScratch()
        defer { removeScratch(folder) }
        try write(String(repeating: "0123456789", count: 60_000), folder + "/big")
        let long = String(repeating: "d", count: 60) + "/" + String(repeating: "é", count: 60)
        let stream = TarStream([
            .init("big", .file(path: folder + "/big", size: 600_000), mode: 0o755),
            .init(long, .bytes(Array("long".utf8))), .init("link", .link(to: "big")),
            .init("empty", .bytes([])), .init("folder", .folder, mode: 0o755),
        ])
        func bytes() async throws -> [UInt8] {
            var all: [UInt8] = []
            for try await piece in stream { all += piece }
            return all
        }
        let archive = try await bytes()
        #expect(try await bytes() == archive)
        #expect(archive.count % 512 == 0)
        try AtomicFile.write(archive, to: folder + "/a.tar", mode: 0o644)
        let listed = try await TestDocker.run("tar", "-tvf", folder + "/a.tar")
        #expect(listed.isSuccess, "\(listed.errors)")
        #expect(listed.output.contains("-rwxr-xr-x 0/0          600000 "))
        #expect(listed.output.contains("link -> big"))
        let out = try await TestDocker.run(
            "sh", "-c", "mkdir \(folder)/out && tar -C \(folder)/out -xf \(folder)/a.tar")
        #expect(out.isSuccess, "\(out.errors)")
        #expect(SmallFile.text("\(folder)/out/\(long)") == "long")
        #expect(try SmallFile.read(folder + "/out/big").count == 600_000)
        let gone = TarStream([.init("x", .file(path: folder + "/nothing", size: 5))])
        await #expect(throws: WorldError.self) { for try await _ in gone {} }
    }
}
