import ControlPlane
import Testing

@Suite("Heartbeats")
struct HeartbeatTests {
    @Test("a request of any plain kind is a sign of life", arguments: ["GET", "HEAD", "POST", "PUT"])
    func beat(method: String) throws {
        let desk = try FormDesk(.heartbeat)
        let outcome = try desk.send("/integrations/heartbeat/KEY", method: method)
        #expect(outcome.deeds == [.beat("shop")])
        #expect(outcome.answer.status == 200)
    }

    @Test("one key can speak for several names")
    func names() throws {
        let desk = try FormDesk(.heartbeat)
        #expect(try desk.send("/integrations/heartbeat/KEY/nightly%20backup").deeds == [.beat("nightly backup")])
        #expect(
            try desk.send("/integrations/heartbeat", fields: ["Authorization": "Bearer KEY"]).deeds == [.beat("shop")])
    }

    @Test("without a key, or with another method, there is none")
    func refused() throws {
        let desk = try FormDesk(.heartbeat)
        #expect(try desk.send("/integrations/heartbeat").answer.status == 401)
        #expect(try desk.send("/integrations/heartbeat/hb_wrong").answer.status == 401)
        let outcome = try desk.send("/integrations/heartbeat/KEY", method: "DELETE")
        #expect(outcome.answer.status == 405)
        #expect(outcome.field("Allow") == "GET, HEAD, POST, PUT")
        #expect(outcome.deeds.isEmpty)
    }
}
