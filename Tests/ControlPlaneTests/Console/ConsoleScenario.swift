import ControlPlane
import Foundation
import Response
import Spec
import Testing

/// A shop with an afternoon behind it: what the pages of the tests show.
struct ConsoleScenario: Sendable {
    /// 2026-09-21T14:13:20Z, a Monday.
    static let start = Moment(seconds: 1_790_000_000)

    var responder: Responder
    private(set) var now = ConsoleScenario.start
    var data: ConsoleData

    init(_ change: (inout Rulebook) -> Void = { _ in }) throws {
        var rules = try Self.rules()
        change(&rules)
        responder = Responder(rules: rules, now: Self.start)
        data = ConsoleData(responder: responder) { "new-1" }
        data.services = ["web", "api", "worker", "mailer", "search", "billing"]
        data.address = "https://hauban.shop.example"
    }

    static func zone() throws -> ZoneRules {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Paris"))
        return try ZoneRules(name: "Europe/Paris", tzif: Array(bytes))
    }

    static func page(
        _ language: Language = .english, _ theme: PageContext.Theme = .system,
        role: PageContext.Role? = .administrator, now: Moment = start
    ) throws -> PageContext {
        PageContext(
            language: language, theme: theme, viewer: role.map { .init(name: "ana", role: $0) }, csrf: "token-1",
            now: now, zone: try zone(), platform: "shop", version: "test")
    }

    private static func rules() throws -> Rulebook {
        var rules = Rulebook(platform: "shop", routes: [Route(name: "default", policy: "levels")])
        let paris = try zone()
        rules.zones = ["Europe/Paris": paris]
        let quiet = WeeklyHours(
            hours: [.init(weekdays: [1, 2, 3, 4, 5, 6, 7], from: 22 * 3600, to: 7 * 3600)], zone: paris)
        for person in ["ana", "ben", "chi", "dan", "eva"] {
            rules.people[person] = ContactCard(
                name: person,
                contacts: [
                    Contact(.slack, "@\(person)"), Contact(.sms, "+3361234567\(person.count)"),
                    Contact(.call, "+33612345678"), Contact(.email, "\(person)@shop.example"),
                ], quiet: person == "ben" ? .init(hours: quiet) : nil)
        }
        rules.people["flo"] = ContactCard(name: "flo", contacts: [])
        let monday = CivilTime(RotationLayer.firstMonday, seconds: 9 * 3600)
        rules.schedules = [
            "primary": OnCallSchedule(
                name: "primary",
                layers: [
                    RotationLayer(
                        name: "week", people: ["ana", "ben", "chi"], turn: 7 * 86_400, anchor: monday, zone: paris),
                    RotationLayer(
                        name: "nights", people: ["dan", "eva"], turn: 86_400, anchor: monday, zone: paris,
                        hours: [.init(weekdays: [5, 6], from: 20 * 3600, to: 8 * 3600)]),
                ], holidays: CivilDay(2026, 9, 25).map { [$0] } ?? []),
            "office": OnCallSchedule(
                name: "office",
                layers: [
                    RotationLayer(
                        name: "office", people: ["dan", "eva"], turn: 7 * 86_400, anchor: monday, zone: paris,
                        hours: [.init(weekdays: [1, 2, 3, 4, 5], from: 9 * 3600, to: 18 * 3600)])
                ]),
        ]
        rules.teams = ["developers": .init(people: ["chi", "dan"], channels: [.init(.slack, "#dev")])]
        rules.policies = [
            "levels": EscalationPolicy(steps: [
                .init(after: .zero, deed: .perform("return-release")), .init(after: .zero, deed: .tell("primary")),
                .init(after: .seconds(300), deed: .tell("office")),
                .init(after: .seconds(900), deed: .tell("developers")),
                .init(after: .seconds(1800), deed: .tell("eva")),
            ])
        ]
        rules.actions = [
            "drain-queue": RunbookAction(name: "drain-queue", deed: .command("drain"), needsApproval: true),
            "flush-cache": RunbookAction(name: "flush-cache", deed: .command("flush")),
        ]
        return rules
    }

    // MARK: What happens

    mutating func pass(_ seconds: Int) {
        let end = now + .seconds(seconds)
        while let next = responder.nextDue, next <= end {
            now = max(now, next)
            happen(.tick)
        }
        now = end
    }

    mutating func happen(_ event: Event) {
        for action in responder.event(event, now: now) {
            switch action {
            case .send(let dispatch):
                let isBroken = dispatch.contact.kind == .email && dispatch.attempt == 1
                happen(
                    .delivery(
                        page: dispatch.page, attempt: dispatch.attempt,
                        isBroken
                            ? .failed("421 the server is busy", retryAfter: nil)
                            : .accepted(reference: "ref-\(dispatch.page)"), random: 0.5))
            default: break
            }
        }
        data.responder = responder
    }

    static func report(
        _ name: String, _ service: String?, _ severity: String, _ more: [String: String] = [:], summary: String? = nil,
        now: Moment, ends: Bool = false
    ) -> AlertBook.Report {
        var labels = ["alertname": name, "severity": severity]
        labels["service"] = service
        labels.merge(more) { $1 }
        var annotations = Annotations()
        annotations["summary"] = summary
        return AlertBook.Report(
            labels: LabelSet(labels), annotations: annotations, endsAt: ends ? now : now + .seconds(30 * 86_400),
            source: "prometheus", generatorURL: "https://prometheus.shop.example/graph?g0.expr=up")
    }

    mutating func fires(
        _ name: String, _ service: String?, _ severity: String, _ more: [String: String] = [:], summary: String? = nil,
        ends: Bool = false
    ) {
        happen(.alerts([Self.report(name, service, severity, more, summary: summary, now: now, ends: ends)]))
    }

    mutating func ships(
        _ id: String, _ services: [String], _ verdict: ReleaseRecord.Verdict = .kept, by person: String = "eva",
        migration: ReleaseRecord.Migration = .none, takes seconds: Int = 90
    ) {
        var record = ReleaseRecord(
            id: id, services: services, environment: "prod", by: person, version: "v\(id.dropFirst())", began: now,
            verdict: .switching, migration: migration)
        happen(.release(record))
        if verdict == .switching { return }
        pass(seconds)
        record.ended = now
        record.verdict = verdict
        happen(.release(record))
    }

    private mutating func does(_ person: String, _ command: Event.Command, to id: String) {
        happen(.incident(id, command, by: person))
    }

    /// An afternoon with a bad release, a queue that stands still and a certificate that ends.
    static func afternoon() throws -> ConsoleScenario {
        var story = try ConsoleScenario()
        story.ships("r101", ["web", "api"], by: "dan")
        story.pass(3600)
        story.ships(
            "r102", ["worker"], .returned(reason: "errors(worker) rose to 4 %"), by: "ben", migration: .compatible)
        story.pass(1800)
        story.fires(
            "CertificateEnds", "mailer", "medium", summary: "The certificate of mail.shop.example ends in 9 days")
        story.pass(600)
        story.fires(
            "DiskFull", "search", "high", ["instance": "search-2"], summary: "search-2 has 3 % of its disk left")
        story.pass(240)
        story.does("ana", .acknowledge(), to: "i2")
        story.does("ana", .note("Old indexes are being deleted.\nThat takes ten minutes."), to: "i2")
        story.does("ana", .link(url: "https://wiki.shop.example/search", title: "How the index grows"), to: "i2")
        story.pass(900)
        story.fires(
            "DiskFull", "search", "high", ["instance": "search-2"], summary: "search-2 has 3 % of its disk left",
            ends: true)
        story.pass(300)
        story.ships("r103", ["api", "billing"], by: "eva", migration: .incompatible)
        story.pass(420)
        story.fires("HighErrorRate", "api", "critical", ["zone": "eu-1"], summary: "7.2 % of the requests to api fail")
        story.pass(45)
        for zone in ["eu-2", "eu-3", "us-1"] {
            story.fires("HighErrorRate", "api", "critical", ["zone": zone], summary: "errors in \(zone)")
        }
        story.pass(400)
        story.fires("HighErrorRate", "api", "critical", ["zone": "us-1"], ends: true)
        story.fires(
            "QueueStuck", "worker", "high", ["queue": "orders"], summary: "12,400 orders wait & none is <taken>")
        story.pass(120)
        story.does("chi", .acknowledge(), to: "i4")
        story.fires("SlowQueries", "billing", "low", ["team": "db"], summary: "p99 of billing's queries is 900 ms")
        try story.arrange()
        story.happen(.burn(service: "api", isBurning: true))
        story.pass(200)
        story.fill()
        return story
    }

    private mutating func arrange() throws {
        let hour = Duration.seconds(3600)
        happen(
            .silence(
                try Silence(
                    id: "s1", matchers: [Matcher("team", .equals, "db")], start: now, end: now + hour * 6, owner: "ben",
                    reason: "The index of billing is being rebuilt", now: now)))
        happen(
            .silence(
                try Silence(
                    id: "s2", matchers: [Matcher("service", .matches, "web|search")], start: now + hour * 2,
                    end: now + hour * 3, owner: "ana", reason: "Move to the new load balancer", now: now)))
        happen(
            .maintenance(
                try MaintenanceWindow(
                    id: "m1", title: "Database updates", matchers: [Matcher("service", .equals, "db")],
                    recurrence: .weekly([.init(weekdays: [2, 4], from: 2 * 3600, to: 4 * 3600)]), zone: "Europe/Paris",
                    owner: "dan", zones: responder.rules.zones, now: now)))
        happen(
            .maintenance(
                try MaintenanceWindow(
                    id: "m2", title: "New switches in the rack", matchers: [Matcher("rack", .equals, "r7")],
                    recurrence: .once(start: now - hour, end: now + hour * 3), owner: "eva",
                    zones: responder.rules.zones, now: now)))
        let day = hour * 24
        happen(
            .arrange(
                schedule: "primary",
                .override(.init(id: "o1", start: now + day, end: now + day + hour * 8, person: "eva", replaces: nil)),
                by: "ana"))
        happen(
            .arrange(
                schedule: "primary",
                .absence(id: "a1", .init(person: "ben", start: now + day * 9, end: now + day * 11)), by: "ben"))
        if let schedule = responder.directory.schedules["primary"] {
            let shifts = schedule.shifts(from: now, to: now + day * 40)
            if let mine = shifts.first(where: { $0.person == "chi" && $0.start > now }),
                let other = shifts.first(where: { $0.person == "ana" && $0.start > now + day * 14 })
            {
                happen(
                    .arrange(
                        schedule: "primary",
                        .propose(
                            ShiftSwap(
                                id: "w1", schedule: "primary",
                                offered: .init(person: "chi", start: mine.start, end: mine.end),
                                asked: .init(person: "ana", start: other.start, end: other.end))), by: "chi"))
            }
        }
    }

    /// What others know.
    private mutating func fill() {
        data.signals = SignalBoard(
            promises: ["api": .init(availability: 0.999, p95: .milliseconds(300)), "web": .init(availability: 0.995)],
            isMeasured: true)
        for step in (0...60).reversed() {
            let rise = Double(60 - step)
            data.signals.take(
                [
                    "api": .init(
                        traffic: .success(
                            .init(
                                requestsPerSecond: 12 + rise.truncatingRemainder(dividingBy: 7), errorShare: 0.072,
                                p95: .milliseconds(840))),
                        replicas: .success(.init(ready: 1, wanted: 2, restarts: 3, since: now - .seconds(240)))),
                    "web": .init(
                        traffic: step > 20 && step < 30
                            ? .failure(.unreachable("ask the front door: no answer"))
                            : .success(
                                .init(requestsPerSecond: 40 + rise, errorShare: 0, p95: .milliseconds(8.4))),
                        replicas: .failure(.isSite)),
                    "worker": .init(
                        traffic: .failure(.notRouted),
                        replicas: .success(.init(ready: 1, wanted: 1, since: now - .seconds(7200)))),
                    "search": .init(
                        traffic: .failure(.unreachable("ask the front door: no answer")),
                        replicas: .failure(.notDeployed)),
                    "mailer": .init(
                        traffic: .failure(.noRequests),
                        replicas: .success(.init(ready: 1, wanted: 1, since: now - .seconds(7200)))),
                    "billing": .init(
                        traffic: .success(
                            .init(requestsPerSecond: 0.25, errorShare: 0.000_02, p95: .milliseconds(2400))),
                        replicas: .success(.init(ready: 2, wanted: 2, since: now - .seconds(600)))),
                ], at: now - .seconds(step * 30))
        }
        data.integrations = [
            .init(
                name: "shop-prometheus", sender: .alertmanager, created: Self.start, lastUsed: now - .seconds(20),
                key: "7gk2m9c"),
            .init(
                name: "legacy", sender: .opsgenie, created: Self.start, key: "0a4bcde",
                secret: "hb_0a4bcdefghjkmnpqrstvwxyz01234"),
        ]
        data.audit = .init(
            lines: (1...12).reversed().map { number in
                .init(
                    number: number, at: Self.start + .seconds(number * 600), who: number % 3 == 0 ? "ben" : "ana",
                    what: number % 2 == 0 ? "signed in" : "made the silence s\(number)", from: "192.0.2.\(number)")
            }, next: 1)
        data.accounts = [
            .init(name: "ana", role: .administrator, hasSecondFactor: true, lastSeen: now),
            .init(name: "ben", role: .responder, lastSeen: now - .seconds(86_400)),
            .init(name: "guest", role: .viewer, state: .invited),
        ]
        data.own.sessions = [
            .init(
                id: "se1", began: Self.start, seen: now, address: "192.0.2.4", agent: "Firefox on Linux", isThis: true),
            .init(
                id: "se2", began: Self.start, seen: Self.start, address: "192.0.2.9", agent: "Safari on a telephone",
                isThis: false),
        ]
        data.own.tokens = [
            .init(id: "t1", name: "deploys", owner: "ana", scopes: ["alerts:write"], ends: now + .seconds(86_400 * 30))
        ]
        // Everything that is shown only once, at once.
        data.own.secret = "JBSW Y3DP EHPK 3PXP"
        data.own.otpauth = "otpauth://totp/shop:ana?secret=JBSWY3DPEHPK3PXP&issuer=shop"
        data.own.recoveryCodes = ["4k2m-9c7g-x1qd", "t8vw-0a3n-5fre"]
        data.own.newToken = "hbt_0123456789abcdefghjkmnpqrstvwxyz"
        data.own.link = ("guest", "https://hauban.shop.example/invitation?token=abc", now + .seconds(86_400))
        data.own.scopes = ["alerts:read", "alerts:write", "incidents:read", "admin"]
        data.health.signOfLife = true
        data.health.waitingPages = 2
    }

    func page(
        _ language: Language = .english, _ theme: PageContext.Theme = .system,
        role: PageContext.Role? = .administrator
    ) throws -> PageContext {
        try Self.page(language, theme, role: role, now: now)
    }

    /// What a request is answered; a command is no answer.
    func get(
        _ path: String, _ language: Language = .english, role: PageContext.Role? = .administrator
    ) throws -> (status: Int, body: String, fields: [(String, String)]) {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let request = APIRequest("GET", parts[0], query: parts.count > 1 ? parts[1] : "")
        guard case .answer(let answer) = ConsoleRoutes.handle(request, try page(language, role: role), data) else {
            throw PlainClient.Broken(description: "GET \(path) is a command")
        }
        return (answer.status, answer.text, answer.fields)
    }

    func post(
        _ path: String, _ form: [String: String] = [:], role: PageContext.Role? = .administrator,
        token: String = "token-1"
    ) throws -> ConsoleOutcome {
        let body = (form.merging(["csrf": token]) { one, _ in one }).map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }.joined(separator: "&")
        let request = APIRequest(
            "POST", path, fields: ["Content-Type": "application/x-www-form-urlencoded"], body: Array(body.utf8))
        return ConsoleRoutes.handle(request, try page(role: role), data)
    }
}

extension Answer {
    var text: String {
        switch body {
        case .none, .live, .relay: ""
        case .json(let bytes), .bytes(let bytes, _): String(decoding: bytes, as: UTF8.self)
        case .text(let text): text
        }
    }
}
