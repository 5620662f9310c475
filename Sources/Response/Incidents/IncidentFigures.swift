package import Spec

/// What the incidents of a period come to: how many, how bad, how quickly answered, who was woken, and by what.
package struct IncidentFigures: Sendable {
    /// A part of the period.
    package struct Span: Sendable {
        package var start: Moment
        package var times: ResponseTimes
        package var severities: [Level: Int]
    }

    package struct Pages: Hashable, Sendable {
        package var person: String
        package var pages: Int
        /// How many incidents they were about.
        package var incidents: Int
    }

    /// An alert, by how many incidents it opened.
    package struct Noise: Hashable, Sendable {
        /// Its name; where that was not kept, the incident's title.
        package var alert: String
        package var service: String?
        package var incidents: Int
        /// How many of them nobody had to acknowledge before they were over.
        package var unanswered: Int
        package var last: Moment
    }

    package var whole: ResponseTimes
    package var severities: [Level: Int] = [:]
    /// Those with the most incidents first; `""` for none.
    package var services: [(service: String, times: ResponseTimes)]
    package var spans: [Span]
    /// Those who were paged most first.
    package var people: [Pages]
    /// The noisiest first.
    package var noises: [Noise]
    package var pages: Int { people.reduce(0) { $0 + $1.pages } }

    /// - Parameters:
    ///   - incidents: also of other times; merged ones count with the one that they were merged into, their pages count.
    ///   - service: `nil` for all.
    package init(
        of incidents: some Sequence<Incident>, openedFrom start: Moment, to end: Moment,
        by period: ResponseTimes.Period, zone: ZoneRules, service: String? = nil
    ) {
        let all = incidents.filter { incident in
            incident.opened >= start && incident.opened < end && (service == nil || incident.service == service)
        }
        let counted = all.filter { if case .merged = $0.status { false } else { true } }
        whole = ResponseTimes(of: counted, openedFrom: start, to: end)
        services = ResponseTimes.byService(of: counted, openedFrom: start, to: end)
            .map { ($0.key, $0.value) }.sorted { ($1.1.incidents, $0.0) < ($0.1.incidents, $1.0) }
        spans = ResponseTimes.by(period, of: counted, from: start, to: end, zone: zone)
            .map { Span(start: $0.start, times: $0.times, severities: [:]) }
        for incident in counted {
            severities[incident.severity, default: 0] += 1
            if let index = spans.lastIndex(where: { $0.start <= incident.opened }) {
                spans[index].severities[incident.severity, default: 0] += 1
            }
        }
        people = Self.people(all)
        noises = Self.noises(counted)
    }

    private static func people(_ incidents: [Incident]) -> [Pages] {
        var found: [String: Pages] = [:]
        for incident in incidents {
            for (person, count) in incident.paged ?? [:] {
                var pages = found[person] ?? Pages(person: person, pages: 0, incidents: 0)
                pages.pages += count
                pages.incidents += 1
                found[person] = pages
            }
        }
        return found.values.sorted { ($1.pages, $0.person) < ($0.pages, $1.person) }
    }

    private static func noises(_ incidents: [Incident]) -> [Noise] {
        struct Key: Hashable {
            var alert: String
            var service: String?
        }
        var found: [Key: Noise] = [:]
        for incident in incidents {
            let key = Key(alert: incident.alert ?? incident.title, service: incident.service)
            var noise =
                found[key]
                ?? Noise(alert: key.alert, service: key.service, incidents: 0, unanswered: 0, last: incident.opened)
            noise.incidents += 1
            if incident.firstAcknowledged == nil, !incident.isOpen { noise.unanswered += 1 }
            noise.last = max(noise.last, incident.opened)
            found[key] = noise
        }
        return found.values.sorted {
            ($1.incidents, $0.alert, $0.service ?? "") < ($0.incidents, $1.alert, $1.service ?? "")
        }
    }
}
