import GRDB
import TestKit
import Testing
import World

/// Every incident with its pages, as the JSON API shows them after a life of kills.
struct PageLedgers {
    let port: Int
    let token: String
    private(set) var incidents: [String: JSONValue] = [:]

    /// What was found, for the line that a run prints.
    struct Tally {
        var incidents = 0
        var states: [String: Int] = [:]
        var requests = 0
        var taken = 0
        var duplicates = 0

        static func + (one: Tally, other: Tally) -> Tally {
            Tally(
                incidents: one.incidents + other.incidents, states: one.states.merging(other.states) { $0 + $1 },
                requests: one.requests + other.requests, taken: one.taken + other.taken,
                duplicates: one.duplicates + other.duplicates)
        }
    }

    init(port: Int, token: String) {
        self.port = port
        self.token = token
    }

    /// Waits until nothing is to be sent any more, everybody was told whom the steps of what nobody answered name, each of
    /// these alerts is in an incident, and two looks at each group have found nothing new.
    mutating func settle(_ alerts: Set<String>) async throws {
        let clock = ContinuousClock()
        var found: [String: JSONValue] = [:]
        var pages: Set<String> = []
        var since = clock.now
        try await eventually(within: .seconds(120)) {
            found = try Dictionary(uniqueKeysWithValues: ids().map { ($0, try incident($0)) })
            let all = Set(found.values.flatMap { Self.list($0["pages"]) }.compactMap { $0["id"]?.string })
            guard found.values.allSatisfy(Self.isSettled), alerts.isSubset(of: Self.firing(found)), all == pages else {
                pages = all
                since = clock.now
                try await Task.sleep(for: .milliseconds(100))
                return false
            }
            return clock.now - since > .milliseconds(2500)
        }
        incidents = found
    }

    private func incident(_ id: String) throws -> JSONValue {
        let said = try PostingClient.ask(port, "GET", "/api/v1/incidents/\(id)", token: token)
        guard said.status == 200, let incident = said.json else { throw PostingClient.Unreachable() }
        return incident
    }

    private static func isSettled(_ incident: JSONValue) -> Bool {
        let pages = list(incident["pages"])
        let isUnderWay = pages.contains { ["waiting", "sending"].contains($0["state"]?.string) }
        return !isUnderWay && (incident["incident"]?["status"]?.string != "triggered" || told(pages).count >= 3)
    }

    private func ids() throws -> [String] {
        var ids: [String] = []
        var next = ""
        while true {
            let said = try PostingClient.ask(
                port, "GET", "/api/v1/incidents?status=all&limit=500\(next)", token: token)
            ids += Self.list(said.json?["items"]).compactMap { $0["id"]?.string }
            guard let cursor = said.json?["next"]?.string else { return ids }
            next = "&cursor=\(cursor)"
        }
    }

    private static func list(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let list)? = value { list } else { [] }
    }

    /// Whom pages ask to act.
    private static func told(_ pages: [JSONValue]) -> Set<String> {
        Set(pages.filter { $0["why"]?.string?.isEmpty == false }.compactMap { $0["address"]?.string })
    }

    /// Alerts that fire in some incident, as `cause/instance`.
    var firing: Set<String> { Self.firing(incidents) }

    private static func firing(_ incidents: [String: JSONValue]) -> Set<String> {
        Set(
            incidents.values.flatMap { list($0["alerts"]) }.compactMap { alert in
                guard let name = alert["labels"]?["alertname"]?.string,
                    let instance = alert["labels"]?["instance"]?.string
                else { return nil }
                return "\(name)/\(instance)"
            })
    }

    func status(of id: String) -> String? { incidents[id]?["incident"]?["status"]?.string }

    /// Whether an incident was opened again after its end.
    func wasReopened(_ id: String) -> Bool {
        Self.list(incidents[id]?["timeline"]).contains { $0["what"]?.string?.hasPrefix("opened it again") == true }
    }

    /// Each page is where its ledger says, and the sink saw of it what the ledger explains.
    ///
    /// - Parameter summaries: pages of no incident, from the store: their ledgers, by their identity.
    func judge(_ sink: [String: FaultySink.Tally], summaries: [String: [String]], _ note: String) -> Tally {
        var tally = Tally()
        tally.incidents = incidents.count
        var known: [String: [String]] = [:]
        for (id, ledger) in summaries {
            known[id] = ledger
            #expect(sink["hauban-\(id)"]?.taken ?? 0 > 0, "\(note): the summary \(id) was never taken: \(ledger)")
        }
        for (id, incident) in incidents {
            let pages = Self.list(incident["pages"])
            #expect(!pages.isEmpty, "\(note): nobody was told of \(id)")
            if incident["incident"]?["status"]?.string == "triggered" {
                #expect(
                    Self.told(pages).isSuperset(of: ["first", "last", "+33612345678"]),
                    "\(note): \(id) is unanswered, and only \(Self.told(pages)) were told")
            }
            for page in pages {
                let id = page["id"]?.string ?? ""
                let ledger = Self.list(page["ledger"]).compactMap { $0["what"]?.string }
                known[id] = ledger
                judge(page, ledger, sink, note)
                tally.states[page["state"]?.string ?? "", default: 0] += 1
            }
        }
        for (key, seen) in sink {
            tally.requests += seen.requests
            tally.taken += seen.taken
            tally.duplicates += seen.requests - 1
            guard let ledger = known[String(key.dropFirst("hauban-".count))] else {
                Issue.record("\(note): the sink was sent \(key), of which no ledger knows")
                continue
            }
            let attempts = ledger.count { $0.hasPrefix("sent") }
            #expect(seen.requests <= attempts, "\(note): \(key) came \(seen.requests) times: \(ledger)")
            // Each but the first needs a reason.
            let reasons = ledger.count { line in
                line.hasPrefix("sent again") || line.hasPrefix("attempt ")
            }
            #expect(seen.requests - 1 <= reasons, "\(note): \(key) came \(seen.requests) times: \(ledger)")
        }
        return tally
    }

    private func judge(
        _ page: JSONValue, _ ledger: [String], _ sink: [String: FaultySink.Tally], _ note: String
    ) {
        let id = page["id"]?.string ?? ""
        func taken(_ id: String) -> Bool { sink["hauban-\(id)"]?.taken ?? 0 > 0 }
        switch page["state"]?.string {
        case "accepted", "acknowledged":
            #expect(taken(id), "\(note): the sink never took \(id): \(ledger)")
        case "withdrawn":
            #expect(ledger.contains { $0.hasPrefix("taken back: ") }, "\(note): \(id) was withdrawn without a word")
        case "summarised":
            let summary = ledger.last { $0.hasPrefix("went into the summary ") }?.split(separator: " ").last
            #expect(summary.map { taken(String($0)) } == true, "\(note): \(id) went nowhere: \(ledger)")
        case let state: Issue.record("\(note): \(id) is \(state ?? "nowhere"): \(ledger)")
        }
    }

    /// The ledgers of pages that belong to no incident; the API shows those of incidents.
    static func summaries(_ data: String) throws -> [String: [String]] {
        let database = try DatabaseQueue(path: data + "/plane.sqlite")
        defer { try? database.close() }
        let bodies = try database.read {
            try String.fetchAll($0, sql: "SELECT body FROM parts WHERE kind = 'page' AND incident IS NULL")
        }
        var found: [String: [String]] = [:]
        for body in bodies {
            guard let page = JSONValue(parsing: Array(body.utf8))?["page"]?["_0"], let id = page["id"]?.string else {
                throw PostingClient.Unreachable()
            }
            found[id] = list(page["ledger"]).compactMap { line in
                guard case .object(let deeds)? = line["deed"] else { return nil }
                return deeds.first.flatMap { words[$0.key] }
            }
        }
        return found
    }

    /// The API's words for what is stored.
    private static let words = [
        "decided": "decided", "deferred": "waits", "sent": "sent", "sentAgain": "sent again",
        "accepted": "accepted by the provider", "failed": "attempt failed", "noAnswer": "attempt was not answered",
        "withdrawn": "taken back: ", "gaveUp": "given up",
    ]
}
