/// What a page of the front door says.
struct OwnWords {
    let title: String
    let text: String
    let again: String
    let number: String

    /// - Parameter until: seconds since 1970 at which a maintenance ends.
    init(_ reason: Reason, _ language: Wishes.Language, until: Int?, retryAfter: Int?) {
        switch language {
        case .english: self.init(english: reason, until: until, retryAfter: retryAfter)
        case .french: self.init(french: reason, until: until, retryAfter: retryAfter)
        }
    }

    private init(english reason: Reason, until: Int?, retryAfter: Int?) {
        again = "Try again"
        number = "Request"
        switch reason {
        case .maintenance:
            title = "Back soon"
            text =
                "We are working on this site."
                + (until.map { " It will be back by \(Self.moment($0, Self.englishMonths, ",")) at the latest." }
                    ?? " Please come back a little later.")
        case .rateLimited:
            title = "Too many requests"
            text =
                "Your address has sent more requests than this site allows. Please wait "
                + (retryAfter == 1 ? "a second" : "\(retryAfter ?? 60) seconds") + ", then try again."
        case .connectTimeout, .responseTimeout:
            title = "No answer in time"
            text = "This part of the site is taking too long to answer. It is not your fault. Please try again shortly."
        case .noRelease:
            title = "Not available right now"
            text = "This part of the site is not running at the moment. Please try again shortly."
        default:
            title = "Something went wrong here"
            text = "This part of the site did not answer as it should. It is not your fault. Please try again shortly."
        }
    }

    private init(french reason: Reason, until: Int?, retryAfter: Int?) {
        again = "Réessayer"
        number = "Requête"
        switch reason {
        case .maintenance:
            title = "De retour bientôt"
            text =
                "Nous travaillons sur ce site."
                + (until.map { " Il sera de retour au plus tard le \(Self.moment($0, Self.frenchMonths, " à"))." }
                    ?? " Merci de revenir un peu plus tard.")
        case .rateLimited:
            title = "Trop de requêtes"
            text =
                "Votre adresse a envoyé plus de requêtes que ce site n’en permet. Merci de patienter "
                + (retryAfter == 1 ? "une seconde" : "\(retryAfter ?? 60) secondes") + ", puis de réessayer."
        case .connectTimeout, .responseTimeout:
            title = "Pas de réponse à temps"
            text =
                "Cette partie du site met trop de temps à répondre. Vous n’y êtes pour rien. "
                + "Merci de réessayer dans un instant."
        case .noRelease:
            title = "Indisponible pour le moment"
            text = "Cette partie du site ne fonctionne pas actuellement. Merci de réessayer dans un instant."
        default:
            title = "Un problème est survenu"
            text =
                "Cette partie du site n’a pas répondu comme prévu. Vous n’y êtes pour rien. "
                + "Merci de réessayer dans un instant."
        }
    }

    private static let englishMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let frenchMonths = [
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ]

    /// `21 November 2026, 14:30 UTC`: the visitor's time zone is not known here.
    private static func moment(_ second: Int, _ months: [String], _ join: String) -> String {
        let stamp = Array(UnixTime.timestamp(microseconds: second * 1_000_000).utf8)
        func number(_ range: Range<Int>) -> Int { stamp[range].reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        let time = String(decoding: stamp[11..<16], as: UTF8.self)
        return "\(number(8..<10)) \(months[number(5..<7) - 1]) \(number(0..<4))\(join) \(time) UTC"
    }
}
