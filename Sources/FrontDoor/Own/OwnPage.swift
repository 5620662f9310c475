/// A small page without anything to load: it must show when nothing else does.
struct OwnPage {
    let words: OwnWords
    let language: Wishes.Language
    /// The team's own words, instead of the page's.
    let message: String?
    let requestID: String

    var html: String {
        // Nobody knows in which language the team wrote.
        let text =
            message.map { "<p lang=\"\">" + Self.escaped($0).replacing("\n", with: "<br>") + "</p>" }
            ?? "<p>" + Self.escaped(words.text) + "</p>"
        return """
            <!doctype html>
            <html lang="\(language.rawValue)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">
            <meta name="color-scheme" content="light dark">
            <title>\(Self.escaped(words.title))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            <h1>\(Self.escaped(words.title))</h1>
            \(text)
            <p><a href="">\(Self.escaped(words.again))</a></p>
            <p class="id">\(Self.escaped(words.number)) <code>\(Self.escaped(requestID))</code></p>
            </main>
            </body>
            </html>

            """
    }

    private static let style = """
        :root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1a2230;--soft:#566072;--line:#dfe3ea;--act:#1b57c4;--on:#fff}
        @media(prefers-color-scheme:dark){:root{--paper:#10141b;--card:#1a2029;--ink:#eef1f6;--soft:#a3adbd;--line:#2c3542;--act:#8ab4ff;--on:#0b1220}}
        *{box-sizing:border-box}
        body{margin:0;min-height:100vh;min-height:100svh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);\
        color:var(--ink);font:1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{width:100%;max-width:34rem;padding:2.5rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;overflow-wrap:anywhere}
        h1{margin:0 0 .75rem;font-size:clamp(1.6rem,6vw,2.1rem);line-height:1.2;letter-spacing:-.01em;text-wrap:balance}
        p{margin:0 0 1.5rem}
        a{display:inline-block;padding:.7rem 1.3rem;border-radius:.6rem;background:var(--act);color:var(--on);font-weight:600;text-decoration:none}
        a:hover{text-decoration:underline}
        a:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
        .id{margin:0;font-size:.8125rem;color:var(--soft)}
        code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        @media(max-width:30rem){main{padding:1.75rem 1.5rem}}
        """

    static func escaped(_ text: String) -> String {
        var out = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}
