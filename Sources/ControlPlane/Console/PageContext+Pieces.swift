import Response
import Spec

/// What pages are put together from.
extension PageContext {
    // MARK: Badges

    /// A severity, told by its word, its shape and its colour.
    func badge(_ level: Level) -> HTML {
        let icon: Icon =
            switch level {
            case .critical: .critical
            case .high: .high
            case .medium: .medium
            case .low: .low
            }
        return "<span class=\"badge \(level.rawValue)\">\(icon.html)\(self[level.phrase])</span>"
    }

    func badge(_ status: Incident.Status) -> HTML {
        let kind =
            switch status {
            case .triggered: "triggered"
            case .acknowledged: "acknowledged"
            case .resolved: "resolved"
            case .merged: "quiet"
            }
        return "<span class=\"badge \(kind)\">\(self[status.phrase])</span>"
    }

    func badge(_ verdict: ReleaseRecord.Verdict) -> HTML {
        let kind =
            switch verdict {
            case .switching: "acknowledged"
            case .kept: "resolved"
            case .returned, .failed: "triggered"
            case .elsewhere: "quiet"
            }
        return "<span class=\"badge \(kind)\">\(self[verdict.phrase])</span>"
    }

    func badge(_ state: Silence.State) -> HTML {
        let kind =
            switch state {
            case .active: "acknowledged"
            case .pending: "medium"
            case .expired: "quiet"
            }
        return "<span class=\"badge \(kind)\">\(self[state.phrase])</span>"
    }

    func tag(_ text: Phrase, _ kind: String = "quiet") -> HTML { "<span class=\"badge \(kind)\">\(self[text])</span>" }

    /// The labels of an alert as small tags, without those that stand elsewhere.
    func labels(_ labels: LabelSet, without hidden: Set<String> = []) -> HTML {
        let tags = labels.labels.filter { !hidden.contains($0.name) }.map { label -> HTML in
            "<li><span>\(label.name)</span>\(label.value)</li>"
        }
        return tags.isEmpty ? .nothing : "<ul class=\"labels\">\(tags)</ul>"
    }

    func matchers(_ matchers: [Matcher]) -> HTML {
        "<ul class=\"labels\">\(matchers.map { "<li><code>\($0.description)</code></li>" as HTML })</ul>"
    }

    // MARK: Links

    func link(_ path: String, _ text: String) -> HTML { "<a href=\"\(url(path))\">\(text)</a>" }

    func link(incident id: String) -> HTML { link("/incidents/\(PathText.segment(id))", id) }

    /// A link that leaves the console: only to the web.
    func outside(_ address: String, _ text: String) -> HTML {
        guard address.hasPrefix("https://") || address.hasPrefix("http://") else { return HTML(text) }
        return "<a href=\"\(address)\" rel=\"noopener noreferrer\">\(text)</a>"
    }

    // MARK: Tables

    /// A table that scrolls by itself where it is too wide; on a phone each row is a card.
    ///
    /// - Parameter rows: whole `<tr>` elements with a cell for each head.
    func table(_ caption: String, _ heads: [Phrase], _ rows: [HTML]) -> HTML {
        let names = heads.map { self[$0] }
        return """
            <div class="table list" role="region" aria-label="\(caption)" tabindex="0">
            <table>
            <caption class="unseen">\(caption)</caption>
            <thead><tr>\(names.map { "<th scope=\"col\">\($0)</th>" as HTML })</tr></thead>
            <tbody>
            \(rows.map { Self.labelled($0, names) })
            </tbody>
            </table>
            </div>
            """
    }

    /// Each cell of a row with the name of its column, for where the heads are not seen.
    private static func labelled(_ row: HTML, _ names: [String]) -> HTML {
        var labelled: HTML = ""
        var rest = row.text[...]
        for name in names {
            // What people wrote is escaped: only cells begin like this.
            guard
                let cell = ["<td", "<th"].compactMap({ rest.firstRange(of: $0) }).min(by: {
                    $0.lowerBound < $1.lowerBound
                })
            else { break }
            labelled += "\(raw: String(rest[..<cell.upperBound]))\(attribute: "data-label", name)"
            rest = rest[cell.upperBound...]
        }
        return labelled + HTML(raw: String(rest))
    }

    /// Says that a list has nothing.
    func empty(_ text: Phrase, _ icon: Icon = .ok) -> HTML {
        "<p class=\"empty\">\(icon.html)\(self[text])</p>"
    }

    func more(_ next: String?, isFirst: Bool, first: String) -> HTML {
        guard next != nil || !isFirst else { return .nothing }
        let back: HTML = isFirst ? .nothing : "<a class=\"button\" href=\"\(url(first))\">\(self[.firstPage])</a>"
        let on: HTML =
            next.map { "<a class=\"button\" rel=\"next\" href=\"\(url($0))\">\(self[.nextPage])</a>" } ?? .nothing
        return "<nav class=\"more\" aria-label=\"\(self[.pagesOfList])\">\(back)\(on)</nav>"
    }

    // MARK: Forms

    /// A form that changes something; without the role for it, nothing.
    func form(_ path: String, class kind: String = "", label: String? = nil, _ content: HTML) -> HTML {
        """
        <form method="post" action="\(url(path))" class="\(kind)"\(attribute: "aria-label", label)>
        \(token)\(content)
        </form>
        """
    }

    /// One button that does one thing.
    func action(_ path: String, _ text: Phrase, kind: String = "", about: String? = nil) -> HTML {
        let name: String? = about.map { "\(self[text]) \($0)" }
        return form(
            path, class: "inline", "<button class=\"\(kind)\"\(attribute: "aria-label", name)>\(self[text])</button>")
    }

    func field(
        _ label: Phrase, _ name: String, id: String, value: String = "", type: String = "text", hint: Phrase? = nil,
        isRequired: Bool = true, more: HTML = .nothing
    ) -> HTML {
        """
        <div class="field">
        <label for="\(id)">\(self[label])</label>
        <input id="\(id)" name="\(name)" type="\(type)" value="\(value)"\(flag: "required", isRequired)\
        \(attribute: "aria-describedby", hint.map { _ in id + "-hint" }) \(more)>
        \(hint.map { "<p class=\"hint\" id=\"\(id)-hint\">\(self[$0])</p>" as HTML } ?? .nothing)
        </div>
        """
    }

    func area(_ label: Phrase, _ name: String, id: String, value: String = "", rows: Int = 3) -> HTML {
        """
        <div class="field">
        <label for="\(id)">\(self[label])</label>
        <textarea id="\(id)" name="\(name)" rows="\(rows)" required>\(value)</textarea>
        </div>
        """
    }

    /// - Parameter options: values and what they are called.
    func choice(
        _ label: Phrase, _ name: String, id: String, _ options: [(String, String)], selected: String? = nil
    ) -> HTML {
        let list = options.map { value, text -> HTML in
            "<option value=\"\(value)\"\(flag: "selected", value == selected)>\(text)</option>"
        }
        return """
            <div class="field">
            <label for="\(id)">\(self[label])</label>
            <select id="\(id)" name="\(name)">\(list)</select>
            </div>
            """
    }

    /// A time as the reader's clock shows it.
    func timeField(_ label: Phrase, _ name: String, id: String, _ moment: Moment) -> HTML {
        field(label, name, id: id, value: TimeText.local(moment, zone), type: "datetime-local")
    }

    /// A form that is out of the way until it is asked for.
    func disclosure(_ summary: Phrase, id: String, isOpen: Bool = false, _ content: HTML) -> HTML {
        """
        <details class="form" id="\(id)"\(flag: "open", isOpen)><summary>\(self[summary])</summary>
        \(content)
        </details>
        """
    }

    /// What was just done, or could not be.
    func notice(_ text: String, kind: String = "good") -> HTML {
        "<p class=\"notice \(kind)\" role=\"\(kind == "good" ? "status" : "alert")\">\(text)</p>"
    }
}
