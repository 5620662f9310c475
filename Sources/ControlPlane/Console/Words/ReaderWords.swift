import Response

extension PageContext.Role {
    var phrase: Phrase {
        switch self {
        case .viewer: Phrase("Viewer", "Lecteur")
        case .responder: Phrase("Responder", "Intervenant")
        case .administrator: Phrase("Administrator", "Administrateur")
        }
    }
}

extension PageContext.Theme {
    var phrase: Phrase {
        switch self {
        case .system: Phrase("As the system", "Comme le système")
        case .light: Phrase("Light", "Clair")
        case .dark: Phrase("Dark", "Sombre")
        }
    }
}
