import Response

/// The words that several pages share.
extension Phrase {
    static var overview: Phrase { Phrase("Overview", "Vue d’ensemble") }
    static var incidents: Phrase { Phrase("Incidents", "Incidents") }
    static var alerts: Phrase { Phrase("Alerts", "Alertes") }
    static var onCall: Phrase { Phrase("On call", "Astreinte") }
    static var releases: Phrase { Phrase("Releases", "Livraisons") }
    static var silences: Phrase { Phrase("Silences", "Silences") }
    static var maintenance: Phrase { Phrase("Maintenance", "Maintenance") }
    static var integrations: Phrase { Phrase("Integrations", "Intégrations") }
    static var people: Phrase { Phrase("People", "Personnes") }
    static var audit: Phrase { Phrase("Audit log", "Journal d’audit") }
    static var account: Phrase { Phrase("Your account", "Votre compte") }

    static var skip: Phrase { Phrase("Skip to the content", "Aller au contenu") }
    static var mainNavigation: Phrase { Phrase("Main", "Navigation principale") }
    static var menu: Phrase { Phrase("Menu", "Menu") }
    static var language: Phrase { Phrase("Language", "Langue") }
    static var theme: Phrase { Phrase("Theme", "Thème") }
    static var signOut: Phrase { Phrase("Sign out", "Se déconnecter") }
    static var copy: Phrase { Phrase("Copy", "Copier") }
    static var copied: Phrase { Phrase("Copied", "Copié") }
    static var updated: Phrase { Phrase("Updated", "Mis à jour") }
    static var offline: Phrase {
        Phrase("Not connected: what you see may be old.", "Non connecté\u{a0}: la page peut dater.")
    }
    static var keys: Phrase { Phrase("Keyboard shortcuts", "Raccourcis clavier") }
    static var close: Phrase { Phrase("Close", "Fermer") }
    static var useKeys: Phrase { Phrase("Use single-key shortcuts", "Utiliser les raccourcis à une touche") }
    static var keyThis: Phrase { Phrase("Show these shortcuts", "Afficher ces raccourcis") }
    static var keyFilter: Phrase { Phrase("Go to the filter", "Aller au filtre") }
    static var keyRows: Phrase { Phrase("Next, previous row", "Ligne suivante, précédente") }
    static var keyOpen: Phrase { Phrase("Open the row", "Ouvrir la ligne") }

    static var severity: Phrase { Phrase("Severity", "Gravité") }
    static var state: Phrase { Phrase("State", "État") }
    static var service: Phrase { Phrase("Service", "Service") }
    static var services: Phrase { Phrase("Services", "Services") }
    static var all: Phrase { Phrase("All", "Tous") }
    static var any: Phrase { Phrase("Any", "Toutes") }
    static var filter: Phrase { Phrase("Filter", "Filtrer") }
    static var filters: Phrase { Phrase("Filters", "Filtres") }
    static var clear: Phrase { Phrase("Clear", "Effacer") }
    static var search: Phrase { Phrase("Search", "Rechercher") }
    static var nextPage: Phrase { Phrase("Next", "Suite") }
    static var firstPage: Phrase { Phrase("Back to the first", "Retour au début") }
    static var pagesOfList: Phrase { Phrase("Pages of the list", "Pages de la liste") }
    static var title: Phrase { Phrase("Title", "Titre") }
    static var opened: Phrase { Phrase("Opened", "Ouvert") }
    static var assignee: Phrase { Phrase("Assignee", "Responsable") }
    static var nobody: Phrase { Phrase("nobody", "personne") }
    static var none: Phrase { Phrase("none", "aucun") }
    static var person: Phrase { Phrase("Person", "Personne") }
    static var reason: Phrase { Phrase("Reason", "Raison") }
    static var owner: Phrase { Phrase("Owner", "Responsable") }
    static var matchers: Phrase { Phrase("Matchers", "Critères") }
    static var from: Phrase { Phrase("From", "Du") }
    static var until: Phrase { Phrase("Until", "Jusqu’au") }
    static var start: Phrase { Phrase("Start", "Début") }
    static var end: Phrase { Phrase("End", "Fin") }
    static var when: Phrase { Phrase("When", "Quand") }
    static var who: Phrase { Phrase("Who", "Qui") }
    static var what: Phrase { Phrase("What", "Quoi") }
    static var actions: Phrase { Phrase("Actions", "Actions") }
    static var save: Phrase { Phrase("Save", "Enregistrer") }
    static var cancel: Phrase { Phrase("Cancel", "Annuler") }
    static var add: Phrase { Phrase("Add", "Ajouter") }
    static var remove: Phrase { Phrase("Remove", "Supprimer") }
    static var name: Phrase { Phrase("Name", "Nom") }
    static var version: Phrase { Phrase("Version", "Version") }
    static var labels: Phrase { Phrase("Labels", "Étiquettes") }
    static var test: Phrase { Phrase("Test", "Essayer") }
    static var details: Phrase { Phrase("Details", "Détails") }
    static var firing: Phrase { Phrase("Firing", "Active") }
    static var ended: Phrase { Phrase("Ended", "Terminée") }
    static var muted: Phrase { Phrase("Muted", "Muette") }
    static var flapping: Phrase { Phrase("Flapping", "Clignotante") }
    static var timesAre: Phrase { Phrase("Times are those of", "Les heures sont celles de") }

    static func alertCount(_ count: Int) -> Phrase { Phrase(count, ("alert", "alerts"), ("alerte", "alertes")) }

    static func firingCount(_ count: Int) -> Phrase {
        Phrase(count, ("alert fires", "alerts fire"), ("alerte active", "alertes actives"))
    }
}

extension Phrase {
    /// What stands before an explanation.
    static var colon: Phrase { Phrase(":", "\u{a0}:") }
}
