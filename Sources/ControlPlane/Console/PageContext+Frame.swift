import Response
import Spec

/// The frame of every page: navigation, landmarks, what scripts need to know.
extension PageContext {
    func document(_ sheet: Sheet) -> HTML {
        let theme: String? = theme == .system ? nil : theme.rawValue
        let listens = isLive && viewer != nil && sheet.status == 200
        return """
            <!doctype html>
            <html lang="\(language.rawValue)"\(attribute: "data-theme", theme)>
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(sheet.title) · \(platform)</title>
            <link rel="stylesheet" href="\(url(ConsoleAsset.style.path))">
            <link rel="icon" type="image/svg+xml" href="\(url(ConsoleAsset.icon.path))">
            <script src="\(url(ConsoleAsset.script.path))" defer></script>
            </head>
            <body data-base="\(base)"\(attribute: "data-events", listens ? "/events" : nil)\
             data-copy="\(self[.copy])" data-copied="\(self[.copied])" data-updated="\(self[.updated])"\
             data-offline="\(self[.offline])">
            <a class="skip" href="#main">\(self[.skip])</a>
            \(viewer == nil ? bareHeader : header(sheet))
            <main id="main" tabindex="-1">
            \(sheet.body)
            </main>
            <p class="status" id="announcer" role="status"></p>
            \(viewer == nil ? .nothing : keyDialog)
            </body>
            </html>

            """
    }

    private var brand: HTML {
        """
        <a class="brand" href="\(url("/"))">\(Icon.mast.html)<span>\(platform)</span></a>
        """
    }

    private var bareHeader: HTML {
        """
        <header class="bar bare">
        \(brand)
        \(languageForm)
        </header>
        """
    }

    private func header(_ sheet: Sheet) -> HTML {
        """
        <header class="bar">
        \(brand)
        <button class="menu-button" type="button" popovertarget="menu">\(Icon.menu.html)\(self[.menu])</button>
        </header>
        <div class="side" id="menu" popover>
        <nav aria-label="\(self[.mainNavigation])">
        <ul>
        \(Sheet.Section.allCases.filter(isShown).map { entry($0, sheet) })
        </ul>
        <a class="me" href="\(url("/account"))"\(attribute: "aria-current", address.hasPrefix("/account") ? "page" : nil)>\
        \(Icon.user.html)<span>\(viewer?.name ?? "")<small>\(self[(viewer?.role ?? .viewer).phrase])</small></span></a>
        </nav>
        \(languageForm)
        </div>
        """
    }

    private func isShown(_ section: Sheet.Section) -> Bool {
        switch section {
        case .audit: mayAdminister
        default: true
        }
    }

    private func entry(_ section: Sheet.Section, _ sheet: Sheet) -> HTML {
        let isHere = section == sheet.section
        return """
            <li><a href="\(url(section.path))"\(attribute: "aria-current", isHere ? "page" : nil) \
            data-key="\(String(section.key))">\(section.icon.html)\(self[section.title])</a></li>
            """
    }

    private var languageForm: HTML {
        let buttons = Language.allCases.map { other -> HTML in
            let isOurs = other == language
            return """
                <button name="language" value="\(other.rawValue)" lang="\(other.rawValue)" \
                aria-pressed="\(isOurs ? "true" : "false")">\(other.name)</button>
                """
        }
        return """
            <form class="language" method="post" action="\(url("/preferences"))" aria-label="\(self[.language])">
            \(token)<input type="hidden" name="back" value="\(address)">
            \(buttons)
            </form>
            """
    }

    private var keyDialog: HTML {
        var rows: [HTML] = Sheet.Section.allCases.filter(isShown).map { section in
            "<div><dt><kbd>g</kbd> <kbd>\(String(section.key))</kbd></dt><dd>\(self[section.title])</dd></div>"
        }
        let others: [(HTML, Phrase)] = [
            ("<kbd>/</kbd>", .keyFilter), ("<kbd>j</kbd> <kbd>k</kbd>", .keyRows), ("<kbd>Enter</kbd>", .keyOpen),
            ("<kbd>?</kbd>", .keyThis),
        ]
        rows += others.map { "<div><dt>\($0.0)</dt><dd>\(self[$0.1])</dd></div>" }
        return """
            <dialog id="keys" aria-labelledby="keys-title">
            <h2 id="keys-title">\(self[.keys])</h2>
            <dl class="keys">\(rows)</dl>
            <p><label class="check"><input type="checkbox" id="keys-on" checked>\(self[.useKeys])</label></p>
            <form method="dialog"><button>\(self[.close])</button></form>
            </dialog>
            """
    }

    /// What proves that a form is ours.
    var token: HTML { csrf.isEmpty ? .nothing : "<input type=\"hidden\" name=\"csrf\" value=\"\(csrf)\">" }
}
