import Response
import Spec
import World

extension Endpoint {
    static let alerts: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/alerts", summary: "Lists alerts by their fingerprints.", permission: .readAlerts,
            parameters: [
                .init(
                    name: "filter", shape: .text,
                    about: "A matcher as amtool writes it, `service=\"api\"`; may be given several times."),
                .init(
                    name: "state", shape: .choice(["firing", "muted", "over", "all"]),
                    about: "Which ones; `firing`, which includes muted ones, by default."), cursor, limit,
            ], returns: .page(of: "Alert"), run: listAlerts)
    ]

    @Sendable
    private static func listAlerts(_ call: APICall) throws(Problem) -> APIReply {
        let state = call.query.first("state") ?? "firing"
        guard ["firing", "muted", "over", "all"].contains(state) else {
            throw .invalid("state", "state is none of firing, muted, over, all")
        }
        let matchers = try matchers(call.query.all("filter"), "filter")
        var cursor: Fingerprint?
        if let text = call.query.first("cursor") {
            guard let found = Fingerprint(text) else { throw .invalid("cursor", "cursor is none of ours") }
            cursor = found
        }
        let limit = try call.limit()
        let (responder, after) = (call.responder, cursor)
        return .later {
            var found: [AlertItem] = []
            // The least fingerprints that are wanted: as many as a page has, and one more.
            var order: [Fingerprint] = []
            for (fingerprint, alert) in responder.book.alerts {
                if let after, fingerprint <= after { continue }
                switch state {
                case "firing", "muted": if alert.endedAt != nil { continue }
                case "over": if alert.endedAt == nil { continue }
                default: break
                }
                guard matchers.match(alert.labels) else { continue }
                order.append(fingerprint)
            }
            order.sort()
            for fingerprint in order {
                guard let alert = responder.book.alerts[fingerprint] else { continue }
                let standing = responder.standing(of: fingerprint)
                if state == "muted", standing?.mutes.isEmpty ?? true { continue }
                found.append(AlertItem(fingerprint: fingerprint, alert: alert, standing: standing))
                if found.count > limit { break }
            }
            let page = Array(found.prefix(limit))
            return .page(page, of: .alert, next: found.count > limit ? page.last?.fingerprint.description : nil)
        }
    }

    static func matchers(_ texts: [String], _ name: String) throws(Problem) -> [Matcher] {
        var matchers: [Matcher] = []
        for text in texts {
            do throws(MatcherText.Problem) {
                matchers.append(try MatcherText.read(text))
            } catch {
                throw .invalid(name, error.description)
            }
        }
        return matchers
    }

    // MARK: Silences

    static let silences: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/silences", summary: "Lists silences, the next to end first.",
            permission: .readAlerts,
            parameters: [
                .init(name: "expired", shape: .flag, about: "Whether to list the ones that are over, too.")
            ], returns: .page(of: "Silence")
        ) { call in
            let now = call.now
            let all = call.responder.mutes.silences.values
                .filter { call.query.flag("expired", default: false) || $0.state(at: now) != .expired }
                .sorted { SilenceText.isListed($0, before: $1, now: now) }
            let responder = call.responder
            return .later { .page(all.map { responder.view($0, now: now) }, of: .silence, next: nil) }
        },
        Endpoint(
            method: "POST", path: "/silences", summary: "Silences alerts for a while.", permission: .writeSilences,
            body: Body(members: [
                member("matchers", .list(.text), "What an alert's labels have to be, as amtool writes it."),
                maybe("startsAt", .moment, "From when; now by default."), member("endsAt", .moment, "To when."),
                member("reason", .text, "Why."),
            ]), returns: .object("Silence"), status: 201, run: silence),
        Endpoint(
            method: "DELETE", path: "/silences/{id}", summary: "Ends a silence.", permission: .writeSilences,
            returns: .nothing
        ) { call in .event(.expireSilence(id: call.segment("id"), by: call.actor)) { _ in .nothing } },
    ]

    @Sendable
    private static func silence(_ call: APICall) throws(Problem) -> APIReply {
        guard case .array(let texts)? = call.body["matchers"] else { return .nothing }
        let matchers = try matchers(texts.compactMap(\.string), "matchers")
        let id = call.newID()
        let silence: Silence
        do throws(Silence.Refusal) {
            silence = try Silence(
                id: id, matchers: matchers, start: call.moment("startsAt") ?? call.now,
                end: call.moment("endsAt") ?? call.now, owner: call.actor, reason: call.text("reason") ?? "",
                now: call.now)
        } catch {
            throw .invalid(error.member, SilenceWish.words(error))
        }
        let now = call.now
        return .event(.silence(silence)) { responder in
            // All alerts are gone through: not on the event loop.
            .later { .json(Resource<SilenceItem>.silence.json(responder.view(silence, now: now)), status: 201) }
        }
    }

    // MARK: Maintenance

    static let maintenance: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/maintenance", summary: "Lists planned work.", permission: .readAlerts,
            returns: .page(of: "Maintenance")
        ) { call in
            let all = call.responder.mutes.windows.values.sorted { $0.id < $1.id }
                .map { MaintenanceItem(window: $0, endsAt: $0.end(at: call.now, zones: call.responder.rules.zones)) }
            return .page(all, of: .maintenance, next: nil)
        },
        Endpoint(
            method: "POST", path: "/maintenance", summary: "Plans work: its alerts are told to nobody meanwhile.",
            permission: .writeSilences,
            body: Body(members: [
                member("title", .text, "What is done."),
                member("matchers", .list(.text), "What an alert's labels have to be."),
                maybe("startsAt", .moment, "From when; now by default."), member("endsAt", .moment, "To when."),
            ]), returns: .object("Maintenance"), status: 201, run: plan),
        Endpoint(
            method: "DELETE", path: "/maintenance/{id}", summary: "Ends planned work.", permission: .writeSilences,
            returns: .nothing
        ) { call in .event(.endMaintenance(id: call.segment("id"), by: call.actor)) { _ in .nothing } },
    ]

    @Sendable
    private static func plan(_ call: APICall) throws(Problem) -> APIReply {
        guard case .array(let texts)? = call.body["matchers"] else { return .nothing }
        let zones = call.responder.rules.zones
        let window: MaintenanceWindow
        do throws(MaintenanceWindow.Refusal) {
            window = try MaintenanceWindow(
                id: call.newID(), title: call.text("title") ?? "",
                matchers: try Self.matchersOrNone(texts.compactMap(\.string)),
                recurrence: .once(
                    start: call.moment("startsAt") ?? call.now, end: call.moment("endsAt") ?? call.now),
                owner: call.actor, zones: zones, now: call.now)
        } catch {
            throw .invalid("matchers", error.words)
        }
        let now = call.now
        return .event(.maintenance(window)) { _ in
            .json(
                Resource<MaintenanceItem>.maintenance.json(
                    MaintenanceItem(window: window, endsAt: window.end(at: now, zones: zones))), status: 201)
        }
    }

    /// Matchers that cannot be read are as none: refused.
    private static func matchersOrNone(_ texts: [String]) throws(MaintenanceWindow.Refusal) -> [Matcher] {
        do throws(Problem) { return try matchers(texts, "matchers") } catch { throw .noMatcher }
    }
}

extension Responder {
    /// A silence, and how many alerts it matches.
    func view(_ silence: Silence, now: Moment) -> SilenceItem {
        let count = book.alerts.values.count { $0.endedAt == nil && silence.matchers.match($0.labels) }
        return SilenceItem(silence: silence, now: now, alerts: count)
    }
}

extension Silence.Refusal {
    /// What of the request is wrong.
    fileprivate var member: String {
        switch self {
        case .noMatcher, .matchesEverything: "matchers"
        case .noOwner: "owner"
        case .noReason: "reason"
        case .endsBeforeItStarts, .endsInThePast, .tooLong: "endsAt"
        }
    }
}

extension MaintenanceWindow.Refusal {
    var words: String {
        switch self {
        case .noMatcher: "at least one matcher is needed, as amtool writes it: service=\"api\""
        case .matchesEverything: "it would match every alert"
        case .noOwner: "it has an owner"
        case .endsBeforeItStarts: "it ends before it begins"
        case .endsInThePast: "it ends in the past"
        case .unknownZone(let name): "the time zone \(name) is not known"
        case .alwaysOn: "it would never be anything else than maintenance"
        }
    }
}
