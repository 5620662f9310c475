import Response
import Spec
import World

/// Reads forms: what each asks for, or why it is not taken.
struct ConsoleForms {
    let page: PageContext
    let data: ConsoleData
    let form: QueryText

    /// Why a form is not taken.
    private enum Refusal: Error {
        case failure(ConsoleFailure)
        case sheet(Sheet)
    }

    func take(_ segments: [String], _ request: APIRequest) -> ConsoleOutcome {
        let type = request.field("content-type")?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded") || request.body.isEmpty else {
            return .answer(ConsoleRoutes.failure(.badForm, page))
        }
        guard page.csrf.isEmpty || isSame(form.first("csrf") ?? "", page.csrf) else {
            return .answer(ConsoleRoutes.failure(.forbidden, page, back: page.viewer == nil ? "/sign-in" : "/"))
        }
        do throws(Refusal) {
            return try outcome(segments)
        } catch {
            switch error {
            case .failure(let failure): return .answer(ConsoleRoutes.failure(failure, page))
            case .sheet(let sheet): return .answer(ConsoleRoutes.answer(sheet, page))
            }
        }
    }

    /// Compares in a time that does not depend on where they differ.
    private func isSame(_ one: String, _ other: String) -> Bool {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func outcome(_ path: [String]) throws(Refusal) -> ConsoleOutcome {
        switch path.first {
        case "preferences": return .answer(preferences())
        case "sign-in": return .command(.account(["session"], thenGoTo: local("next")))
        case "second-factor": return .command(.account(["session", "second-factor"], thenGoTo: local("next")))
        case "set-up", "invitation":
            let isSetUp = path.first == "set-up"
            try checkAgain("password", isInvitation: !isSetUp)
            return .command(.account(isSetUp ? ["set-up"] : ["invitations", "accept"], thenGoTo: "/"))
        default: break
        }
        guard page.viewer != nil else { return .answer(ConsoleRoutes.toSignIn(page)) }
        switch path.first {
        case "sign-out": return .command(.account(["session", "end"], thenGoTo: "/sign-in?done=signed-out"))
        case "account": return .command(try account(Array(path.dropFirst())))
        case "incidents": return .command(try incidents(path))
        case "silences": return try silences(path)
        case "maintenance": return try maintenance(path)
        case "on-call": return .command(try schedule(path))
        case "people": return .command(try people(path))
        case "integrations": return .command(try integrations(path))
        default: throw .failure(.notFound)
        }
    }

    // MARK: Fields

    private var name: String { page.viewer?.name ?? "" }

    private func text(_ field: String, longest: Int = 4000) throws(Refusal) -> String {
        let text = form.first(field) ?? ""
        guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= longest else { throw .failure(.badForm) }
        return text
    }

    private func local(_ field: String) -> String { PathText.local(form.first(field) ?? "/") }

    private func needsRole(_ isFine: Bool) throws(Refusal) {
        guard isFine else { throw .failure(.forbidden) }
    }

    private func level() throws(Refusal) -> Level {
        guard let level = form.first("severity").flatMap(Level.init(rawValue:)) else { throw .failure(.badForm) }
        return level
    }

    private func moment(_ field: String) throws(Refusal) -> Moment {
        guard let moment = form.first(field).flatMap({ TimeText.moment($0, page.zone) }) else {
            throw .failure(.badForm)
        }
        return moment
    }

    private func preferences() -> Answer {
        let ending = "; Path=\(page.base.isEmpty ? "/" : page.base); Max-Age=31536000; HttpOnly; SameSite=Lax"
        let secure = data.address.hasPrefix("https://") ? "; Secure" : ""
        var cookies: [String] = []
        if let language = form.first("language").flatMap(Language.init(rawValue:)) {
            cookies.append("\(PageContext.languageCookie)=\(language.rawValue)\(ending)\(secure)")
        }
        if let theme = form.first("theme").flatMap(PageContext.Theme.init(rawValue:)) {
            cookies.append("\(PageContext.themeCookie)=\(theme.rawValue)\(ending)\(secure)")
        }
        return ConsoleRoutes.redirect(local("back"), page, cookies: cookies)
    }

    // MARK: Accounts

    private func checkAgain(_ field: String, isInvitation: Bool? = nil) throws(Refusal) {
        guard form.first(field) != form.first("again") else { return }
        let own = OwnAccount(problem: .passwordsDiffer)
        guard let isInvitation else {
            var full = data.own
            full.problem = .passwordsDiffer
            throw .sheet(page.account(full))
        }
        throw .sheet(
            page.entry(
                own, token: form.first("token") ?? "", isInvitation: isInvitation, name: form.first("name") ?? ""))
    }

    private func account(_ path: [String]) throws(Refusal) -> ConsoleCommand {
        switch (path.count, path.first ?? "") {
        case (1, "password"):
            try checkAgain("new")
            return .account(path, thenGoTo: "/account?done=saved")
        case (1...2, "second-factor"): return .account(path, thenGoTo: "/account?done=saved")
        case (2, "sessions") where path[1] == "end-others": return .account(path, thenGoTo: "/account?done=saved")
        case (3, "sessions") where path[2] == "end":
            return .account(path, thenGoTo: "/account?done=saved")
        case (1, "tokens"): return .account(path, thenGoTo: "/account?done=saved")
        case (3, "tokens") where path[2] == "revoke":
            return .account(path, thenGoTo: "/account?done=saved")
        default: throw .failure(.notFound)
        }
    }

    private func people(_ path: [String]) throws(Refusal) -> ConsoleCommand {
        if path.count == 1 {
            try needsRole(page.mayAdminister)
            return .account(["invitations"], thenGoTo: "/people?done=saved")
        }
        if path.count == 4, path[2] == "entry", path[3] == "reset" {
            try needsRole(page.mayChangeEntry(of: path[1]))
            return .event(
                .entry(person: path[1], text: nil, by: name),
                thenGoTo: "/people/\(PathText.segment(path[1]))?done=saved")
        }
        guard path.count == 3 else { throw .failure(.notFound) }
        switch path[2] {
        case "test":
            try needsRole(page.mayRespond)
            var contact: Contact?
            if let kind = form.first("kind").flatMap(Channel.Kind.init(rawValue:)), let address = form.first("address")
            {
                contact = Contact(kind, address)
                // Only ways that somebody declared: a form is no place for a telephone number.
                let known = data.responder.directory.people[path[1]]?.contacts ?? []
                guard contact.map(known.contains) == true else { throw .failure(.badForm) }
            }
            return .event(
                .testPage(person: path[1], contact: contact, by: name),
                thenGoTo: "/people/\(PathText.segment(path[1]))?done=tested")
        case "entry":
            try needsRole(page.mayChangeEntry(of: path[1]))
            return try entry(of: path[1])
        case "role", "remove", "disable", "enable", "link", "clear-second-factor":
            try needsRole(page.mayAdminister)
            return .account(["accounts", path[1], path[2]], thenGoTo: "/people?done=saved")
        default: throw .failure(.notFound)
        }
    }

    /// How somebody wants to be reached, by the rules of hauban.yaml.
    private func entry(of person: String) throws(Refusal) -> ConsoleCommand {
        let draft = EntryDraft(form)
        let text = draft.json.text
        guard data.responder.directory.people[person] != nil else { throw .failure(.notFound) }
        if case .failure(let faults) = data.responder.rules.card(person, entry: text) {
            guard var view = PersonView(data, name: person, now: page.now) else { throw .failure(.notFound) }
            view.draft = draft
            view.findings = faults.findings
            var sheet = page.person(view)
            sheet.status = 422
            throw .sheet(sheet)
        }
        return .event(
            .entry(person: person, text: text, by: name),
            thenGoTo: "/people/\(PathText.segment(person))?done=saved")
    }

    private func integrations(_ path: [String]) throws(Refusal) -> ConsoleCommand {
        if path.count == 1 {
            try needsRole(page.mayAdminister)
            guard let sender = form.first("sender").flatMap(ConsoleData.Integration.Sender.init(rawValue:)) else {
                throw .failure(.badForm)
            }
            return .makeIntegration(name: try text("name", longest: 60), sender)
        }
        guard path.count == 4, path[1] == "keys" else { throw .failure(.notFound) }
        try needsRole(path[3] == "test" ? page.mayRespond : page.mayAdminister)
        switch path[3] {
        case "test": return .testIntegration(path[2])
        case "rotate": return .rotateKey(integration: path[2])
        case "remove": return .removeIntegration(path[2])
        default: throw .failure(.notFound)
        }
    }

    // MARK: Incidents

    private func incidents(_ path: [String]) throws(Refusal) -> ConsoleCommand {
        try needsRole(page.mayRespond)
        if path.count == 1 {
            let service = form.first("service").flatMap { $0.isEmpty ? nil : $0 }
            return .event(
                .open(
                    title: try text("title", longest: 400), severity: try level(), service: service,
                    policy: try text("policy", longest: 200), by: name), thenGoTo: "/incidents?done=opened")
        }
        guard path.count >= 3 else { throw .failure(.notFound) }
        let (command, done) = try command(path)
        return .event(
            .incident(path[1], command, by: name),
            thenGoTo: "/incidents/\(PathText.segment(path[1]))?done=\(done)")
    }

    private func command(_ path: [String]) throws(Refusal) -> (Event.Command, String) {
        switch (path.count, path[2]) {
        case (3, "acknowledge"): return (.acknowledge(), "acknowledged")
        case (3, "unacknowledge"): return (.unacknowledge, "unacknowledged")
        case (3, "resolve"): return (.resolve, "resolved")
        case (3, "reopen"): return (.reopen(reason: try text("reason")), "reopened")
        case (3, "snooze"):
            guard let length = TimeText.duration(try text("for", longest: 20)) else { throw .failure(.badForm) }
            return (.snooze(until: page.now + length), "snoozed")
        case (3, "assign"): return (.assign(to: try text("to", longest: 200)), "assigned")
        case (3, "role"):
            return (.giveRole(try text("role", longest: 200), to: try text("to", longest: 200)), "assigned")
        case (3, "note"): return (.note(try text("text", longest: 20_000)), "noted")
        case (3, "link"):
            let address = try text("url", longest: 2000)
            guard address.hasPrefix("https://") || address.hasPrefix("http://") else { throw .failure(.badForm) }
            return (.link(url: address, title: try text("title", longest: 400)), "linked")
        case (3, "severity"): return (.change(severity: try level()), "changed")
        case (3, "merge"): return (.merge(into: try text("into", longest: 40)), "merged")
        case (5, "remedies"):
            switch path[4] {
            case "run": return (.run(action: path[3]), "started")
            case "approve": return (.approve(action: path[3]), "started")
            case "decline": return (.decline(action: path[3]), "declined")
            default: throw .failure(.notFound)
            }
        default: throw .failure(.notFound)
        }
    }

    // MARK: Mutes

    private func silences(_ path: [String]) throws(Refusal) -> ConsoleOutcome {
        try needsRole(page.mayRespond)
        switch (path.count, path.last ?? "") {
        case (3, "expire"):
            return .command(.event(.expireSilence(id: path[1], by: name), thenGoTo: "/silences?done=expired"))
        case (2, "preview"):
            let draft = previewed()
            return .answer(ConsoleRoutes.answer(page.newSilence(draft), page))
        case (1, _): break
        default: throw .failure(.notFound)
        }
        var draft = previewed()
        guard draft.problem == nil else { throw .sheet(page.newSilence(draft)) }
        guard let length = TimeText.duration(draft.value("for")) else {
            draft.problem = page[.badDuration]
            throw .sheet(page.newSilence(draft))
        }
        do throws(Silence.Refusal) {
            let silence = try Silence(
                id: data.newID(), matchers: MatcherLine(draft.value("matchers")).matchers, start: page.now,
                end: page.now + length, owner: name, reason: draft.value("reason"), now: page.now)
            return .command(.event(.silence(silence), thenGoTo: "/silences?done=silenced"))
        } catch {
            draft.problem = page[TimelineWords(page: page).phrase(error)]
            throw .sheet(page.newSilence(draft))
        }
    }

    /// The form as it was filled in, with what its matchers match.
    private func previewed() -> Draft {
        let line = MatcherLine(form.first("matchers") ?? "")
        var draft = Draft(form: form, problem: line.problem)
        if line.problem == nil, !line.matchers.isEmpty {
            draft.preview = MutePreview(data.responder.book, line.matchers)
        }
        return draft
    }

    private func maintenance(_ path: [String]) throws(Refusal) -> ConsoleOutcome {
        try needsRole(page.mayRespond)
        switch (path.count, path.last ?? "") {
        case (3, "end"):
            return .command(.event(.endMaintenance(id: path[1], by: name), thenGoTo: "/maintenance?done=ended"))
        case (2, "preview"):
            return .answer(ConsoleRoutes.answer(sheet(previewed()), page))
        case (1, _): break
        default: throw .failure(.notFound)
        }
        var draft = previewed()
        guard draft.problem == nil else { throw .sheet(sheet(draft)) }
        guard let recurrence = recurrence() else {
            draft.problem = page[.badTime]
            throw .sheet(sheet(draft))
        }
        let zone = if case .once = recurrence { "UTC" } else { draft.value("zone", "UTC") }
        do throws(MaintenanceWindow.Refusal) {
            let window = try MaintenanceWindow(
                id: data.newID(), title: draft.value("title"),
                matchers: MatcherLine(draft.value("matchers")).matchers, recurrence: recurrence, zone: zone,
                owner: name, zones: data.responder.rules.zones, now: page.now)
            return .command(.event(.maintenance(window), thenGoTo: "/maintenance?done=planned"))
        } catch {
            draft.problem = page[TimelineWords(page: page).phrase(error)]
            throw .sheet(sheet(draft))
        }
    }

    private func sheet(_ draft: Draft) -> Sheet {
        page.newMaintenance(draft, MaintenanceListView(data, now: page.now))
    }

    private func recurrence() -> MaintenanceWindow.Recurrence? {
        func clock(_ field: String) -> Int? {
            let parts = (form.first(field) ?? "").split(separator: ":").map { Int($0) }
            guard parts.count >= 2, let hour = parts[0], let minute = parts[1], (0...24).contains(hour),
                (0..<60).contains(minute), hour * 60 + minute <= 1440
            else { return nil }
            return hour * 3600 + minute * 60
        }
        switch form.first("kind") {
        case "weekly":
            guard let from = clock("from"), let to = clock("to") else { return nil }
            let days = Set(form.all("day").compactMap { Int($0) }.filter { (1...7).contains($0) })
            guard !days.isEmpty else { return nil }
            return .weekly([RotationLayer.Hours(weekdays: days, from: from, to: to)])
        case "monthly":
            guard let from = clock("from"), let to = clock("to"), let week = Int(form.first("week") ?? ""),
                let weekday = Int(form.first("weekday") ?? "")
            else { return nil }
            // An end before the beginning is on the day after.
            return .monthly(
                week: week, weekday: weekday, from: from, length: to > from ? to - from : to + 86_400 - from)
        default:
            guard let start = form.first("start").flatMap({ TimeText.moment($0, page.zone) }),
                let end = form.first("end").flatMap({ TimeText.moment($0, page.zone) })
            else { return nil }
            return .once(start: start, end: end)
        }
    }

    // MARK: Schedules

    private func schedule(_ path: [String]) throws(Refusal) -> ConsoleCommand {
        try needsRole(page.mayRespond)
        guard path.count >= 3 else { throw .failure(.notFound) }
        return .event(
            .arrange(schedule: path[1], try arrangement(path), by: name),
            thenGoTo: "/on-call/\(PathText.segment(path[1]))?done=arranged")
    }

    private func arrangement(_ path: [String]) throws(Refusal) -> Event.Arrangement {
        switch (path.count, path[2], path.last ?? "") {
        case (3, "overrides", _):
            return .override(
                OnCallSchedule.Override(
                    id: data.newID(), start: try moment("start"), end: try moment("end"),
                    person: try text("person", longest: 200),
                    replaces: form.first("replaces").flatMap { $0.isEmpty ? nil : $0 }))
        case (5, "overrides", "cancel"): return .cancelOverride(id: path[3])
        case (3, "absences", _):
            return .absence(
                id: data.newID(),
                OnCallSchedule.Absence(
                    person: try text("person", longest: 200), start: try moment("start"), end: try moment("end")))
        case (5, "absences", "cancel"): return .cancelAbsence(id: path[3])
        case (3, "swaps", _):
            guard let offered = turn(name + "/" + (form.first("offered") ?? "")),
                let asked = turn(form.first("asked") ?? "")
            else { throw .failure(.badForm) }
            return .propose(ShiftSwap(id: data.newID(), schedule: path[1], offered: offered, asked: asked))
        case (5, "swaps", "accept"): return .answer(swap: path[3], accepts: true, by: name)
        case (5, "swaps", "decline"): return .answer(swap: path[3], accepts: false, by: name)
        default: throw .failure(.notFound)
        }
    }

    /// Reads `ben/1790000000000-1790000600000`.
    private func turn(_ text: String) -> ShiftSwap.Turn? {
        guard let slash = text.lastIndex(of: "/") else { return nil }
        let times = text[text.index(after: slash)...].split(separator: "-").compactMap { Int($0) }
        guard times.count == 2, slash > text.startIndex else { return nil }
        return ShiftSwap.Turn(
            person: String(text[..<slash]), start: Moment(milliseconds: times[0]), end: Moment(milliseconds: times[1]))
    }
}
