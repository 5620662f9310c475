import Spec

/// A draft of what is written after an incident: what is known is filled in, what people have to say is asked.
package enum Postmortem {
    /// Markdown. Times are those of the zone.
    package static func draft(
        _ incident: Incident, zone: ZoneRules = .utc, _ language: Language = .english
    ) -> String {
        Draft(incident: incident, zone: zone, language: language).text
    }

    private struct Draft {
        let incident: Incident
        let zone: ZoneRules
        let language: Language

        private subscript(_ word: PostmortemWord) -> String { word.phrase.text(language) }

        private subscript(_ phrase: Phrase) -> String { phrase.plain.text(language) }

        private func heading(_ word: PostmortemWord) -> [String] { ["", "## \(self[word])", ""] }

        var text: String {
            var lines = ["# \(escaped(incident.title))", ""]
            lines += table([self[.incident], incident.id], facts)
            lines += heading(.summary) + ["_\(self[.summaryAsked])_"]
            lines += heading(.impact) + ["_\(self[.impactAsked])_"]
            lines += ["", "## \(self[.timeline]) (\(zone.name))", ""]
            let words = TimelineWords { clock($0, zone) }
            lines += table(
                [self[.time], self[.who], self[.what]],
                incident.timeline.filter(\.isWorthTelling).map { entry in
                    [clock(entry.at, zone), self[entry.by.phrase], self[words.phrase(entry.deed)]]
                })
            lines += heading(.cause) + suspects(words) + ["_\(self[.causeAsked])_"]
            lines += heading(.lessons) + ["- "]
            lines += heading(.alertsAndPages) + pages
            lines += heading(.actions) + ["| \(self[.action]) | \(self[.owner]) | \(self[.due]) |"]
            lines += ["|---|---|---|", "| | | |", ""]
            return lines.joined(separator: "\n")
        }

        private func time(_ moment: Moment) -> String {
            let length = Phrase.length(moment - incident.opened)
            return "\(clock(moment, zone)), \(self[Phrase("after \(length.english)", "après \(length.french)")])"
        }

        private var facts: [[String]] {
            var facts = [
                [self[.severity], self[incident.severity.phrase.lowercased]],
                [self[.service], incident.service ?? self[.none]], [self[.opened], clock(incident.opened, zone)],
                [self[.acknowledged], incident.firstAcknowledged.map(time) ?? self[.never]],
                [self[.resolved], incident.resolved.map(time) ?? self[.notYet]],
            ]
            if let person = incident.assignee { facts.append([self[.assignedTo], person]) }
            for (role, person) in incident.roles.sorted(by: { $0.key < $1.key }) { facts.append([role, person]) }
            if let runbook = incident.runbook { facts.append([self[.runbook], runbook]) }
            for link in incident.links { facts.append([link.title, link.url]) }
            return facts
        }

        /// What was shipped before it, and what was tried.
        private func suspects(_ words: TimelineWords) -> [String] {
            var records: [ReleaseRecord] = []
            var remedies: [String] = []
            for entry in incident.timeline {
                switch entry.deed {
                case .released(let record):
                    records.removeAll { $0.id == record.id }
                    records.append(record)
                case .remedy(_, .succeeded), .remedy(_, .failed): remedies.append(self[words.phrase(entry.deed)])
                default: break
                }
            }
            var lines = records.map { record in
                let told = record.sentence
                let line = Phrase("Shipped: release \(told.english)", "Livré\u{a0}: livraison \(told.french)")
                return "- \(escaped(self[line]))"
            }
            lines += remedies.map { remedy in
                let first = remedy.split(separator: "\n").first.map(String.init) ?? remedy
                return "- \(escaped(self[Phrase("Tried: \(first)", "Essayé\u{a0}: \(first)")]))"
            }
            return lines.isEmpty ? ["- \(self[.nothingShipped])", ""] : lines + [""]
        }

        private var pages: [String] {
            var told: [String: Int] = [:]
            var failed = 0
            var alerts = 0
            for entry in incident.log {
                switch entry.deed {
                case .paged(_, let who, _, _): told[who, default: 0] += 1
                case .deliveryFailed: failed += 1
                case .alertBegan: alerts += 1
                case .moreAlertsBegan(let count): alerts += count
                default: break
                }
            }
            let who = told.sorted { $0.key < $1.key }.map { "\($0.key) \(self[.number($0.value)])" }
            let names = told.isEmpty ? self[.none] : escaped(who.joined(separator: ", "))
            let (count, failures) = (Phrase.number(alerts), Phrase.number(failed))
            return [
                "- \(self[Phrase("Alerts: \(count.english)", "Alertes\u{a0}: \(count.french)")])",
                "- \(self[Phrase("Pages: \(names)", "Appels\u{a0}: \(names)")])",
                "- "
                    + self[
                        Phrase(
                            "Failed attempts to send: \(failures.english)",
                            "Essais d’envoi échoués\u{a0}: \(failures.french)")], "- _\(self[.pagesAsked])_",
            ]
        }
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
        ["| " + head.joined(separator: " | ") + " |", "|" + head.map { _ in "---|" }.joined()]
            + rows.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" }
    }

    private static func clock(_ moment: Moment, _ zone: ZoneRules) -> String {
        let time = zone.civil(moment)
        return "\(time.day) \(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
    }

    /// In one line, and as text: nothing that an alert says becomes a heading, a row or a tag.
    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "|", "\\", "`", "*", "_", "[", "]", "#": out += "\\" + String(scalar)
            case "<": out += "&lt;"
            case "\n", "\r": out += " "
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension Incident.Entry {
    /// Whether somebody who was not there wants to read it.
    fileprivate var isWorthTelling: Bool {
        switch deed {
        case .delivered, .withdrawn: false
        case .decided(.alreadyTold), .decided(.deferred): false
        default: true
        }
    }
}
