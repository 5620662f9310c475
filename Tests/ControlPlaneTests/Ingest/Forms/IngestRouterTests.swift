import ControlPlane
import Testing
import World

@Suite("Addresses of senders")
struct IngestRouterTests {
    @Test(
        "every address leads to its form, with the key that it has",
        arguments: [
            ("/integrations/alertmanager/k", IngestForm.alertmanager), ("/integrations/grafana/k/", .grafana),
            ("/integrations/google-cloud/k", .googleCloud), ("/integrations/sns/k", .sns),
            ("/integrations/json/k", .json), ("/integrations/heartbeat/k", .heartbeat(name: nil)),
            ("/integrations/heartbeat/k/a%2Fb", .heartbeat(name: "a/b")),
            ("/integrations/v1/alertmanager/k/", .onCall(.alertmanager)),
            ("/integrations/v1/anything/k", .onCall(.json)),
            ("/integrations/v1/anything/k/heartbeat/", .onCallHeartbeat),
        ])
    func paths(path: String, form: IngestForm) {
        let route = IngestRouter.route(APIRequest("POST", path))
        #expect(route?.form == form)
        #expect(route?.key == "k")
    }

    @Test(
        "PagerDuty's and Opsgenie's paths are theirs",
        arguments: [
            ("/v2/enqueue", IngestForm.pagerDutyEvent), ("/v2/change/enqueue", .pagerDutyChange),
            ("/v2/alerts", .opsgenie(.create)), ("/v2/alerts/", .opsgenie(.create)),
            ("/v2/alerts/a%20b/close", .opsgenie(.close("a b"))),
            ("/v2/alerts/a/acknowledge", .opsgenie(.acknowledge("a"))), ("/v2/alerts/a/notes", .opsgenie(.note("a"))),
            ("/v2/heartbeats/h/ping", .opsgenie(.ping(heartbeat: "h"))),
        ])
    func foreign(path: String, form: IngestForm) {
        let body = Array(#"{"routing_key": "k"}"#.utf8)
        let route = IngestRouter.route(
            APIRequest("POST", path, fields: ["Authorization": "GenieKey k"], body: body))
        #expect(route?.form == form)
        #expect(route?.key == "k")
    }

    @Test(
        "other paths are nobody's",
        arguments: [
            "/", "", "/api/v2/alerts", "/v2", "/v2/alerts/a/snooze", "/v2/enqueue/x", "/integrations",
            "/integrations/v1", "/integrations/v1/webhook", "/integrations/v1/webhook/k/other",
            "/integrations/pagerduty/k", "/integrations/nobody/k", "/integrations/sns/k/more",
            "/integrations/heartbeat/k/a/b",
        ])
    func nobody(path: String) {
        #expect(IngestRouter.route(APIRequest("POST", path)) == nil)
    }

    @Test("a body above the limit is refused before it is read, in the sender's form")
    func size() throws {
        var limits = IngestLimits()
        limits.bodyBytes = 100
        let long = String(repeating: " ", count: 101)
        let opsgenie = try FormDesk(.opsgenie, limits: limits)
        let outcome = try opsgenie.send("/v2/alerts", long, fields: OpsgenieTests.fields)
        #expect(outcome.answer.status == 413)
        #expect(outcome.json?["requestId"] != nil)
        let json = try FormDesk(.json, limits: limits)
        let other = try json.send("/integrations/json/KEY", long)
        #expect(other.answer.status == 413)
        #expect(other.json?["detail"]?.string == "the body has 101 bytes, more than the 100 that are taken")
    }

    @Test("a key opens the forms of its own sender only")
    func otherSender() throws {
        let desk = try FormDesk(.json)
        let alertmanager = try desk.send("/integrations/alertmanager/KEY", AlertmanagerWebhookTests.body(""))
        #expect(alertmanager.answer.status == 403)
        #expect(try desk.send("/v2/alerts", "{}", fields: OpsgenieTests.fields).answer.status == 403)
        let event = try desk.send("/v2/enqueue", PagerDutyTests.trigger())
        #expect(event.answer.status == 400)
        #expect(event.text.contains("integration shop takes json"))
    }
}
