import Response
import Spec
import World

extension Endpoint {
    static let onCall: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/oncall", summary: "Says who is on call, in every schedule.",
            permission: .readOnCall,
            parameters: [.init(name: "at", shape: .moment, about: "At which moment; now by default.")],
            returns: .page(of: "OnCall")
        ) { call throws(Problem) in
            let at = try call.momentParameter("at") ?? call.now
            let all = call.responder.directory.schedules.values.sorted { $0.name < $1.name }
                .map { OnCallItem($0, at: at) }
            return .page(all, of: .onCall, next: nil)
        },
        Endpoint(
            method: "GET", path: "/oncall/{schedule}/shifts", summary: "Lists who is on call when, gaps included.",
            permission: .readOnCall, parameters: period, returns: .page(of: "Shift")
        ) { call throws(Problem) in
            let (schedule, from, to) = try scheduleAndPeriod(call)
            return .page(schedule.shifts(from: from, to: to), of: .shift, next: nil)
        },
        Endpoint(
            method: "GET", path: "/oncall/{schedule}/gaps",
            summary: "Lists when nobody is on call, but for the days on which nobody is meant to be.",
            permission: .readOnCall, parameters: period, returns: .page(of: "Shift")
        ) { call throws(Problem) in
            let (schedule, from, to) = try scheduleAndPeriod(call)
            return .page(schedule.gaps(from: from, to: to), of: .shift, next: nil)
        },
        Endpoint(
            method: "GET", path: "/oncall/{schedule}/calendar.ics",
            summary: "The shifts as a calendar to subscribe to.",
            permission: .readOnCall, parameters: period, returns: .text(type: "text/calendar")
        ) { call throws(Problem) in
            let (schedule, from, to) = try scheduleAndPeriod(call)
            return .text(
                CalendarFeed.text(schedule, from: from, to: to, stamp: call.now),
                type: "text/calendar; charset=utf-8")
        },
        Endpoint(
            method: "GET", path: "/oncall/{schedule}/overrides", summary: "Lists what people arranged.",
            permission: .readOnCall, returns: .page(of: "Override")
        ) { call throws(Problem) in
            let schedule = try schedule(call)
            return .page(schedule.overrides.sorted { $0.start < $1.start }, of: .override, next: nil)
        },
        Endpoint(
            method: "POST", path: "/oncall/{schedule}/overrides",
            summary: "Puts somebody on call in the place of others.", permission: .writeOnCall,
            body: Body(members: [
                member("person", .text, "Who is on call then."),
                maybe("replaces", .text, "Only where this person would be."),
                maybe("startsAt", .moment, "From when; now by default."), member("endsAt", .moment, "To when."),
            ]), returns: .object("Override"), status: 201, run: override),
        Endpoint(
            method: "DELETE", path: "/oncall/{schedule}/overrides/{id}", summary: "Takes an override back.",
            permission: .writeOnCall, returns: .nothing
        ) { call in
            .event(
                .arrange(
                    schedule: call.segment("schedule"), .cancelOverride(id: call.segment("id")), by: call.actor)
            ) { _ in .nothing }
        },
        Endpoint(
            method: "POST", path: "/oncall/{schedule}/absences",
            summary: "Says that somebody is away: the next in the rotation stands in.", permission: .writeOnCall,
            body: Body(members: [
                member("person", .text, "Who is away."), maybe("startsAt", .moment, "From when; now by default."),
                member("endsAt", .moment, "To when."),
            ]), returns: .nothing
        ) { call throws(Problem) in
            let person = try person(call, "person")
            let absence = OnCallSchedule.Absence(
                person: person, start: call.moment("startsAt") ?? call.now, end: call.moment("endsAt") ?? call.now)
            guard absence.start < absence.end else { throw .invalid("endsAt", "it ends before it begins") }
            return .event(
                .arrange(
                    schedule: call.segment("schedule"), .absence(id: call.newID(), absence), by: call.actor)
            ) { _ in .nothing }
        },
    ]

    private static let period: [Parameter] = [
        .init(name: "from", shape: .moment, about: "From when; now by default."),
        .init(name: "to", shape: .moment, about: "To when; four weeks later by default, a year at most."),
    ]

    private static func schedule(_ call: APICall) throws(Problem) -> OnCallSchedule {
        let name = call.segment("schedule")
        guard let schedule = call.responder.directory.schedules[name] else {
            throw .notFound("no schedule has the name \(name)")
        }
        return schedule
    }

    private static func scheduleAndPeriod(_ call: APICall) throws(Problem) -> (OnCallSchedule, Moment, Moment) {
        let schedule = try schedule(call)
        let from = try call.momentParameter("from") ?? call.now
        let to = try call.momentParameter("to") ?? from + .seconds(28 * 86_400)
        guard from < to, to - from <= .seconds(366 * 86_400) else {
            throw .invalid("to", "to is after from, by a year at most")
        }
        return (schedule, from, to)
    }

    private static func person(_ call: APICall, _ member: String) throws(Problem) -> String {
        let name = call.text(member) ?? ""
        guard call.responder.directory.people[name] != nil else {
            throw .invalid(member, "nobody has the name \(name)")
        }
        return name
    }

    @Sendable
    private static func override(_ call: APICall) throws(Problem) -> APIReply {
        let override = OnCallSchedule.Override(
            id: call.newID(), start: call.moment("startsAt") ?? call.now, end: call.moment("endsAt") ?? call.now,
            person: try person(call, "person"), replaces: call.text("replaces"))
        return .event(.arrange(schedule: call.segment("schedule"), .override(override), by: call.actor)) { _ in
            .json(Resource<OnCallSchedule.Override>.override.json(override), status: 201)
        }
    }

    // MARK: Releases

    static let releases: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/releases", summary: "Lists releases, the latest first.", permission: .readIncidents,
            parameters: [.init(name: "service", shape: .text, about: "Only of this service.")],
            returns: .page(of: "Release")
        ) { call in
            let service = call.query.first("service").flatMap { $0.isEmpty ? nil : $0 }
            let all = call.responder.releases.records.values
                .filter { record in service.map(record.services.contains) ?? true }
                .sorted { ($0.began, $0.id) > ($1.began, $1.id) }
            return .page(all, of: .release, next: nil)
        },
        Endpoint(
            method: "POST", path: "/releases", summary: "Says that something is being or was shipped.",
            permission: .writeIncidents,
            body: Body(members: [
                member("id", .text, "Its identity; what became of it is said under the same."),
                member("services", .list(.text), "What it ships."), maybe("environment", .text, "Where to."),
                maybe("version", .text, "What is shipped: a commit, a tag."),
                maybe("beganAt", .moment, "When it began; now by default."),
                maybe("endedAt", .moment, "When it ended."),
                maybe("verdict", .choice(ReleaseRecord.Verdict.words), "What became of it."),
                maybe("reason", .text, "Why it was returned or failed."),
                maybe(
                    "migration", .choice(["none", "compatible", "incompatible", "unknown"]),
                    "Whether the version before can run after it."),
            ]), returns: .object("Release"), status: 201, run: release),
    ]

    @Sendable
    private static func release(_ call: APICall) throws(Problem) -> APIReply {
        guard case .array(let services)? = call.body["services"], !services.isEmpty else {
            throw .invalid("services", "services names at least one")
        }
        guard services.allSatisfy({ $0.string.map(Self.isName) ?? false }), services.count <= 500 else {
            throw .invalid("services", "a service has a name of at most 200 bytes, and a release 500 services")
        }
        guard let id = call.text("id"), Self.isName(id) else {
            throw .invalid("id", "id is a name of at most 200 bytes")
        }
        let reason = call.text("reason") ?? ""
        let verdict: ReleaseRecord.Verdict =
            switch call.text("verdict") ?? "kept" {
            case "switching": .switching
            case "returned": .returned(reason: reason)
            case "failed": .failed(reason: reason)
            case "elsewhere": .elsewhere
            default: .kept
            }
        let began = call.moment("beganAt") ?? call.now
        let record = ReleaseRecord(
            id: id, services: services.compactMap(\.string), environment: call.text("environment"),
            by: call.actor, version: call.text("version"), began: began,
            ended: verdict == .switching ? nil : call.moment("endedAt") ?? call.now, verdict: verdict,
            migration: call.text("migration").flatMap(ReleaseRecord.Migration.init(rawValue:)) ?? .unknown)
        return .event(.release(record)) { responder in
            .json(Resource<ReleaseRecord>.release.json(responder.releases.records[record.id] ?? record), status: 201)
        }
    }

    private static func isName(_ text: String) -> Bool {
        text.contains { !$0.isWhitespace } && text.utf8.count <= 200
    }
}

extension OnCallSchedule {
    /// Who comes after a shift: the next one of somebody else.
    func next(after shift: Shift, _ now: Moment) -> Shift? {
        shifts(from: now, to: now + .seconds(60 * 86_400)).first { $0.start > now && $0.person != shift.person }
    }
}
