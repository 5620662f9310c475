import Response
import Spec
import World

/// MTTA and MTTR of one service, or of one part of the period.
struct FigureItem: Sendable {
    var service: String?
    var start: Moment?
    var times: ResponseTimes
}

extension Endpoint {
    static let figures: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/figures", summary: "MTTA and MTTR of a period, by service, day, week or month.",
            permission: .readIncidents,
            parameters: period + [
                .init(
                    name: "by", shape: .choice(["service", "day", "week", "month"]),
                    about: "What each item is about; `service` by default. Days, weeks and months are those of UTC.")
            ], returns: .page(of: "Figures")
        ) { call throws(Problem) in
            let by = call.query.first("by") ?? "service"
            let parts = ResponseTimes.Period(rawValue: by)
            guard by == "service" || parts != nil else {
                throw .invalid("by", "by is none of service, day, week, month")
            }
            return try later(call, parts ?? .month) { figures in
                let items =
                    parts == nil
                    ? figures.services.sorted { $0.service < $1.service }.map {
                        FigureItem(service: $0.service.isEmpty ? nil : $0.service, times: $0.times)
                    } : figures.spans.map { FigureItem(start: $0.start, times: $0.times) }
                return .page(items, of: .figures, next: nil)
            }
        },
        Endpoint(
            method: "GET", path: "/figures/people", summary: "How often each person was paged, the most first.",
            permission: .readIncidents, parameters: period, returns: .page(of: "PersonPages")
        ) { call throws(Problem) in
            try later(call, .month) { .page($0.people, of: .pages, next: nil) }
        },
        Endpoint(
            method: "GET", path: "/figures/alerts", summary: "How many incidents each alert opened, the most first.",
            permission: .readIncidents, parameters: period, returns: .page(of: "Noise")
        ) { call throws(Problem) in
            try later(call, .month) { .page(Array($0.noises.prefix(100)), of: .noise, next: nil) }
        },
    ]

    private static let period: [Parameter] = [
        .init(name: "from", shape: .moment, about: "Opened from then on; 30 days ago by default."),
        .init(name: "to", shape: .moment, about: "Opened before then; now by default."),
        .init(name: "service", shape: .text, about: "Only of this service."),
    ]

    /// Shows the figures of a call's period, made beside the event loop.
    private static func later(
        _ call: APICall, _ parts: ResponseTimes.Period, _ show: @escaping @Sendable (IncidentFigures) -> APIReply
    ) throws(Problem) -> APIReply {
        let to = try call.momentParameter("to") ?? call.now + .milliseconds(1)
        let from = try call.momentParameter("from") ?? to - .seconds(30 * 86_400)
        guard parts == .month || to - from <= .seconds(3660 * 86_400) else {
            throw .invalid("from", "from is ten years before to at most")
        }
        let service = call.query.first("service").flatMap { $0.isEmpty ? nil : $0 }
        let read = call.past(from)
        return .later {
            show(
                IncidentFigures(
                    of: try await read(), openedFrom: from, to: to, by: parts, zone: .utc, service: service))
        }
    }
}

extension Resource where Value == FigureItem {
    static let figures = Resource(
        name: "Figures", about: "How quickly incidents were taken on and ended.",
        members: [
            .maybe("service", "Of which service; missing for those of none, and for parts of the period.") {
                $0.service
            },
            .maybeMoment("startsAt", "Of which part of the period: when it begins.") { $0.start },
            .integer("incidents", "How many were opened.") { $0.times.incidents },
            .integer("acknowledged", "How many were ever acknowledged.") { $0.times.acknowledged },
            .integer("resolved", "How many are resolved.") { $0.times.resolved },
            .maybeNumber("mttaSeconds", "Mean time to acknowledge.") {
                $0.times.meanToAcknowledge.map { $0 / .seconds(1) }
            },
            .maybeNumber("mttrSeconds", "Mean time to resolve.") { $0.times.meanToResolve.map { $0 / .seconds(1) } },
        ])
}

extension Resource where Value == IncidentFigures.Pages {
    static let pages = Resource(
        name: "PersonPages", about: "How often somebody was asked to act.",
        members: [
            .text("person", "Who.") { $0.person },
            .integer("pages", "Messages that were sent to them, by any way.") { $0.pages },
            .integer("incidents", "Incidents that these were about.") { $0.incidents },
        ])
}

extension Resource where Value == IncidentFigures.Noise {
    static let noise = Resource(
        name: "Noise", about: "An alert that opened incidents.",
        members: [
            .text("alert", "Its name; where that is not known, the incidents' title.") { $0.alert },
            .maybe("service", "Of which service.") { $0.service },
            .integer("incidents", "How many it opened.") { $0.incidents },
            .integer("unanswered", "How many of them were over before anybody acknowledged them.") { $0.unanswered },
            .moment("lastAt", "When it opened the last one.") { $0.last },
        ])
}
