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
            try compareStores(state, place, stack)
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
                #expect((container.isOpen == true) == place.settings.openPorts)
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

    private func compareStores(_ state: DesiredState, _ place: RenderSubject.Place, _ stack: ComposeStack) throws {
        for resource in state.resources {
            let declared = try #require(place.platform.resources[resource.name])
            guard [.postgres, .redis].contains(declared.kind) else {
                #expect(resource.container == nil)
                continue
            }
            let store = try #require(resource.container)
            #expect((store.isOpen == true) == place.settings.openPorts)
            let unit = stack.storeTree(resource.name, declared)
            #expect(unit["image"]?.text == store.image)
            let test = try #require(unit["healthcheck"]?["test"]?.texts)
            #expect(test.last == store.check.last?.replacing("$", with: "$$"))
            let said = (unit["command"]?.texts ?? unit["entrypoint"]?.texts ?? []).joined(separator: " ")
            #expect(said.contains(store.arguments.joined(separator: " ")))
            let limits = try #require(unit["deploy"]?["resources"]?["limits"])
            #expect(limits["memory"]?.text == "\(store.memory >> 20)M")
            for use in stack.users(of: resource.name) {
                #expect(resource.fingerprint.contains("\(use.name):\(use.access.rawValue)"))
            }
        }
    }

    @Test("a ready image runs where containers do, as its author named it")
    func ready() throws {
        let parsed = ParsedPlatform.parse(
            text: """
                hauban: 1
                platform: shop
                services:
                  broker: {image: "nats:2.10", port: 4222}
                environments: {dev: {target: local, services: {broker: null}}, prod: {target: docker, registry: registry.example/team}}
                """, name: "hauban.yaml")
        let subject = try #require(RenderSubject(parsed, files: RepositoryFiles([:])))
        let place = try #require(subject.places.first { $0.name.text == "prod" })
        let plain = Lowering(platform: place.platform, environment: place.name, root: "/shop").desiredState()
        let state = ContainerLowering(subject, place: place).filled(plain)
        let broker = try #require(state.services.first?.container)
        #expect(broker.repository == "nats:2.10" && broker.isReady && !broker.isPushed)
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
        #expect(api.container?.isPushed == true && web.container?.isReady == false)
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
