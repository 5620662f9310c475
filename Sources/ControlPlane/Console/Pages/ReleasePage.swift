import Response

/// The latest releases.
struct ReleaseListView: Sendable {
    static let rows = 50

    var service: String
    var services: [String]
    var releases: [ReleaseRecord]
    /// The release that serves each service.
    var current: Set<String>
    var isFirst: Bool
    var next: String?

    init(_ data: ConsoleData, service: String, after: ListCursor?) {
        self.service = service
        isFirst = after == nil
        let book = data.responder.releases
        var named = Set(data.services)
        var pick = Pick<(ListCursor, ReleaseRecord)>(Self.rows + 1) { ListCursor.comesBefore($0.0, $1.0) }
        for record in book.records.values {
            named.formUnion(record.services)
            guard service.isEmpty || record.services.contains(service) else { continue }
            let cursor = ListCursor(record.began, record.id)
            if let after, !ListCursor.comesBefore(after, cursor) { continue }
            pick.take((cursor, record))
        }
        services = named.sorted()
        releases = pick.first.prefix(Self.rows).map(\.1)
        let shown = Set(releases.flatMap(\.services))
        current = Set(shown.compactMap { book.current(of: $0)?.id })
        if pick.first.count > Self.rows, let last = pick.first.dropLast().last {
            next = "/releases" + PathText.query([("service", service), ("after", last.0.text)])
        }
    }
}

extension PageContext {
    func releaseList(_ view: ReleaseListView) -> Sheet {
        let rows = view.releases.map { record -> HTML in
            let took = record.ended.map { self[.length($0 - record.began)] } ?? "–"
            return """
                <tr data-row id="\(record.id)">
                <th scope="row">\(record.version ?? record.id)\(record.version == nil ? .nothing : "<span class=\"id\">\(record.id)</span>")</th>
                <td>\(badge(record.verdict))\(view.current.contains(record.id) ? tag(.serves, "medium") : .nothing)\
                \(record.verdict.reason.map { "<p class=\"small\">\($0)</p>" as HTML } ?? .nothing)</td>
                <td>\(record.services.joined(separator: ", "))</td>
                <td>\(record.environment ?? "–")</td>
                <td>\(record.by)</td>
                <td>\(at(record.began))</td>
                <td>\(took)</td>
                <td>\(self[record.migration.phrase])</td>
                </tr>
                """
        }
        let services = [("", self[.all])] + view.services.map { ($0, $0) }
        let heads: [Phrase] = [.release, .state, .services, .environment, .who, .when, .took, .migration]
        let first = "/releases" + PathText.query([("service", view.service)])
        let body: HTML = """
            <h1>\(self[.releases])</h1>
            <form class="filters" role="search" method="get" action="\(url("/releases"))" aria-label="\(self[.filters])">
            \(choice(.service, "service", id: "f-service", services, selected: view.service))
            <button>\(self[.filter])</button>
            </form>
            <div id="release-list" data-live="releases">
            \(rows.isEmpty ? empty(.noRelease, .rocket) : table(self[.releases], heads, rows))
            \(more(view.next, isFirst: view.isFirst, first: first))
            </div>
            """
        return Sheet(title: self[.releases], section: .releases, body: body)
    }
}

extension Phrase {
    static var release: Phrase { Phrase("Release", "Livraison") }
    static var environment: Phrase { Phrase("Environment", "Environnement") }
    static var took: Phrase { Phrase("Took", "A duré") }
    static var migration: Phrase { Phrase("Migration", "Migration") }
    static var serves: Phrase { Phrase("Serves", "En service") }
    static var noRelease: Phrase { Phrase("Nothing was shipped yet.", "Rien n’a encore été livré.") }
}
