import Response
import Spec
import World

extension Endpoint {
    static let incidents: [Endpoint] =
        [
            Endpoint(
                method: "GET", path: "/incidents", summary: "Lists incidents, the latest first.",
                permission: .readIncidents,
                parameters: [
                    .init(
                        name: "status", shape: .choice(["open", "resolved", "all"]),
                        about: "Which ones; `open` by default."),
                    .init(name: "service", shape: .text, about: "Only of this service."),
                    .init(name: "severity", shape: .choice(Level.words), about: "Only of this severity."), cursor,
                    limit,
                ], returns: .page(of: "Incident"), run: list),
            Endpoint(
                method: "POST", path: "/incidents", summary: "Opens an incident that no alert told of.",
                permission: .writeIncidents,
                body: Body(members: [
                    member("title", .text, "What is wrong."), maybe("severity", .choice(Level.words), "How bad it is."),
                    maybe("service", .text, "What it is about."),
                    maybe("policy", .text, "The schedule, team or person that is told."),
                ]), returns: .object("IncidentDetails"), status: 201, run: open),
            Endpoint(
                method: "GET", path: "/incidents/{id}", summary: "Shows an incident with everything about it.",
                permission: .readIncidents, returns: .object("IncidentDetails"), run: show),
            Endpoint(
                method: "GET", path: "/incidents/{id}/postmortem",
                summary: "Drafts a postmortem from the timeline, in Markdown.", permission: .readIncidents,
                parameters: [
                    .init(
                        name: "language", shape: .choice(Language.allCases.map(\.rawValue)),
                        about: "What it is written in; `notify.language` by default.")
                ],
                returns: .text(type: "text/markdown"), run: postmortem),
        ] + figures + commands

    private static let commands: [Endpoint] = [
        command("acknowledge", "Takes an incident on: nobody else is woken.") { _ in .acknowledge() },
        command("give-back", "Gives an incident back: it escalates again.") { _ in .unacknowledge },
        command("resolve", "Says that it is over.") { _ in .resolve },
        command("reopen", "Says that it is not over.", [member("reason", .text, "Why.")]) {
            .reopen(reason: $0.text("reason") ?? "")
        },
        command("snooze", "Asks for time.", [member("until", .moment, "Until when.")]) { call throws(Problem) in
            .snooze(until: call.moment("until") ?? call.now)
        },
        command("assign", "Gives it to somebody.", [member("person", .text, "To whom.")]) {
            .assign(to: $0.text("person") ?? "")
        },
        command(
            "roles", "Gives somebody a role in it.",
            [member("role", .text, "`commander`, `scribe`, …"), member("person", .text, "To whom.")]
        ) { .giveRole($0.text("role") ?? "", to: $0.text("person") ?? "") },
        command("notes", "Writes something into the timeline.", [member("text", .text, "What.")]) {
            .note($0.text("text") ?? "")
        },
        command(
            "links", "Says where to read on.",
            [member("url", .text, "Its address."), member("title", .text, "What is there.")]
        ) { call throws(Problem) in
            let url = call.text("url") ?? ""
            guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
                throw .invalid("url", "url is no http or https address")
            }
            return .link(url: url, title: call.text("title") ?? "")
        },
        command("severity", "Says how bad it is.", [member("severity", .choice(Level.words), "The new severity.")]) {
            .change(severity: $0.text("severity").flatMap(Level.init(rawValue:)) ?? .high)
        },
        command("merge", "Says that it is the same as another.", [member("into", .text, "The other incident.")]) {
            .merge(into: $0.text("into") ?? "")
        },
        command("actions", "Has an action of the runbook done.", [member("action", .text, "Its name.")]) {
            .run(action: $0.text("action") ?? "")
        },
        command("approve", "Lets an action be done that waits for it.", [member("action", .text, "Its name.")]) {
            .approve(action: $0.text("action") ?? "")
        },
        command("decline", "Has an action not done that waits for it.", [member("action", .text, "Its name.")]) {
            .decline(action: $0.text("action") ?? "")
        },
    ]

    private static func command(
        _ name: String, _ summary: String, _ members: [APISchema.Member] = [],
        _ make: @escaping @Sendable (APICall) throws(Problem) -> Event.Command
    ) -> Endpoint {
        Endpoint(
            method: "POST", path: "/incidents/{id}/\(name)", summary: summary, permission: .writeIncidents,
            body: members.isEmpty ? nil : Body(members: members), returns: .object("IncidentDetails")
        ) { call throws(Problem) in
            let id = call.segment("id")
            return .event(.incident(id, try make(call), by: call.actor)) { responder in
                .json(Resource<IncidentItem>.details.json(IncidentItem(id, of: responder)))
            }
        }
    }

    @Sendable
    private static func list(_ call: APICall) throws(Problem) -> APIReply {
        let status = call.query.first("status") ?? "open"
        guard ["open", "resolved", "all"].contains(status) else {
            throw .invalid("status", "status is none of open, resolved, all")
        }
        let severity = call.query.first("severity").flatMap { $0.isEmpty ? nil : $0 }
        if let severity, Level(rawValue: severity) == nil {
            throw .invalid("severity", "severity is none of \(Level.words.joined(separator: ", "))")
        }
        let service = call.query.first("service").flatMap { $0.isEmpty ? nil : $0 }
        let limit = try call.limit()
        let cursor = call.query.first("cursor")
        @Sendable func isWanted(_ incident: Incident) -> Bool {
            (status == "all" || incident.isOpen == (status == "open"))
                && (severity.map { $0 == incident.severity.rawValue } ?? true)
                && (service.map { $0 == incident.service } ?? true)
        }
        let live = call.responder.incidents.values
            .filter { incident in isWanted(incident) && (cursor.map { incident.id.isOpened(before: $0) } ?? true) }
        let store = call.store
        return .later {
            var found = live
            // Archived ones are over.
            if status != "open" {
                let known = Set(live.map(\.id))
                var before = cursor
                var taken = 0
                while taken <= limit {
                    let page = try await store.history(before: before, limit: 500)
                    let wanted = page.filter { isWanted($0) && !known.contains($0.id) }
                    found += wanted
                    taken += wanted.count
                    guard page.count == 500, let last = page.last else { break }
                    before = last.id
                }
            }
            found.sort { $1.id.isOpened(before: $0.id) }
            let page = Array(found.prefix(limit))
            return .page(page, of: .incident, next: found.count > limit ? page.last?.id : nil)
        }
    }

    @Sendable
    private static func open(_ call: APICall) throws(Problem) -> APIReply {
        let title = call.text("title") ?? ""
        guard title.contains(where: { !$0.isWhitespace }), title.utf8.count <= 500 else {
            throw .invalid("title", "title says what is wrong, in at most 500 bytes")
        }
        let policy = call.text("policy") ?? call.responder.rules.routes.last?.policy ?? "nobody"
        let rules = call.responder.directory
        guard rules.knows(party: policy) || rules.routes.contains(where: { $0.policy == policy }) else {
            throw .invalid("policy", "nobody would be told: there is no schedule, team or person \(policy)")
        }
        let event = Event.open(
            title: title, severity: call.text("severity").flatMap(Level.init(rawValue:)) ?? .high,
            service: call.text("service"), policy: policy, by: call.actor)
        return .event(event) { responder in
            .json(
                Resource<IncidentItem>.details.json(IncidentItem("i\(responder.register.incidents)", of: responder)),
                status: 201)
        }
    }

    /// An incident in memory, or one of the store's.
    private static func find(
        _ call: APICall, _ show: @escaping @Sendable (Responder, String) -> APIReply
    ) -> APIReply {
        let id = call.segment("id")
        if call.responder.incidents[id] != nil { return show(call.responder, id) }
        let (store, rules, now) = (call.store, call.responder.rules, call.now)
        return .later {
            let parts = try await store.parts(ofIncident: id)
            let responder = Responder(rules: rules, parts: parts, now: now)
            guard responder.incidents[id] != nil else { throw Problem.notFound("there is no incident \(id)") }
            return show(responder, id)
        }
    }

    @Sendable
    private static func show(_ call: APICall) throws(Problem) -> APIReply {
        find(call) { .json(Resource<IncidentItem>.details.json(IncidentItem($1, of: $0))) }
    }

    @Sendable
    private static func postmortem(_ call: APICall) throws(Problem) -> APIReply {
        let wish = call.query.first("language").flatMap { $0.isEmpty ? nil : $0 }
        let language = wish.flatMap(Language.init(rawValue:))
        guard wish == nil || language != nil else {
            let known = Language.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("language", "language is none of \(known)")
        }
        return find(call) { responder, id in
            guard let incident = responder.incidents[id] else { return .nothing }
            let draft = Postmortem.draft(incident, language ?? responder.rules.language)
            return .text(draft, type: "text/markdown; charset=utf-8")
        }
    }
}

extension String {
    /// Incidents are numbered as they are opened, `i9` before `i10`.
    func isOpened(before other: String) -> Bool { (utf8.count, self) < (other.utf8.count, other) }
}
