import Response

/// The audit log: who did what from where, and whether its chain holds.
extension PageContext {
    func audit(_ view: ConsoleData.AuditPage, isFirst: Bool) -> Sheet {
        let rows = view.lines.map { line -> HTML in
            """
            <tr data-row\(attribute: "class", view.broken == line.number ? "warn" : nil)>
            <td class="id">\(line.number)</td><td>\(at(line.at))</td><th scope="row">\(line.who)</th>
            <td class="wide-cell">\(line.what)</td><td><code>\(line.from)</code></td></tr>
            """
        }
        let chain =
            view.broken.map { notice(self[.chainBroken($0)], kind: "bad") }
            ?? "<p class=\"line lead\">\(Icon.ok.html)\(self[.chainHolds])</p>"
        let body: HTML = """
            <h1>\(self[.audit])</h1>
            \(chain)
            \(rows.isEmpty ? empty(.noLine, .scroll) : table(self[.audit], [.number, .when, .who, .what, .fromWhere], rows))
            \(more(view.next.map { "/audit?before=\($0)" }, isFirst: isFirst, first: "/audit"))
            """
        return Sheet(title: self[.audit], section: .audit, body: body)
    }
}

extension Phrase {
    static var chainHolds: Phrase {
        Phrase(
            "Every line carries the hash of the one before: the chain holds.",
            "Chaque ligne porte l’empreinte de la précédente\u{a0}: la chaîne tient.")
    }
    static func chainBroken(_ number: Int) -> Phrase {
        Phrase(
            "The chain does not hold at line \(number): somebody has changed the log.",
            "La chaîne est rompue à la ligne \(number)\u{a0}: quelqu’un a modifié le journal.")
    }
    static var noLine: Phrase { Phrase("Nothing was done yet.", "Rien n’a encore été fait.") }
    static var number: Phrase { Phrase("No.", "N°") }
    static var fromWhere: Phrase { Phrase("From", "Depuis") }
}
