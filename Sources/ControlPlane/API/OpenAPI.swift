import World

/// The description of the API: OpenAPI 3.1, made from the endpoints themselves.
enum OpenAPI {
    static var document: JSONValue {
        .object([
            .init("openapi", .string("3.1.0")),
            .init(
                "info",
                .object([
                    .init("title", .string("Hauban")), .init("version", .string("1")),
                    .init(
                        "description",
                        .string("Alerts, incidents and on-call of a platform. Refusals are problem details (RFC 9457).")
                    ),
                ])),
            .init("servers", .array([.object([.init("url", .string("/api/v1"))])])),
            .init("security", .array([.object([.init("token", .array([]))])])),
            .init("paths", paths),
            .init(
                "components",
                .object([
                    .init("schemas", schemas),
                    .init("responses", .object([.init("Problem", refusal)])),
                    .init(
                        "securitySchemes",
                        .object([
                            .init(
                                "token",
                                .object([.init("type", .string("http")), .init("scheme", .string("bearer"))]))
                        ])),
                ])),
        ])
    }

    private static var schemas: JSONValue {
        var all = Endpoint.schemas
        all.append(
            APISchema(
                name: "Problem", about: "Why something was not done (RFC 9457).",
                members: [
                    .init(name: "type", shape: .text, about: "The kind of problem.", isRequired: true),
                    .init(name: "title", shape: .text, about: "The kind in words.", isRequired: true),
                    .init(name: "status", shape: .integer, about: "The HTTP status.", isRequired: true),
                    .init(name: "detail", shape: .text, about: "This occurrence in words.", isRequired: true),
                    .init(name: "instance", shape: .text, about: "This occurrence.", isRequired: false),
                    .init(name: "member", shape: .text, about: "What of the request is wrong.", isRequired: false),
                    .init(name: "needs", shape: .text, about: "The permission that lacks.", isRequired: false),
                    .init(name: "seconds", shape: .integer, about: "When to try again.", isRequired: false),
                ]))
        return .object(all.map { .init($0.name, $0.json) })
    }

    private static var refusal: JSONValue {
        .object([
            .init("description", .string("It was not done.")),
            .init("content", content("application/problem+json", Shape.object("Problem").schema)),
        ])
    }

    private static func content(_ type: String, _ schema: JSONValue) -> JSONValue {
        .object([.init(type, .object([.init("schema", schema)]))])
    }

    private static var paths: JSONValue {
        var order: [String] = []
        var byPath: [String: [JSONValue.Member]] = [:]
        for endpoint in Endpoint.all {
            if byPath[endpoint.path] == nil { order.append(endpoint.path) }
            byPath[endpoint.path, default: []].append(.init(endpoint.method.lowercased(), operation(endpoint)))
        }
        return .object(order.map { .init($0, .object(byPath[$0] ?? [])) })
    }

    private static func operation(_ endpoint: Endpoint) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("operationId", .string(identity(endpoint))), .init("summary", .string(endpoint.summary)),
        ]
        if let permission = endpoint.permission {
            members.append(.init("description", .string("Needs the scope `\(permission.rawValue)`.")))
        } else {
            members.append(.init("security", .array([])))
        }
        let inPath = endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            JSONValue.object([
                .init("name", .string(String(segment.dropFirst().dropLast()))), .init("in", .string("path")),
                .init("required", .bool(true)), .init("schema", Shape.text.schema),
            ])
        }
        let inQuery = endpoint.parameters.map { parameter in
            JSONValue.object([
                .init("name", .string(parameter.name)), .init("in", .string("query")),
                .init("description", .string(parameter.about)), .init("schema", parameter.shape.schema),
            ])
        }
        if !inPath.isEmpty || !inQuery.isEmpty { members.append(.init("parameters", .array(inPath + inQuery))) }
        if let body = endpoint.body {
            let schema = APISchema(name: "", about: endpoint.summary, members: body.members)
            members.append(
                .init(
                    "requestBody",
                    .object([
                        .init("required", .bool(body.members.contains(where: \.isRequired))),
                        .init("content", content("application/json", schema.json)),
                    ])))
        }
        members.append(.init("responses", responses(endpoint)))
        return .object(members)
    }

    private static func responses(_ endpoint: Endpoint) -> JSONValue {
        var good: [JSONValue.Member] = [.init("description", .string("It was done."))]
        var status = "\(endpoint.status)"
        switch endpoint.returns {
        case .object(let name):
            good.append(.init("content", content("application/json", Shape.object(name).schema)))
        case .page(let name):
            let page = APISchema(
                name: "", about: "A page of the list.",
                members: [
                    .init(name: "items", shape: .list(.object(name)), about: "The page.", isRequired: true),
                    .init(
                        name: "next", shape: .text, about: "`cursor` of the next page; missing on the last.",
                        isRequired: false),
                ])
            good.append(.init("content", content("application/json", page.json)))
        case .text(let type): good.append(.init("content", content(type, Shape.text.schema)))
        case .live: good.append(.init("content", content("text/event-stream", Shape.text.schema)))
        case .nothing: status = "204"
        }
        return .object([
            .init(status, .object(good)),
            .init("default", .object([.init("$ref", .string("#/components/responses/Problem"))])),
        ])
    }

    /// `post-incidents-id-acknowledge`.
    private static func identity(_ endpoint: Endpoint) -> String {
        ([endpoint.method.lowercased()] + endpoint.path.split(separator: "/").map(String.init))
            .joined(separator: "-").filter { $0 != "{" && $0 != "}" }
    }
}
