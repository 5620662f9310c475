import ControlPlane
import Response
import TestKit
import Testing
import World

/// What is left to who holds the machine: a link for who is locked out, and a look at the audit log without a control plane.
@Suite("Rescue and audit from the machine")
struct RescueTests {
    private func accept(_ token: String) -> String { #"{"token":"\#(token)","password":"another long one"}"# }

    private func setUp(_ fixture: PlaneFixture) async throws {
        let link = try #require(try await fixture.plane.openSetUp()).exposed
        let answer = try await fixture.client.send(
            "POST", "/api/v1/set-up", json: #"{"token":"\#(link)","name":"ana","password":"three small boats"}"#)
        #expect(answer.status < 300, "\(answer.body)")
    }

    @Test("while it runs, only this machine's own programs are given a link, and it works once")
    func running() async throws {
        let local = Secret("a token of this machine")
        try await PlaneFixture.with({ $0.local = local }) { fixture in
            try await setUp(fixture)
            let path = "/api/v1/accounts/ana/rescue"
            #expect(try await fixture.client.send("POST", path, json: "{}").status == 401)
            let shown = ["Authorization": "Bearer \(local.exposed)"]
            let nobody = try await fixture.client.send("POST", "/api/v1/accounts/eva/rescue", json: "{}", fields: shown)
            #expect(nobody.status == 404 && nobody.body.contains("There is no account eva."))
            #expect(try await fixture.client.send("GET", path, fields: shown).status == 405)
            let made = try await fixture.client.send("POST", path, json: "{}", fields: shown)
            #expect(made.status == 201 && made.json?["purpose"]?.string == "reset", "\(made.body)")
            let token = try #require(made.json?["token"]?.string)
            let entered = try await fixture.client.send("POST", "/api/v1/invitations/accept", json: accept(token))
            #expect(entered.status == 200 && entered.json?["name"]?.string == "ana", "\(entered.body)")
            let again = try await fixture.client.send("POST", "/api/v1/invitations/accept", json: accept(token))
            #expect(again.status == 403)
        }
    }

    @Test("while none runs, the store is written to: the link works at the next start, and the log is whole")
    func stopped() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/plane.sqlite"
        try await PlaneFixture.with(store: try SQLiteStore(path: path)) { try await setUp($0) }
        let before = try AuditReader.check(path: path)
        #expect(before.finding == nil && before.entries > 1 && before.last?.number == before.entries)
        let store = try SQLiteStore(path: path)
        let error = await #expect(throws: WorldError.self) {
            try await AccountRescue.link(for: "eva", in: store, now: PlaneFixture.start)
        }
        #expect(error?.code == "not-found")
        let link = try await AccountRescue.link(for: "Ana", in: store, now: PlaneFixture.start)
        #expect(link.account == "ana" && link.expiresAt == PlaneFixture.start + .seconds(86_400))
        await store.close()
        let after = try AuditReader.check(path: path)
        #expect(after.finding == nil && after.entries == before.entries + 1)
        #expect(after.last?.event.what.hasPrefix("was told on this machine") == true)
        #expect(after.end?.count == after.entries)
        try await PlaneFixture.with(store: try SQLiteStore(path: path)) { fixture in
            // The next start opens no set-up, and finds the end of the log that it expects.
            #expect(try await fixture.plane.openSetUp() == nil)
            let entered = try await fixture.client.send(
                "POST", "/api/v1/invitations/accept", json: accept(link.token.exposed))
            #expect(entered.status == 200, "\(entered.body)")
        }
        let end = try AuditReader.check(path: path)
        #expect(end.finding == nil && end.entries > after.entries)
        #expect(try AuditReader.check(path: path, noted: after.end).finding == nil, "it went through the noted end")
    }

    @Test("the log is checked beside a control plane that writes it, and the first wrong line is named")
    func audit() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/plane.sqlite"
        let missing = #expect(throws: WorldError.self) { try AuditReader.check(path: path) }
        #expect(missing?.code == "no-store")
        try await PlaneFixture.with(store: try SQLiteStore(path: path)) { fixture in
            try await setUp(fixture)
            let report = try AuditReader.check(path: path)
            #expect(report.finding == nil && report.entries > 1, "beside one that serves")
            #expect(report.first?.number == 1 && report.first?.event.what == "opened the set-up")
        }
        let whole = try AuditReader.check(path: path)
        let other = try #require(AuditChain(parsing: "1 " + String(repeating: "ab", count: 32)))
        #expect(try AuditReader.check(path: path, noted: other).finding == .otherEnd(line: 1))
        let later = try #require(AuditChain(parsing: "99 " + String(repeating: "ab", count: 32)))
        #expect(
            try AuditReader.check(path: path, noted: later).finding == .cutShort(after: whole.entries, of: 99))
        try TamperedStore.rewriteAudit(path, line: 2, "ana", "eva")
        let tampered = try AuditReader.check(path: path)
        #expect(tampered.finding == .tampered(line: 2) && tampered.finding?.firstWrong == 2)
        #expect(tampered.entries == whole.entries)
        try TamperedStore.rewriteAudit(path, line: 2, "eva", "ana")
        #expect(try AuditReader.check(path: path).finding == nil)
        try TamperedStore.cutAudit(path)
        let cut = try AuditReader.check(path: path)
        #expect(cut.finding == .cutShort(after: whole.entries - 1, of: whole.entries))
        #expect(cut.finding?.firstWrong == whole.entries)
    }
}
