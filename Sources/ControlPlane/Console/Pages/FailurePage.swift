import Response

/// Why a page is not there.
package enum ConsoleFailure: Int, Sendable, Hashable, CaseIterable {
    case badForm = 400
    case forbidden = 403
    case notFound = 404
    case notAllowed = 405
    case conflict = 409
    case tooMany = 429
    case unavailable = 503

    var title: Phrase {
        switch self {
        case .badForm: Phrase("This form cannot be read", "Ce formulaire est illisible")
        case .forbidden: Phrase("You may not do this", "Vous n’y êtes pas autorisé")
        case .notFound: Phrase("There is nothing here", "Il n’y a rien ici")
        case .notAllowed: Phrase("This cannot be done here", "Cela ne se fait pas ici")
        case .conflict: Phrase("It has changed meanwhile", "Cela a changé entre-temps")
        case .tooMany: Phrase("Too much at once", "Trop à la fois")
        case .unavailable: Phrase("Not now", "Pas maintenant")
        }
    }

    var advice: Phrase {
        switch self {
        case .badForm:
            Phrase(
                "Go back, load the page again, and fill it in once more.",
                "Revenez, rechargez la page et remplissez-la de nouveau.")
        case .forbidden:
            Phrase(
                "Ask an administrator, or load the page again if your session was renewed.",
                "Demandez à un administrateur, ou rechargez la page si votre session a été renouvelée.")
        case .notFound:
            Phrase("What was here may be archived or forgotten.", "Ce qui était ici est peut-être archivé ou oublié.")
        case .notAllowed: Phrase("Go back to where you came from.", "Revenez d’où vous venez.")
        case .conflict: Phrase("Look at how it stands now, and try again.", "Regardez où cela en est, puis réessayez.")
        case .tooMany: Phrase("Wait a moment, and try again.", "Attendez un instant, puis réessayez.")
        case .unavailable:
            Phrase(
                "Nothing was done: what cannot be kept on disk is refused. Try again in a moment.",
                "Rien n’a été fait\u{a0}: ce qui ne peut être gardé sur disque est refusé. Réessayez dans un instant.")
        }
    }
}

extension PageContext {
    func failure(_ failure: ConsoleFailure, _ detail: String? = nil, back: String = "/") -> Sheet {
        let body: HTML = """
            <div class="gate failure">
            <p class="code">\(failure.rawValue)</p>
            <h1>\(self[failure.title])</h1>
            \(detail.map { "<p class=\"notice bad\" role=\"alert\">\($0)</p>" as HTML } ?? .nothing)
            <p>\(self[failure.advice])</p>
            <p class="buttons"><a class="button main" href="\(url(PathText.local(back)))">\(self[.back])</a></p>
            </div>
            """
        return Sheet(title: self[failure.title], body: body, status: failure.rawValue)
    }
}

extension Phrase {
    static var back: Phrase { Phrase("Back", "Retour") }
}
