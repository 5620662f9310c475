import Response
import Spec

/// Signing in, and what everybody changes about their own account.
extension PageContext {
    private func problem(_ view: OwnAccount) -> HTML {
        view.problem.map { notice(self[.problem($0)], kind: "bad") } ?? .nothing
    }

    private func status(_ view: OwnAccount) -> Int { view.problem?.status ?? 200 }

    func signIn(_ view: OwnAccount, next: String) -> Sheet {
        let content: HTML = """
            <input type="hidden" name="next" value="\(PathText.local(next))">
            \(field(.name, "name", id: "l-name", more: "autocomplete=\"username\" autocapitalize=\"off\" spellcheck=\"false\" autofocus"))
            \(field(.password, "password", id: "l-password", type: "password", more: "autocomplete=\"current-password\""))
            <button class="main">\(self[.signIn])</button>
            """
        let body: HTML = """
            <div class="gate"><h1>\(self[.signIn])</h1>\(problem(view))
            \(form("/sign-in", class: "sheet", content))</div>
            """
        return Sheet(title: self[.signIn], body: body, status: status(view))
    }

    func secondFactor(_ view: OwnAccount, next: String) -> Sheet {
        let content: HTML = """
            <input type="hidden" name="next" value="\(PathText.local(next))">
            <input type="hidden" name="challenge" value="\(view.challenge)">
            \(field(.code, "code", id: "c-code", hint: .codeHint, more: "autocomplete=\"one-time-code\" inputmode=\"text\" autocapitalize=\"off\" spellcheck=\"false\" maxlength=\"32\" autofocus"))
            <button class="main">\(self[.signIn])</button>
            """
        let body: HTML = """
            <div class="gate"><h1>\(self[.secondFactor])</h1>\(problem(view))
            \(form("/second-factor", class: "sheet", content))</div>
            """
        return Sheet(title: self[.secondFactor], body: body, status: status(view))
    }

    /// The first start, or with a name an invitation or a reset.
    func entry(_ view: OwnAccount, token: String, isInvitation: Bool, name: String = "") -> Sheet {
        let title: Phrase = isInvitation ? .choosePassword : .setUp
        let nameField: HTML =
            isInvitation
            ? .nothing
            : field(
                .name, "name", id: "u-name", value: name, hint: .nameHint,
                more: "autocomplete=\"username\" autocapitalize=\"off\" spellcheck=\"false\" maxlength=\"64\"")
        let content: HTML = """
            <input type="hidden" name="token" value="\(token)">
            \(nameField)
            \(field(.password, "password", id: "u-password", type: "password", hint: .passwordHint, more: "autocomplete=\"new-password\" minlength=\"12\""))
            \(field(.again, "again", id: "u-again", type: "password", more: "autocomplete=\"new-password\" minlength=\"12\""))
            <button class="main">\(self[isInvitation ? .save : .makeAccount])</button>
            """
        let path = isInvitation ? "/invitation" : "/set-up"
        let body: HTML = """
            <div class="gate"><h1>\(self[title])</h1><p class="lead">\(self[isInvitation ? .choosePasswordLead : .setUpLead])</p>\(problem(view))
            \(view.problem == .linkIsOver ? .nothing : form(path, class: "sheet", content))</div>
            """
        return Sheet(title: self[title], body: body, status: status(view))
    }

    func account(_ view: OwnAccount) -> Sheet {
        let body: HTML = """
            <h1>\(self[.account])</h1>
            \(problem(view))
            \(codes(view.recoveryCodes))\(link(view))
            <p class="line lead"><b>\(viewer?.name ?? "")</b><span>\(self[(viewer?.role ?? .viewer).phrase])</span></p>
            <div class="halves">
            \(section(.looks, "looks", looks))
            \(section(.secondFactor, "factor", factor(view)))
            \(section(.password, "password", passwordForm))
            </div>
            \(section(.sessions, "sessions", sessions(view)))
            \(section(.tokens, "tokens", tokens(view)))
            """
        return Sheet(title: self[.account], body: body, status: status(view))
    }

    private var looks: HTML {
        let themes = Theme.allCases.map { ($0.rawValue, self[$0.phrase]) }
        let languages = Language.allCases.map { ($0.rawValue, $0.name) }
        return form(
            "/preferences", class: "sheet",
            """
            <input type="hidden" name="back" value="/account?done=saved">
            \(choice(.theme, "theme", id: "a-theme", themes, selected: theme.rawValue))
            \(choice(.language, "language", id: "a-language", languages, selected: language.rawValue))
            <button>\(self[.save])</button>
            """)
    }

    private func codes(_ codes: [String]) -> HTML {
        guard !codes.isEmpty else { return .nothing }
        return section(
            .recoveryCodes, "codes",
            "<p>\(self[.recoveryLead])</p>\(snippet(codes.joined(separator: "\n"), label: self[.recoveryCodes]))")
    }

    private func link(_ view: OwnAccount) -> HTML {
        guard let link = view.link else { return .nothing }
        return section(
            .linkFor, "link",
            "<p>\(self[.linkLead(link.account)]) \(at(link.ends)).</p>\(snippet(link.address, label: self[.linkFor]))")
    }

    private func factor(_ view: OwnAccount) -> HTML {
        if let secret = view.secret {
            let content: HTML = """
                \(field(.code, "code", id: "f-code", more: "autocomplete=\"one-time-code\" inputmode=\"numeric\" maxlength=\"8\""))
                <button class="main">\(self[.confirm])</button>
                """
            let address: HTML = view.otpauth.map(authenticator) ?? .nothing
            return """
                <p>\(self[.secretLead])</p>\(snippet(secret, label: self[.secret]))\(address)
                \(form("/account/second-factor/confirm", class: "sheet", content))
                """
        }
        guard viewer?.hasSecondFactor == true else {
            return """
                <p>\(self[.factorLead])</p>
                \(disclosure(.beginFactor, id: "begin-factor", withPassword("/account/second-factor", .beginFactor, "main", id: "b")))
                """
        }
        return """
            <p class="line">\(tag(.factorIsSet, "resolved"))</p>
            \(disclosure(.newCodes, id: "new-codes", withPassword("/account/second-factor/recovery-codes", .newCodes, "main", id: "n")))
            \(disclosure(.endFactor, id: "end-factor", withPassword("/account/second-factor/remove", .endFactor, "danger", id: "e")))
            """
    }

    /// What an authenticator reads: as a picture, and as a link on the device itself.
    private func authenticator(_ address: String) -> HTML {
        guard address.hasPrefix("otpauth://") else { return .nothing }
        let picture = QRCode(Array(address.utf8)).map { code -> HTML in
            "<div class=\"code-picture\">\(raw: code.svg(title: self[.qrCode]))</div>"
        }
        return "\(picture ?? .nothing)<p><a href=\"\(address)\">\(self[.openAuthenticator])</a></p>"
    }

    /// What is done only with the password shown again.
    private func withPassword(_ path: String, _ text: Phrase, _ kind: String, id: String) -> HTML {
        form(
            path, class: "sheet",
            """
            \(field(.password, "password", id: "\(id)-password", type: "password", more: "autocomplete=\"current-password\""))
            <button class="\(kind)">\(self[text])</button>
            """)
    }

    private var passwordForm: HTML {
        form(
            "/account/password", class: "sheet",
            """
            \(field(.oldPassword, "current", id: "p-old", type: "password", more: "autocomplete=\"current-password\""))
            \(field(.newPassword, "new", id: "p-new", type: "password", hint: .passwordHint, more: "autocomplete=\"new-password\" minlength=\"12\""))
            \(field(.again, "again", id: "p-again", type: "password", more: "autocomplete=\"new-password\" minlength=\"12\""))
            <button>\(self[.changePassword])</button>
            """)
    }

    private func sessions(_ view: OwnAccount) -> HTML {
        let rows = view.sessions.map { session -> HTML in
            let path = "/account/sessions/\(PathText.segment(session.id))/end"
            return """
                <tr><th scope="row">\(session.address)\(session.isThis ? tag(.thisOne, "acknowledged") : .nothing)</th>
                <td class="wide-cell small">\(session.agent)</td><td>\(at(session.began))</td><td>\(ago(session.seen))</td>
                <td>\(session.isThis ? .nothing : action(path, .end, about: session.address))</td></tr>
                """
        }
        let others = view.sessions.contains { !$0.isThis }
        return """
            \(rows.isEmpty ? .nothing : table(self[.sessions], [.address, .browser, .start, .lastSeen, .actions], rows))
            <div class="buttons">\(action("/sign-out", .signOut))\
            \(others ? action("/account/sessions/end-others", .endSessions) : .nothing)</div>
            """
    }

    private func tokens(_ view: OwnAccount) -> HTML {
        let rows = view.tokens.map { token -> HTML in
            let path = "/account/tokens/\(PathText.segment(token.id))/revoke"
            return """
                <tr><th scope="row">\(token.name)<span class="id">\(token.owner)</span></th>
                <td class="wide-cell"><ul class="labels">\(token.scopes.map { "<li><code>\($0)</code></li>" as HTML })</ul></td>
                <td>\(token.lastUsed.map(ago) ?? "–")</td><td>\(token.ends.map(at) ?? "–")</td>
                <td>\(action(path, .revoke, kind: "danger", about: token.name))</td></tr>
                """
        }
        let new: HTML =
            view.newToken.map { "<p>\(self[.tokenLead])</p>\(snippet($0, label: self[.newToken]))" as HTML } ?? .nothing
        let scopes = view.scopes.map { scope -> HTML in
            "<label class=\"check\"><input type=\"checkbox\" name=\"scopes\" value=\"\(scope)\"><code>\(scope)</code></label>"
        }
        let content: HTML = """
            \(field(.name, "name", id: "t-name", more: "maxlength=\"100\""))
            <fieldset><legend>\(self[.scopes])</legend><div class="checks">\(scopes)</div></fieldset>
            \(field(.daysUntilEnd, "days", id: "t-days", value: "90", type: "number", isRequired: false, more: "min=\"1\" max=\"3660\""))
            <button class="main">\(self[.newToken])</button>
            """
        return """
            \(new)\(rows.isEmpty ? .nothing : table(self[.tokens], [.name, .scopes, .lastUsed, .end, .actions], rows))
            \(scopes.isEmpty ? .nothing : disclosure(.newToken, id: "token", form("/account/tokens", class: "sheet", content)))
            """
    }
}

extension Phrase {
    static var signIn: Phrase { Phrase("Sign in", "Se connecter") }
    static var password: Phrase { Phrase("Password", "Mot de passe") }
    static var oldPassword: Phrase { Phrase("Password until now", "Mot de passe actuel") }
    static var newPassword: Phrase { Phrase("New password", "Nouveau mot de passe") }
    static var again: Phrase { Phrase("Once more", "Encore une fois") }
    static var passwordHint: Phrase { Phrase("At least 12 characters.", "Au moins 12 caractères.") }
    static var changePassword: Phrase { Phrase("Change the password", "Changer le mot de passe") }
    static var code: Phrase { Phrase("Code", "Code") }
    static var codeHint: Phrase {
        Phrase(
            "Six digits of your authenticator, or a recovery code.",
            "Six chiffres de votre application, ou un code de secours.")
    }
    static var setUp: Phrase { Phrase("Set up", "Mise en place") }
    static var setUpLead: Phrase { Phrase("Choose a name and a password.", "Choisissez un nom et un mot de passe.") }
    static var makeAccount: Phrase { Phrase("Make the account", "Créer le compte") }
    static var looks: Phrase { Phrase("Looks", "Apparence") }
    static var sessions: Phrase { Phrase("Sessions", "Sessions") }
    static var endSessions: Phrase { Phrase("Sign out everywhere else", "Se déconnecter partout ailleurs") }
    static var recoveryCodes: Phrase { Phrase("Recovery codes", "Codes de secours") }
    static var recoveryLead: Phrase {
        Phrase(
            "Each works once. They are shown now and never again.",
            "Chacun sert une fois. Ils ne seront plus jamais montrés.")
    }
    static var secret: Phrase { Phrase("Secret", "Secret") }
    static var qrCode: Phrase { Phrase("QR code for an authenticator", "Code QR pour une application") }
    static var secretLead: Phrase {
        Phrase(
            "Show the picture to your authenticator, or type this secret into it; then its code below.",
            "Montrez l’image à votre application, ou saisissez-y ce secret\u{a0}; puis son code ci-dessous.")
    }
    static var openAuthenticator: Phrase {
        Phrase("Open it in an authenticator on this device", "L’ouvrir dans une application de cet appareil")
    }
    static var confirm: Phrase { Phrase("Confirm", "Confirmer") }
    static var endFactor: Phrase { Phrase("Remove the second factor", "Retirer le second facteur") }
    static var factorIsSet: Phrase { Phrase("It is set", "Il est en place") }
    static var factorLead: Phrase {
        Phrase(
            "A code from your telephone besides the password (TOTP).",
            "Un code de votre téléphone en plus du mot de passe (TOTP).")
    }
    static var beginFactor: Phrase { Phrase("Set it up", "Le mettre en place") }

    static var choosePassword: Phrase { Phrase("Choose a password", "Choisissez un mot de passe") }
    static var choosePasswordLead: Phrase {
        Phrase("The link works once.", "Le lien ne sert qu’une fois.")
    }
    static var newCodes: Phrase { Phrase("New recovery codes", "Nouveaux codes de secours") }
    static var linkFor: Phrase { Phrase("A link to hand over", "Un lien à transmettre") }
    static var thisOne: Phrase { Phrase("this one", "celle-ci") }
    static var browser: Phrase { Phrase("Browser", "Navigateur") }
    static var lastSeen: Phrase { Phrase("Last seen", "Vue") }
    static var lastUsed: Phrase { Phrase("Last used", "Utilisé") }
    static var tokens: Phrase { Phrase("API tokens", "Jetons d’API") }
    static var newToken: Phrase { Phrase("New token", "Nouveau jeton") }
    static var tokenLead: Phrase {
        Phrase("Copy it now: it is never shown again.", "Copiez-le maintenant\u{a0}: il ne sera plus jamais montré.")
    }
    static var scopes: Phrase { Phrase("Scopes", "Portées") }
    static var daysUntilEnd: Phrase { Phrase("Days until it ends", "Jours jusqu’à sa fin") }
    static var revoke: Phrase { Phrase("Revoke", "Révoquer") }

    static func linkLead(_ account: String) -> Phrase {
        Phrase("For \(account), once, until", "Pour \(account), une fois, jusqu’à")
    }

    static func problem(_ problem: OwnAccount.Problem) -> Phrase {
        switch problem {
        case .wrongPassword: Phrase("Name or password are wrong.", "Le nom ou le mot de passe est faux.")
        case .wrongCode:
            Phrase("That code is wrong, too old, or was used.", "Ce code est faux, périmé ou déjà utilisé.")
        case .lockedOut: Phrase("Too many attempts: wait a while.", "Trop d’essais\u{a0}: attendez un peu.")
        case .passwordsDiffer: Phrase("The passwords are not the same.", "Les mots de passe diffèrent.")
        case .linkIsOver:
            Phrase(
                "This link was used, or is over: ask for a new one.",
                "Ce lien a servi ou est périmé\u{a0}: demandez-en un autre.")
        case .sessionIsOver:
            Phrase("Your session is over: sign in again.", "Votre session est finie\u{a0}: reconnectez-vous.")
        case .lastAdministrator:
            Phrase("Nobody would be left to administer.", "Il ne resterait plus d’administrateur.")
        case .busy:
            Phrase("Too many sign in at this moment: try again.", "Trop de connexions en ce moment\u{a0}: réessayez.")
        case .other(let detail, _): Phrase(verbatim: detail)
        }
    }
}
