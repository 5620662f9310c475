import ControlPlane
import Testing

@Suite("What is pasted into a sender")
struct IntegrationSetupTests {
    @Test("the address leads back to the integration's form with the key", arguments: Integration.Sender.allCases)
    func address(sender: Integration.Sender) throws {
        let desk = try FormDesk(sender)
        let integration = try #require(desk.desk.keys.integrations["shop"])
        let setup = IntegrationSetup(integration, base: "https://pager.shop.example", key: desk.key)
        #expect(setup.url.hasPrefix("https://pager.shop.example/"))
        #expect(setup.snippet.contains(setup.url))
        #expect(setup.snippet.contains(desk.key))
        let path = String(setup.url.dropFirst("https://pager.shop.example".count))
        let request = APIRequest(
            "POST", path, fields: ["Authorization": "GenieKey \(desk.key)"],
            body: Array(#"{"routing_key": "\#(desk.key)"}"#.utf8))
        let route = try #require(IngestRouter.route(request))
        #expect(route.key == desk.key)
        #expect(route.form.sender == (sender == .heartbeat ? nil : sender))
    }
}
