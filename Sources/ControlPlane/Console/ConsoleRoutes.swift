package import Response

/// The console's door: from a request and what is known to an answer, or to what a form asks for.
///
/// Pure: whoever serves it fills ``ConsoleData`` as ``ConsoleRoute/wants(_:)`` says, gives the answer, or does the command
/// and answers then.
package enum ConsoleRoutes {
    /// Whether a path is the console's, without the base; everything else belongs to somebody else.
    package static func claims(_ method: String, _ segments: [String]) -> Bool {
        if method == "POST" { return segments.first.map(roots.contains) ?? false }
        return ConsoleRoute(segments) != nil
    }

    private static let roots: Set<String> = [
        "incidents", "on-call", "silences", "maintenance", "integrations", "people", "account", "sign-in",
        "second-factor", "sign-out", "set-up", "invitation", "preferences",
    ]

    /// Answers a request whose path is below the console's base.
    package static func handle(_ request: APIRequest, _ page: PageContext, _ data: ConsoleData) -> ConsoleOutcome {
        let segments = path(request, page)
        switch request.method {
        case "GET", "HEAD":
            guard let route = ConsoleRoute(segments) else { return .answer(failure(.notFound, page)) }
            if case .asset(let name) = route { return .answer(asset(name, request, page)) }
            guard page.viewer != nil || route.isPublic else { return .answer(toSignIn(page)) }
            return .answer(show(route, request.parameters, page, data))
        case "POST": return ConsoleForms(page: page, data: data, form: request.form).take(segments, request)
        default: return .answer(failure(.notAllowed, page))
        }
    }

    /// The path's segments below the base.
    static func path(_ request: APIRequest, _ page: PageContext) -> [String] {
        let base = page.base.split(separator: "/").count
        return Array(request.segments.dropFirst(base))
    }

    // MARK: Answers

    /// An answer with the page that says why it is not there.
    package static func failure(
        _ failure: ConsoleFailure, _ page: PageContext, detail: String? = nil, back: String = "/"
    ) -> Answer {
        answer(page.failure(failure, detail, back: back), page)
    }

    /// Why the responder did not do what a form asked for.
    package static func refused(_ refusal: Refusal, _ request: APIRequest, _ page: PageContext) -> Answer {
        let words = TimelineWords(page: page)
        let segments = path(request, page).prefix(2).map { PathText.segment($0) }
        let failure: ConsoleFailure =
            switch refusal {
            case .unknownIncident, .unknownSilence, .unknownMaintenance, .unknownPerson, .unknownSchedule,
                .unknownArrangement, .unknownPage, .unknownRemedy, .unknownHeartbeat:
                .notFound
            default: .conflict
            }
        return answer(
            page.failure(failure, page[words.phrase(refusal)], back: "/" + segments.joined(separator: "/")), page)
    }

    /// The page that a form about accounts leads to when it does not just go on: the code that comes next, a problem, something
    /// that is shown once; what it shows stands in ``ConsoleData/own``.
    ///
    /// - Parameter route: as ``ConsoleCommand/account(_:thenGoTo:)`` named it.
    package static func account(
        _ route: [String], _ request: APIRequest, _ page: PageContext, _ data: ConsoleData
    ) -> Answer {
        let own = data.own
        let form = request.form
        let next = form.first("next") ?? "/"
        switch route.first {
        case "session" where own.challenge.isEmpty || own.problem == .sessionIsOver:
            return answer(page.signIn(own, next: next), page)
        case "session": return answer(page.secondFactor(own, next: next), page)
        case "set-up":
            return answer(
                page.entry(own, token: form.first("token") ?? "", isInvitation: false, name: form.first("name") ?? ""),
                page)
        case "invitations" where route.count > 1:
            return answer(page.entry(own, token: form.first("token") ?? "", isInvitation: true), page)
        case "accounts", "invitations":
            guard let problem = own.problem else { return answer(page.account(own), page) }
            return answer(
                page.failure(
                    ConsoleFailure(rawValue: problem.status) ?? .conflict, page[.problem(problem)], back: "/people"),
                page)
        default: return answer(page.account(own), page)
        }
    }

    /// Sends a reader on after a form (RFC 9110 §15.4.4).
    package static func redirect(_ path: String, _ page: PageContext, cookies: [String] = []) -> Answer {
        Answer(
            status: 303,
            fields: [("Location", page.url(PathText.local(path))), ("Cache-Control", "no-store")]
                + cookies.map { ("Set-Cookie", $0) })
    }

    static func toSignIn(_ page: PageContext) -> Answer {
        redirect("/sign-in" + PathText.query([("next", page.address == "/" ? "" : page.address)]), page)
    }

    static func answer(_ sheet: Sheet, _ page: PageContext) -> Answer {
        Answer(
            status: sheet.status,
            body: .bytes(Array(page.document(sheet).text.utf8), type: "text/html; charset=utf-8"),
            fields: guards + [("Cache-Control", "no-store"), ("Vary", "Cookie, Accept-Language")])
    }

    /// Nothing but our own style, script and pictures, and in nobody's frame.
    static let guards: [(String, String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
                + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]

    private static func asset(_ name: String, _ request: APIRequest, _ page: PageContext) -> Answer {
        guard let asset = ConsoleAsset.all.first(where: { $0.name == name }) else { return failure(.notFound, page) }
        let fields = [
            ("ETag", asset.tag), ("Cache-Control", "public, max-age=31536000, immutable"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if request.field("if-none-match")?.contains(asset.tag) == true { return Answer(status: 304, fields: fields) }
        return Answer(status: 200, body: .bytes(asset.bytes, type: asset.type), fields: fields)
    }

    // MARK: Pages

    private static func show(
        _ route: ConsoleRoute, _ query: QueryText, _ page: PageContext, _ data: ConsoleData
    ) -> Answer {
        let now = page.now
        switch route {
        case .feed(let name):
            guard let schedule = data.responder.directory.schedules[name] else { return failure(.notFound, page) }
            let text = CalendarFeed.text(
                schedule, from: now - .seconds(14 * 86_400), to: now + .seconds(90 * 86_400), stamp: now)
            return Answer(
                status: 200, body: .bytes(Array(text.utf8), type: "text/calendar; charset=utf-8"),
                fields: [("Cache-Control", "private, max-age=300")])
        case .postmortem(let id, isFile: true):
            guard let incident = incident(id, data) else { return failure(.notFound, page) }
            return Answer(
                status: 200,
                body: .bytes(
                    Array(Postmortem.draft(incident, zone: page.zone, page.language).utf8),
                    type: "text/markdown; charset=utf-8"),
                fields: [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")])
        default: break
        }
        guard var sheet = sheet(route, query, page, data) else { return failure(.notFound, page) }
        if let done = query.first("done").flatMap({ Phrase.done($0) }) {
            sheet.body = page.notice(page[done]) + sheet.body
        }
        return answer(sheet, page)
    }

    private static func incident(_ id: String, _ data: ConsoleData) -> Incident? {
        data.responder.incidents[id] ?? data.archive.first { $0.id == id }
    }

    private static func sheet(
        _ route: ConsoleRoute, _ query: QueryText, _ page: PageContext, _ data: ConsoleData
    ) -> Sheet? {
        let now = page.now
        let after = query.first("after").flatMap { ListCursor($0) }
        switch route {
        case .asset, .feed: return nil
        case .overview: return page.overview(OverviewView(data, now: now))
        case .incidents:
            return page.incidentList(IncidentListView(data, filter: IncidentFilter(query), after: after))
        case .newIncident: return page.mayRespond ? page.newIncident(data) : page.failure(.forbidden)
        case .incident(let id):
            let before = query.first("before").flatMap { Int($0) }
            return IncidentView(data, id: id, before: before, now: now).map(page.incident)
        case .postmortem(let id, _): return incident(id, data).map(page.postmortem)
        case .alerts: return page.alertList(AlertListView(data, filter: AlertFilter(query), after: after))
        case .alert(let text): return Fingerprint(text).flatMap { AlertView(data, $0) }.map(page.alert)
        case .onCall(let name):
            if name == nil, data.responder.directory.schedules.isEmpty { return page.noOnCall() }
            let span = query.first("view").flatMap(OnCallView.Span.init(rawValue:)) ?? .month
            let from = query.first("from").flatMap { CivilDay($0) }
            return OnCallView(data, name: name, span: span, from: from, zone: page.zone, now: now).map(page.onCall)
        case .releases:
            return page.releaseList(ReleaseListView(data, service: query.first("service") ?? "", after: after))
        case .figures: return page.figures(FiguresView(data, filter: FigureFilter(query), zone: page.zone, now: now))
        case .silences: return page.silenceList(SilenceListView(data, after: after, now: now))
        case .newSilence: return page.mayRespond ? page.newSilence(Draft(form: query)) : page.failure(.forbidden)
        case .maintenance: return page.maintenanceList(MaintenanceListView(data, now: now))
        case .newMaintenance:
            return page.mayRespond
                ? page.newMaintenance(Draft(form: query), MaintenanceListView(data, now: now))
                : page.failure(.forbidden)
        case .integrations: return page.integrations(data)
        case .people: return page.people(PeopleView(data, now: now))
        case .person(let name): return PersonView(data, name: name, now: now).map(page.person)
        case .audit:
            return page.mayAdminister
                ? page.audit(data.audit, isFirst: query.first("before") == nil) : page.failure(.forbidden)
        case .account: return page.account(data.own)
        case .signIn: return page.signIn(data.own, next: query.first("next") ?? "/")
        case .setUp: return page.entry(data.own, token: query.first("token") ?? "", isInvitation: false)
        case .invitation: return page.entry(data.own, token: query.first("token") ?? "", isInvitation: true)
        }
    }
}
