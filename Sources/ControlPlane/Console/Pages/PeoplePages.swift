import Response
import Spec

/// People: how each is reached, and when not.
struct PeopleView: Sendable {
    struct Person: Sendable {
        var card: ContactCard
        var teams: [String]
        /// The schedules that they are on call for now.
        var onCall: [String]
        var account: ConsoleData.Account?
    }

    var people: [Person]
    var teams: [(name: String, crew: Rulebook.Crew)]
    /// Accounts of nobody that the platform's file knows.
    var others: [ConsoleData.Account]

    init(_ data: ConsoleData, now: Moment) {
        let directory = data.responder.directory
        teams = directory.teams.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        var onCall: [String: [String]] = [:]
        for (name, schedule) in directory.schedules.sorted(by: { $0.key < $1.key }) {
            if let person = schedule.shift(at: now).person { onCall[person, default: []].append(name) }
        }
        let accounts = Dictionary(data.accounts.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
        people = directory.people.sorted { $0.key < $1.key }.map { name, card in
            Person(
                card: card, teams: directory.teams.filter { $0.value.people.contains(name) }.keys.sorted(),
                onCall: onCall[name] ?? [], account: accounts[name])
        }
        others = data.accounts.filter { directory.people[$0.name] == nil }.sorted { $0.name < $1.name }
    }
}

/// One person.
struct PersonView: Sendable {
    var person: PeopleView.Person
    /// Their shifts of the next four weeks.
    var shifts: [(schedule: String, shift: Shift)]
    /// How they say that they are reached, if not as the file says.
    var entry: OwnEntry?
    /// What the form shows.
    var draft: EntryDraft
    var findings: [Person.Finding] = []
    var zones: [String]

    init?(_ data: ConsoleData, name: String, now: Moment) {
        guard let found = PeopleView(data, now: now).people.first(where: { $0.card.name == name }) else { return nil }
        person = found
        entry = data.responder.entries[name]
        draft = EntryDraft(found.card)
        zones = Set(data.responder.rules.zones.keys).union(["UTC"]).sorted()
        var shifts: [(schedule: String, shift: Shift)] = []
        for (schedule, rota) in data.responder.directory.schedules {
            for shift in rota.shifts(from: now, to: now + .seconds(28 * 86_400)) where shift.person == name {
                shifts.append((schedule, shift))
            }
        }
        self.shifts = Array(shifts.sorted { ($0.shift.start, $0.schedule) < ($1.shift.start, $1.schedule) }.prefix(30))
    }
}

extension PageContext {
    func people(_ view: PeopleView) -> Sheet {
        let rows = view.people.map { person -> HTML in
            let name = person.card.name
            let contacts = person.card.contacts.map { "<li>\(self[$0.kind.phrase])</li>" as HTML }
            return """
                <tr data-row>
                <th scope="row"><a href="\(url("/people/\(PathText.segment(name))"))">\(name)</a></th>
                <td>\(contacts.isEmpty ? "<span class=\"warn\">\(self[.noWay])</span>" : .nothing)<ul class="labels">\(contacts)</ul></td>
                <td>\(person.teams.isEmpty ? "–" : person.teams.joined(separator: ", "))</td>
                <td>\(person.onCall.map { tag(Phrase(verbatim: $0), "acknowledged") })</td>
                <td>\(person.account.map(account) ?? "<span class=\"dim\">\(self[.noAccount])</span>")</td>
                </tr>
                """
        }
        let teams = view.teams.map { team -> HTML in
            let people = team.crew.people.joined(separator: ", ")
            let places = team.crew.channels.map { way in
                self[way.kind.phrase] + (way.address.map { " \($0)" } ?? "")
            }
            return
                "<tr><th scope=\"row\">\(team.name)</th><td>\(people)</td><td>\(places.joined(separator: ", "))</td></tr>"
        }
        let others = view.others.map { account in
            "<tr><th scope=\"row\">\(account.name)</th><td>\(self.account(account))</td><td>\(accountActions(account))</td></tr>"
                as HTML
        }
        let body: HTML = """
            <h1>\(self[.people])</h1>
            <p class="lead">\(self[.peopleLead])</p>
            \(rows.isEmpty ? empty(.nobodyDeclared, .people) : table(self[.people], [.name, .ways, .teams, .onCall, .accountColumn], rows))
            \(teams.isEmpty ? .nothing : section(.teams, "teams", table(self[.teams], [.name, .people, .ways], teams)))
            \(others.isEmpty ? .nothing : section(.otherAccounts, "others", table(self[.otherAccounts], [.name, .accountColumn, .actions], others)))
            \(mayAdminister ? invite : .nothing)
            """
        return Sheet(title: self[.people], section: .people, body: body)
    }

    private func account(_ account: ConsoleData.Account) -> HTML {
        """
        <span class="line">\(self[account.role.phrase])\(state(account.state))\
        \(account.hasSecondFactor ? tag(.secondFactor, "resolved") : tag(.noSecondFactor, "medium"))\
        \(account.lastSeen.map { "<span class=\"dim\">\(ago($0))</span>" as HTML } ?? .nothing)</span>
        """
    }

    private func state(_ state: ConsoleData.Account.State) -> HTML {
        switch state {
        case .active: .nothing
        case .invited: tag(.invited, "medium")
        case .disabled: tag(.disabled, "triggered")
        }
    }

    private var roles: [(String, String)] { Role.allCases.map { ($0.rawValue, self[$0.phrase]) } }

    private var invite: HTML {
        let content: HTML = """
            \(field(.name, "name", id: "i-name", hint: .nameHint, more: "maxlength=\"64\" autocapitalize=\"off\" spellcheck=\"false\""))
            \(choice(.role, "role", id: "i-role", roles, selected: Role.responder.rawValue))
            <button class="main">\(self[.invite])</button>
            """
        return disclosure(.invite, id: "invite", form("/people", class: "sheet", content))
    }

    private func accountActions(_ account: ConsoleData.Account) -> HTML {
        guard mayAdminister, account.name != viewer?.name else { return .nothing }
        let path = "/people/\(PathText.segment(account.name))"
        let id = "role-\(PathText.segment(account.name))"
        let change: HTML = """
            <label class="unseen" for="\(id)">\(self[.role]) \(account.name)</label>
            <select id="\(id)" name="role">\(roles.map { "<option value=\"\($0.0)\"\(flag: "selected", $0.0 == account.role.rawValue)>\($0.1)</option>" as HTML })</select>
            <button>\(self[.change])</button>
            """
        let name = account.name
        var buttons: [HTML] = [
            form("\(path)/role", class: "inline", change),
            action("\(path)/link", account.state == .invited ? .newInvitation : .resetPassword, about: name),
        ]
        switch account.state {
        case .active: buttons.append(action("\(path)/disable", .disable, about: name))
        case .disabled: buttons.append(action("\(path)/enable", .enable, about: name))
        case .invited: break
        }
        if account.hasSecondFactor {
            buttons.append(action("\(path)/clear-second-factor", .clearFactor, about: name))
        }
        buttons.append(action("\(path)/remove", .remove, kind: "danger", about: name))
        return "<div class=\"line\">\(buttons)</div>"
    }

    func person(_ view: PersonView) -> Sheet {
        let card = view.person.card
        let name = card.name
        let path = "/people/\(PathText.segment(name))"
        let ways = card.contacts.map { contact -> HTML in
            let test = form(
                "\(path)/test", class: "inline",
                "<input type=\"hidden\" name=\"kind\" value=\"\(contact.kind.rawValue)\"><input type=\"hidden\" name=\"address\" value=\"\(contact.address)\"><button aria-label=\"\(self[.test]) \(contact.description)\">\(self[.test])</button>"
            )
            return
                "<tr><th scope=\"row\">\(self[contact.kind.phrase])</th><td><code>\(contact.address)</code></td><td>\(mayRespond ? test : .nothing)</td></tr>"
        }
        let orders = Level.allCases.map { level -> HTML in
            let steps = card.steps(for: level).map { step -> HTML in
                "<li><span class=\"dim\">\(self[.length(step.after)])</span> \(self[step.contact.kind.phrase])</li>"
            }
            return
                "<div><dt>\(badge(level))</dt><dd>\(steps.isEmpty ? HTML(self[.noWay]) : "<ol class=\"steps\">\(steps)</ol>")</dd></div>"
        }
        let shifts = view.shifts.map { item -> HTML in
            "<tr><td>\(link("/on-call/\(PathText.segment(item.schedule))", item.schedule))</td><td>\(at(item.shift.start))</td><td>\(at(item.shift.end))</td><td>\(self[item.shift.why.phrase])</td></tr>"
        }
        let body: HTML = """
            <p class="line crumbs">\(link("/people", self[.people]))</p>
            <h1>\(name)</h1>
            <p class="line lead">\(view.person.teams.map { tag(Phrase(verbatim: $0)) })\
            \(view.person.onCall.map { tag(Phrase("on call: \($0)", "d’astreinte\u{a0}: \($0)"), "acknowledged") })</p>
            \(mayRespond && !card.contacts.isEmpty ? "<div class=\"buttons\">\(action("\(path)/test", .testAll))</div>" : .nothing)
            <div class="columns"><div class="wide">
            \(mayChangeEntry(of: name) ? entryForm(name, view.draft, zones: view.zones, findings: view.findings) : .nothing)
            \(section(.ways, "ways", entrySource(name, view.entry) + (ways.isEmpty ? "<p class=\"warn\">\(self[.noWay])</p>" : table(self[.ways], [.way, .address, .test], ways))))
            \(section(.shifts, "shifts", shifts.isEmpty ? "<p class=\"dim\">\(self[.noShift])</p>" : table(self[.shifts], [.schedules, .start, .end, .reason], shifts)))
            </div><div class="narrow">
            \(section(.order, "order", "<dl class=\"facts tall\">\(orders)</dl>"))
            \(section(.quietHours, "quiet", quiet(card)))
            \(view.person.account.map { section(.accountColumn, "account", account($0) + accountActions($0)) } ?? .nothing)
            </div></div>
            """
        return Sheet(title: name, section: .people, body: body)
    }

    private func quiet(_ card: ContactCard) -> HTML {
        guard let quiet = card.quiet else { return "<p class=\"dim\">\(self[.noQuietHours])</p>" }
        let parts = quiet.hours.hours.map { hours in
            let days =
                hours.weekdays.count == 7
                ? self[.everyDay] : hours.weekdays.sorted().map { self[.shortWeekday($0)] }.joined(separator: " ")
            return
                "\(days) \(Phrase.clock(CivilTime(secondsSince1970: hours.from)))–\(Phrase.clock(CivilTime(secondsSince1970: hours.to)))"
        }
        return """
            <p>\(parts.joined(separator: ", ")) <span class="dim">\(quiet.hours.zone.name)</span></p>
            <p class="small">\(self[.breaksThrough]) \(badge(quiet.breakThrough))</p>
            """
    }
}

extension Phrase {
    static var peopleLead: Phrase {
        Phrase(
            "Ways, order and quiet hours come from hauban.yaml; everybody can change their own on their page.",
            "Moyens, ordre et heures calmes viennent de hauban.yaml\u{a0}; chacun peut changer les siens sur sa page.")
    }
    static var ways: Phrase { Phrase("Ways", "Moyens") }
    static var noWay: Phrase { Phrase("no way leads to them", "aucun moyen de les joindre") }
    static var teams: Phrase { Phrase("Teams", "Équipes") }
    static var accountColumn: Phrase { Phrase("Account", "Compte") }
    static var noAccount: Phrase { Phrase("cannot sign in", "sans accès") }
    static var nobodyDeclared: Phrase { Phrase("Nobody is declared.", "Personne n’est déclaré.") }
    static var otherAccounts: Phrase { Phrase("Other accounts", "Autres comptes") }
    static var invited: Phrase { Phrase("Invited", "Invité") }
    static var disabled: Phrase { Phrase("Disabled", "Désactivé") }
    static var disable: Phrase { Phrase("Disable", "Désactiver") }
    static var enable: Phrase { Phrase("Enable", "Réactiver") }
    static var clearFactor: Phrase { Phrase("Clear the second factor", "Effacer le second facteur") }
    static var newInvitation: Phrase { Phrase("New invitation", "Nouvelle invitation") }
    static var resetPassword: Phrase { Phrase("Reset the password", "Réinitialiser le mot de passe") }
    static var secondFactor: Phrase { Phrase("Second factor", "Second facteur") }
    static var noSecondFactor: Phrase { Phrase("Password only", "Mot de passe seul") }
    static var invite: Phrase { Phrase("Invite somebody", "Inviter quelqu’un") }
    static var nameHint: Phrase {
        Phrase(
            "As in hauban.yaml, so that shifts and pages find them.",
            "Comme dans hauban.yaml, pour que les tours et les appels le trouvent.")
    }
    static var testAll: Phrase {
        Phrase("Send a test page by every way", "Envoyer un appel d’essai par tous les moyens")
    }
    static var shifts: Phrase { Phrase("Shifts of four weeks", "Tours des quatre semaines") }
    static var noShift: Phrase { Phrase("No shift.", "Aucun tour.") }
    static var order: Phrase { Phrase("Order", "Ordre") }
    static var quietHours: Phrase { Phrase("Quiet hours", "Heures calmes") }
    static var noQuietHours: Phrase {
        Phrase("None: everything is told at once.", "Aucune\u{a0}: tout est dit aussitôt.")
    }
    static var everyDay: Phrase { Phrase("every day", "chaque jour") }
    static var breaksThrough: Phrase { Phrase("Told all the same from", "Dit malgré tout à partir de") }
}
