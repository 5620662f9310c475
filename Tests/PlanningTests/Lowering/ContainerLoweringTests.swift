import Spec
import TestKit
import Testing

@testable import Planning

@Suite("Lowering for containers")
struct ContainerLoweringTests {
    /// A container as `render compose` writes it and as `deploy` starts it may not differ.
    @Test("what is deployed to a Docker Engine is what is rendered for Compose", arguments: RenderedExample.names)
    func likeCompose(example: String) throws {
        let subject = try RenderedExample.subject(example)
        var seen = 0
        for place in subject.everywhere where [.docker, .swarm].contains(place.settings.target) {
            let stack = ComposeStack(subject: subject, place: place)
            let plain = Lowering(platform: place.platform, environment: place.name, root: "/root").desiredState()
            let state = ContainerLowering(subject, place: place).filled(plain)
            #expect(state.services.map(\.name) == plain.services.map(\.name))
            for service in state.services {
                let declared = try #require(place.platform.services[service.name])
                let container = try #require(service.container)
                let unit = stack.serviceTree(service.name, declared)
                seen += 1
                #expect(state.zones(of: service) == stack.networks(service.name, declared))
                #expect(unit["image"]?.text?.hasPrefix(container.repository + ":") == true)
                #expect(unit["user"]?.text == container.user)
                #expect(service.port?.number == stack.port(declared))
                #expect(!service.isSite)
                #expect((container.dockerfile == nil) == (container.recipe != nil))
                #expect(container.memory == declared.size.memory.bytes)
                if let check = container.check {
                    // Compose puts the values of secrets before a command of the author's.
                    let words = unit["healthcheck"]?["test"]?.texts ?? []
                    #expect(Array(words.suffix(check.count)) == check.map { $0.replacing("$", with: "$$") })
                } else {
                    #expect(unit["healthcheck"] == nil)
                }
            }
        }
        #expect(seen > 0 || !subject.everywhere.contains { [.docker, .swarm].contains($0.settings.target) })
    }

    @Test("a static site is served by its image, and what was written by hand is built as it is")
    func sites() throws {
        let parsed = ParsedPlatform.parse(
            text: """
                hauban: 1
                platform: shop
                services:
                  web: {source: web, site: {build: npm run build, output: dist}, expose: {path: /}}
                  api: {source: api, stack: python, run: python app.py, port: 9000, expose: {path: /api}, egress: [a.example]}
                environments: {prod: {target: docker, registry: registry.example/team}}
                """, name: "hauban.yaml")
        let files = RepositoryFiles(["api/Dockerfile": "FROM scratch\n", "web/package.json": "{}"])
        let subject = try #require(RenderSubject(parsed, files: files))
        let place = try #require(subject.places.first)
        let plain = Lowering(platform: place.platform, environment: place.name, root: "/shop").desiredState()
        let state = ContainerLowering(subject, place: place).filled(plain)
        let api = try #require(state.services.first)
        let web = try #require(state.services.last)
        #expect(web.listens && !web.isSite && web.port?.number == 8080)
        #expect(web.container?.recipe?.contains("nginx") == true)
        #expect(web.container?.ignored?.contains("node_modules") == true)
        #expect(web.container?.user == "101:101")
        #expect(web.container?.repository == "registry.example/team/web")
        #expect(api.container?.dockerfile == "Dockerfile")
        #expect(api.container?.recipe == nil)
        #expect(api.container?.user == nil)
        #expect(api.container?.zones == ["dmz", "egress"])
    }
}

extension YAMLTree {
    fileprivate subscript(key: String) -> YAMLTree? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    fileprivate var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    fileprivate var texts: [String]? {
        switch self {
        case .list(let items), .row(let items): items.compactMap(\.text)
        default: nil
        }
    }
}
