import ControlPlane
import Foundation
import Response
import TestKit
import Testing
import World

@Suite("The role ingest", .timeLimit(.minutes(5)))
struct IngestRoleTests {
    /// Waits until nothing waits in the spool.
    static func handedOver(_ client: PlainClient) async throws {
        try await eventually(within: .seconds(60)) {
            try await metric(client, "hauban_spool_entries") == 0
        }
    }

    static func metric(_ client: PlainClient, _ name: String) async throws -> Int? {
        try await client.send("GET", "/metrics").body.split(separator: "\n")
            .first { $0.hasPrefix(name + " ") }.flatMap { Int($0.split(separator: " ")[1]) }
    }

    private static func form(_ client: PlainClient, _ path: String, _ key: String, _ body: String) async throws -> Int {
        try await client.send("POST", path, json: body, fields: ["Authorization": "GenieKey \(key)"]).status
    }

    /// Once the key is known there.
    private static func opened(_ client: PlainClient, _ key: String, alias: String) async throws {
        try await eventually(within: .seconds(60)) {
            try await form(client, "/v2/alerts", key, #"{"message":"\#(alias)","alias":"\#(alias)"}"#) == 202
        }
    }

    @Test("what it answered is decided by the role incidents: alerts, other senders' forms, faults named as ever")
    func taken() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let (_, client) = try await desk.role(.ingest, before: plane.plane.port)
            #expect(try await client.send("POST", "/api/v2/alerts", json: RoleDesk.alert("Down")).status == 200)
            let mixed = #"[{"labels":{}},{"labels":{"alertname":"Good"}},{"labels":{"0bad":"x"}}]"#
            let partial = try await client.send("POST", "/api/v2/alerts", json: mixed)
            #expect(partial.status == 400)
            #expect(partial.fields["x-hauban-rejected"] == "0,2")
            #expect(try await client.send("POST", "/api/v2/alerts", json: "[{").status == 400)
            let wrongType = try await client.send(
                "POST", "/api/v2/alerts", json: "[]", fields: ["Content-Type": "text/plain"])
            #expect(wrongType.status == 415)
            let key = try await RoleDesk.key(plane.client, "opsgenie")
            try await Self.opened(client, key, alias: "disk")
            #expect(try await Self.form(client, "/v2/alerts", "hb_wrong", #"{"message":"x"}"#) == 401)
            try await Self.handedOver(client)
            // Reads pass through.
            let list = try await client.send("GET", "/api/v2/alerts")
            #expect(list.status == 200)
            for name in ["Down", "Good", "disk"] { #expect(list.body.contains(#""alertname":"\#(name)""#)) }
            let wrongKind = try await client.send("POST", "/integrations/json/\(key)", json: "{}")
            #expect(wrongKind.status == 403)
            let silence = try await client.send("GET", "/api/v2/silence/00000000-0000-4000-8000-000000000000")
            #expect(silence.status == 404)
            let other = try await client.send("GET", "/incidents")
            #expect(other.status == 404)
            #expect(other.json?["role"]?.string == "console")
        }
    }

    @Test("while incidents is away it answers as before, and everything counts once and in order when it is back")
    func away() async throws {
        try await RoleDesk.with { desk in
            var plane = try await desk.incidents()
            let port = plane.plane.port
            let (server, first) = try await desk.role(.ingest, before: port)
            let key = try await RoleDesk.key(plane.client, "opsgenie")
            try await Self.opened(first, key, alias: "disk")
            try await Self.handedOver(first)
            await desk.away()
            for number in 1...5 {
                #expect(
                    try await Self.form(
                        first, "/v2/alerts/disk/notes?identifierType=alias", key, #"{"note":"n\#(number)"}"#) == 202)
            }
            #expect(try await first.send("POST", "/api/v2/alerts", json: RoleDesk.alert("Meanwhile")).status == 200)
            let soon = InstantTextNow.after(.milliseconds(300))
            #expect(
                try await first.send("POST", "/api/v2/alerts", json: RoleDesk.alert("Short", ends: soon)).status == 200)
            let health = try await first.send("GET", "/health")
            #expect(health.status == 200, "it can take: \(health.body)")
            #expect(health.json?["spool"]?["entries"]?.display == "7")
            try await eventually(within: .seconds(60)) {
                try await first.send("GET", "/health").json?["plane"]?["isReached"] == .bool(false)
            }
            #expect(try await first.send("GET", "/api/v2/alerts").status == 503)
            // A start of its own while nobody answers: keys and entries are still known.
            await desk.stop(server)
            let (_, second) = try await desk.role(.ingest, before: port)
            #expect(
                try await Self.form(second, "/v2/alerts/disk/notes?identifierType=alias", key, #"{"note":"n6"}"#) == 202
            )
            try await Task.sleep(for: .milliseconds(400))
            plane = try await desk.incidents(port: port)
            try await Self.handedOver(second)
            let notes = try await RoleDesk.notes(plane)
            #expect(notes == (1...6).map { "n\($0)" })
            #expect(try await RoleDesk.names(plane).isSuperset(of: ["disk", "Meanwhile", "Short"]))
        }
    }

    @Test(
        "whatever stands between loses, repeats, cuts or invents, each entry counts once and in order",
        arguments: [1, 2])
    func faultyMiddle(_ seed: UInt64) async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let (_, direct) = try await desk.role(.ingest, before: plane.plane.port, spool: "/direct")
            let key = try await RoleDesk.key(plane.client, "opsgenie")
            try await Self.opened(direct, key, alias: "disk")
            try await Self.handedOver(direct)
            try await FaultyMiddle.with(plane.plane.port) { number in
                var random = SeededGenerator(seed: seed &+ UInt64(number) << 32)
                return number > 60 ? .none : FaultyMiddle.Fault.allCases.randomElement(using: &random) ?? .none
            } _: { middle in
                let (_, client) = try await desk.role(.ingest, before: middle.port)
                try await eventually(within: .seconds(60)) {
                    try await Self.form(
                        client, "/v2/alerts/disk/notes?identifierType=alias", key, #"{"note":"n1"}"#) == 202
                }
                for number in 2...30 {
                    let status = try await Self.form(
                        client, "/v2/alerts/disk/notes?identifierType=alias", key, #"{"note":"n\#(number)"}"#)
                    #expect(status == 202)
                }
                try await Self.handedOver(client)
                let notes = try await RoleDesk.notes(plane)
                let failures = try await Self.metric(client, "hauban_hand_over_failures_total") ?? -1
                #expect(
                    notes == (1...30).map { "n\($0)" },
                    "seed \(seed), failures \(failures)")
            }
        }
    }

    @Test("above its limit it says 429 and when to come again, and takes again once it could hand over")
    func limit() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let port = plane.plane.port
            await desk.away()
            let (_, client) = try await desk.role(.ingest, before: port) { $0.spoolBytes = 2000 }
            var taken = 0
            var last: PlainClient.Answer?
            for number in 1...100 {
                last = try await client.send("POST", "/api/v2/alerts", json: RoleDesk.alert("a\(number)"))
                guard last?.status == 200 else { break }
                taken += 1
            }
            #expect(last?.status == 429)
            #expect(last?.fields["retry-after"] == "5")
            #expect((2...30).contains(taken))
            #expect(try await client.send("GET", "/health").status == 503)
            let back = try await desk.incidents(port: port)
            try await Self.handedOver(client)
            #expect(try await client.send("POST", "/api/v2/alerts", json: RoleDesk.alert("again")).status == 200)
            try await Self.handedOver(client)
            let names = try await RoleDesk.names(back)
            #expect(names.isSuperset(of: (1...taken).map { "a\($0)" } + ["again"]))
            #expect(!names.contains("a\(taken + 1)"), "it was told to come again")
        }
    }

    @Test("an entry that nobody can read is told of as an alert, and the ones behind it are taken")
    func unreadable() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let file = try SpoolFile(path: desk.folder.path + "/ingest/spool.sqlite") { "spool-1" }
            let good =
                #"[{"report":{"_0":{"labels":{"alertname":"Behind"},"annotations":{},"source":"","generatorURL":""}}}]"#
            try await file.append([
                SpoolEntry(number: 1, received: desk.clock.now, body: #"[{"of":"a newer version"}]"#),
                SpoolEntry(number: 2, received: desk.clock.now, body: good),
            ])
            file.close()
            let (_, client) = try await desk.role(.ingest, before: plane.plane.port)
            try await Self.handedOver(client)
            let names = try await RoleDesk.names(plane)
            #expect(names.isSuperset(of: ["SpoolEntryUnreadable", "Behind"]))
        }
    }

    @Test("an older copy of a spool is handed over under another name instead of being taken for known")
    func copied() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let (server, client) = try await desk.role(.ingest, before: plane.plane.port)
            for number in 1...5 {
                #expect(
                    try await client.send("POST", "/api/v2/alerts", json: RoleDesk.alert("a\(number)")).status == 200)
            }
            try await Self.handedOver(client)
            await desk.stop(server)
            // As if a backup of before were put back: the numbers begin again.
            try TamperedStore.putBackSpool(desk.folder.path + "/ingest/spool.sqlite")
            let (_, again) = try await desk.role(.ingest, before: plane.plane.port)
            #expect(try await again.send("POST", "/api/v2/alerts", json: RoleDesk.alert("after")).status == 200)
            try await Self.handedOver(again)
            #expect(try await RoleDesk.names(plane).contains("after"))
        }
    }

    @Test("a token that is wrong opens nothing, and says so to who looks")
    func wrongToken() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let (_, client) = try await desk.role(
                .ingest, before: plane.plane.port, token: Secret("another-token-of-somebody-else"))
            #expect(try await client.send("POST", "/api/v2/alerts", json: RoleDesk.alert("Down")).status == 200)
            try await eventually(within: .seconds(60)) {
                let health = try await client.send("GET", "/health")
                return health.status == 503 && health.body.contains("it refuses the token")
            }
            #expect(try await RoleDesk.names(plane).isEmpty)
        }
    }
}

/// A moment as senders write it.
enum InstantTextNow {
    static func after(_ duration: Duration) -> String {
        let seconds = Date().timeIntervalSince1970 + Double(duration.components.attoseconds) / 1e18
        return Moment(milliseconds: Int(seconds * 1000)).description
    }
}
