import FrontDoor
import Glibc
import Testing

@Suite("Static sites")
struct SiteTests {
    /// A folder with a site in it and a secret beside it, removed at the end.
    static func with(
        fallback: String? = nil, _ body: (DoorFixture, String) async throws -> Void
    ) async throws {
        var template = Array("/tmp/front-door-site-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Unmet(description: "no temporary folder") }
        let folder = String(cString: made)
        let root = folder + "/site"
        mkdir(root, 0o755)
        mkdir(root + "/assets", 0o755)
        mkdir(root + "/.git", 0o755)
        mkdir(folder + "/site-secret", 0o755)
        let files = [
            "site/index.html": "<h1>home</h1>", "site/about.html": "about", "site/assets/index.html": "assets",
            "site/assets/app.3f9c2b1a.js": "let a = 1", "site/assets/app.3f9c2b1a.js.gz": "gzipped",
            "site/.git/config": "hidden", "secret.txt": "secret", "site-secret/x.txt": "secret",
            "site/big.bin": String(repeating: "0123456789", count: 100_000),
        ]
        for (name, text) in files { try write(text, to: folder + "/" + name) }
        symlink("../secret.txt", root + "/link.txt")
        symlink("/etc", root + "/etc")
        symlink("about.html", root + "/inside.html")
        let site = FrontDoorConfiguration.Site(root: root, fallback: fallback)
        let service = FrontDoorConfiguration.Service(releases: [.init(release: "r1", site: site)])
        defer { removeTree(folder) }
        try await DoorFixture.with(
            ["web": service], routes: [.init(service: "web"), .init(path: "/under", service: "web", stripPrefix: true)]
        ) { try await body($0, root) }
    }

    static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw Unmet(description: "cannot write \(path)") }
        fputs(text, file)
        fclose(file)
    }

    @Test("files come with type, length, tag, date and cache rule")
    func files() async throws {
        try await Self.with { fixture, _ in
            let client = try await fixture.client()
            let home = try await client.get("/")
            #expect(home.body == "<h1>home</h1>")
            #expect(home["content-type"] == "text/html; charset=utf-8")
            #expect(home["cache-control"] == "no-cache")
            #expect(home["x-content-type-options"] == "nosniff")
            #expect(home["date"]?.hasSuffix("GMT") == true)
            let hashed = try await client.get("/assets/app.3f9c2b1a.js")
            #expect(hashed.body == "let a = 1")
            #expect(hashed["cache-control"] == "public, max-age=31536000, immutable")
            #expect(hashed["vary"] == "Accept-Encoding")
            #expect(try await client.get("/assets").status == 301)
            #expect(try await client.get("/assets?x=1")["location"] == "/assets/?x=1")
            #expect(try await client.get("/assets/").body == "assets")
            #expect(try await client.get("/inside.html").body == "about")
            #expect(try await client.get("/under/about.html").body == "about")
            #expect(try await client.get("/under").body == "<h1>home</h1>")
            #expect(try await client.get("/missing.html").status == 404)
            let head = try await client.get("/about.html", method: "HEAD")
            #expect(head["content-length"] == "5")
            let posted = try await client.get("/about.html", method: "DELETE")
            #expect(posted.status == 405)
            #expect(posted["allow"] == "GET, HEAD")
            let big = try await client.get("/big.bin")
            #expect(big.body.utf8.count == 1_000_000)
            #expect(try await fixture.signals("r1", of: "web").responses["2xx"] == 8)
        }
    }

    @Test("what did not change is not sent again (RFC 9110 §13.1)")
    func conditions() async throws {
        try await Self.with { fixture, _ in
            let client = try await fixture.client()
            let first = try await client.get("/about.html")
            let tag = try #require(first["etag"])
            let date = try #require(first["last-modified"])
            #expect(try await client.get("/about.html", headers: "If-None-Match: \"x\", W/\(tag)\r\n").status == 304)
            #expect(try await client.get("/about.html", headers: "If-None-Match: *\r\n").status == 304)
            #expect(try await client.get("/about.html", headers: "If-None-Match: \"x\"\r\n").status == 200)
            #expect(try await client.get("/about.html", headers: "If-Modified-Since: \(date)\r\n").status == 304)
            #expect(
                try await client.get("/about.html", headers: "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n")
                    .status
                    == 200)
            #expect(
                try await client.get(
                    "/about.html", headers: "If-None-Match: \"x\"\r\nIf-Modified-Since: \(date)\r\n"
                ).status == 200)
        }
    }

    @Test("a range of bytes is served, an impossible one refused (RFC 9110 §14)")
    func ranges() async throws {
        try await Self.with { fixture, _ in
            let client = try await fixture.client()
            let part = try await client.get("/about.html", headers: "Range: bytes=1-3\r\n")
            #expect(part.status == 206)
            #expect(part.body == "bou")
            #expect(part["content-range"] == "bytes 1-3/5")
            #expect(try await client.get("/about.html", headers: "Range: bytes=-2\r\n").body == "ut")
            #expect(try await client.get("/about.html", headers: "Range: bytes=3-\r\n").body == "ut")
            #expect(try await client.get("/about.html", headers: "Range: bytes=0-0,2-3\r\n").status == 200)
            #expect(
                try await client.get("/about.html", headers: "Range: bytes=0-0\r\nIf-Range: \"old\"\r\n").status == 200)
            let beyond = try await client.get("/about.html", headers: "Range: bytes=5-\r\n")
            #expect(beyond.status == 416)
            #expect(beyond["content-range"] == "bytes */5")
            #expect(try await client.get("/big.bin", headers: "Range: bytes=999995-\r\n").body == "56789")
        }
    }

    @Test("a compressed neighbour is sent to who takes it")
    func precompressed() async throws {
        try await Self.with { fixture, _ in
            let client = try await fixture.client()
            let small = try await client.get("/assets/app.3f9c2b1a.js", headers: "Accept-Encoding: br, gzip\r\n")
            #expect(small.body == "gzipped")
            #expect(small["content-encoding"] == "gzip")
            #expect(small["content-type"] == "text/javascript; charset=utf-8")
            let plain = try await client.get("/assets/app.3f9c2b1a.js", headers: "Accept-Encoding: gzip;q=0\r\n")
            #expect(plain.body == "let a = 1")
            #expect(plain["etag"] != small["etag"])
        }
    }

    @Test(
        "no path leads out of the folder or to hidden files",
        arguments: [
            "/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt",
            "/%2e%2e%2fsecret.txt",
            "/link.txt", "/etc/passwd", "/.git/config", "/%2egit/config", "/./about.html", "//about.html",
            "/about.html%00.txt", "/assets//app.3f9c2b1a.js", "/../site-secret/x.txt", "/%zz", "/about.html/",
            "/..", "/.",
        ])
    func escapes(_ path: String) async throws {
        try await Self.with { fixture, _ in
            let client = try await fixture.client()
            let response = try await client.get(path)
            #expect(response.status == 404)
            #expect(!response.body.contains("secret"))
        }
    }

    @Test("a single-page app's fallback answers paths without a file, not missing assets")
    func fallback() async throws {
        try await Self.with(fallback: "index.html") { fixture, _ in
            let client = try await fixture.client()
            #expect(try await client.get("/orders/17").body == "<h1>home</h1>")
            #expect(try await client.get("/orders/").body == "<h1>home</h1>")
            #expect(try await client.get("/assets/app.00000000.js").status == 404)
            #expect(try await client.get("/../secret.txt").status == 404)
        }
    }
}

func removeTree(_ path: String) {
    guard let folder = opendir(path) else {
        unlink(path)
        return
    }
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        if entry.pointee.d_type == UInt8(DT_DIR) {
            removeTree(path + "/" + name)
        } else {
            unlink(path + "/" + name)
        }
    }
    closedir(folder)
    rmdir(path)
}

func temporaryFolder() throws -> String {
    var template = Array("/tmp/front-door-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Unmet(description: "no temporary folder") }
    return String(cString: made)
}

/// Resident memory of this process.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
}
