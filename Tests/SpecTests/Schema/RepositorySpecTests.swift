import Spec
import Testing

@Suite("Where a platform is kept")
struct RepositorySpecTests {
    private static func parsed(_ line: String) -> ParsedPlatform {
        ParsedPlatform.parse(text: "hauban: 1\nplatform: shop\nrepository: {\(line)}\n", name: "hauban.yaml")
    }

    @Test(
        "an address is known with its page and its name at GitHub",
        arguments: [
            ("https://github.com/shop/platform.git", "https://github.com/shop/platform", "shop/platform"),
            ("https://github.com/shop/platform/", "https://github.com/shop/platform", "shop/platform"),
            ("ssh://git@github.com/shop/platform.git", "https://github.com/shop/platform", "shop/platform"),
            ("ssh://git@git.shop.example:2222/a/b/c.git", "https://git.shop.example/a/b/c", nil),
        ])
    func addresses(_ url: String, _ page: String, _ github: String?) throws {
        let repository = try #require(Self.parsed("url: \"\(url)\", path: platforms/shop").base?.repository)
        #expect(repository.page == page)
        #expect(repository.github == github)
        #expect(repository.isSSH == url.hasPrefix("ssh"))
        #expect(repository.branch == "main")
        #expect(repository.path(of: "deploy") == "platforms/shop/deploy")
    }

    @Test("the form that only ssh knows is mended, and who signs in does not stand in a file")
    func refused() throws {
        let short = Self.parsed("url: \"git@github.com:shop/platform.git\"").diagnostics
        #expect(short.count == 1)
        let mended = String(describing: short.first?.fix)
        #expect(mended.contains("ssh://git@github.com/shop/platform.git"))
        for wrong in [
            "https://user:word@github.com/shop/platform.git", "http://github.com/shop/platform.git", "https:///x",
            "https://github.com", "https://github.com/", "github.com/shop/platform",
        ] {
            #expect(Self.parsed("url: \"\(wrong)\"").diagnostics.map(\.severity) == [.error], "\(wrong)")
        }
        #expect(Self.parsed("path: ../shop, url: https://github.com/shop/platform").diagnostics.hasErrors)
        #expect(Self.parsed("branch: trunk").diagnostics.hasErrors)
    }
}
