import Response
import World

extension Endpoint {
    /// Every endpoint; of two that match a path the first is taken.
    static let all: [Endpoint] =
        incidents + alerts + silences + maintenance + onCall + releases + services + people
        + integrations + itself

    /// Every object that they show.
    static let schemas: [APISchema] = [
        Resource<Incident>.incident.schema, Resource<IncidentItem>.details.schema, Resource<Incident.Link>.link.schema,
        Resource<Incident.Entry>.entry.schema,
        Resource<Page>.page.schema, Resource<Page.Line>.line.schema, Resource<RemedyRun>.remedy.schema,
        Resource<AlertItem>.alert.schema,
        Resource<SilenceItem>.silence.schema, Resource<MaintenanceItem>.maintenance.schema,
        Resource<OnCallItem>.onCall.schema, Resource<Shift>.shift.schema,
        Resource<OnCallSchedule.Override>.override.schema, Resource<IntegrationItem>.integration.schema,
        Resource<IntegrationKey>.key.schema, Resource<AuditLine>.auditLine.schema,
        Resource<ReleaseRecord>.release.schema, Resource<PersonItem>.person.schema, Resource<FigureItem>.figures.schema,
        Resource<IncidentFigures.Pages>.pages.schema,
        Resource<IncidentFigures.Noise>.noise.schema,
        Resource<ServiceItem>.service.schema, Resource<SignalBoard.Point>.point.schema,
    ]

    static let cursor = Parameter(name: "cursor", shape: .text, about: "`next` of the page before.")
    static let limit = Parameter(
        name: "limit", shape: .within(1...500), about: "Items of a page, 1 to 500; 50 by default.")

    static func member(_ name: String, _ shape: Shape, _ about: String) -> APISchema.Member {
        .init(name: name, shape: shape, about: about, isRequired: true)
    }

    static func maybe(_ name: String, _ shape: Shape, _ about: String) -> APISchema.Member {
        .init(name: name, shape: shape, about: about, isRequired: false)
    }

    private static let itself: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/events", summary: "Says what changed, as it changes.", permission: .readIncidents,
            returns: .live
        ) { _ in .live }
    ]
}

extension APIReply {
    /// A page of a list.
    static func page<Value>(_ items: [Value], of resource: Resource<Value>, next: String?) -> APIReply {
        var members: [JSONValue.Member] = [.init("items", .array(items.map(resource.json)))]
        if let next { members.append(.init("next", .string(next))) }
        return .json(.object(members))
    }
}
