import Response
import Spec
import World

/// An integration with its keys, and the text of a new one where there is one.
struct IntegrationItem: Sendable {
    var integration: Integration
    var keys: [IntegrationKey]
    var key: String?
}

/// What a change of integrations comes to.
struct KeysChange: Sendable {
    var reply: APIReply
    var saves: [Record] = []
    var drops: [Record.Key] = []
}

extension Resource where Value == IntegrationKey {
    static let key = Resource(
        name: "IntegrationKey", about: "What a sender shows; its text is shown once and never kept.",
        members: [
            .text("id", "Its identity: the beginning of its text.") { $0.id },
            .moment("createdAt", "When it was made.") { $0.created }, .text("createdBy", "By whom.") { $0.createdBy },
            .maybeMoment("expiresAt", "Until when it is good.") { $0.expires },
            .maybeMoment("revokedAt", "When it was taken back.") { $0.revoked },
            .maybeMoment("lastUsedAt", "When it was last used, to some minutes.") { $0.lastUsed },
        ])
}

extension Resource where Value == IntegrationItem {
    static let integration = Resource(
        name: "Integration", about: "Somebody who sends alerts.",
        members: [
            .text("name", "Its name.") { $0.integration.name },
            .choice("sender", "Whose messages it takes.", Integration.Sender.allCases.map(\.rawValue)) {
                $0.integration.sender.rawValue
            },
            .map("labels", "Given to alerts that do not say them.") { $0.integration.labels },
            .choice("severity", "Of alerts whose sender names none that is known.", Level.words) {
                $0.integration.level.rawValue
            },
            .list("keys", "Its keys, the oldest first.", of: .key) { $0.keys },
            .maybe("key", "The text of a new key: shown this once.") { $0.key },
        ])
}

extension Resource where Value == AuditLine {
    static let auditLine = Resource(
        name: "AuditLine", about: "A line of the audit log.",
        members: [
            .integer("number", "Its place, from 1.") { $0.number }, .moment("at", "When.") { $0.at },
            .text("who", "Who did it.") { $0.event.who }, .text("from", "From which address.") { $0.event.from },
            .text("what", "What.") { $0.event.what }, .text("on", "On what.") { $0.event.on },
            .text("before", "What was before.") { $0.event.before }, .text("after", "What is now.") { $0.event.after },
            .text("hash", "Over the line and the hash of the one before.") { $0.hash.hex },
        ])
}

extension Endpoint {
    static let integrations: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/integrations", summary: "Lists who sends alerts.", permission: .readAlerts,
            returns: .page(of: "Integration")
        ) { call in
            let all = call.keys.integrations.values.sorted { $0.name < $1.name }
                .map { IntegrationItem(integration: $0, keys: call.keys.keys(of: $0.name)) }
            return .page(all, of: .integration, next: nil)
        },
        Endpoint(
            method: "POST", path: "/integrations", summary: "Adds somebody who sends alerts; answers with their key.",
            permission: .administer,
            body: Body(members: [
                member("name", .text, "Its name, as the label `integration` of its alerts."),
                member("sender", .choice(Integration.Sender.allCases.map(\.rawValue)), "Whose messages it takes."),
                maybe("labels", .map(.text), "Given to alerts that do not say them."),
                maybe("severity", .choice(Level.words), "Of alerts whose sender names none; `high` by default."),
            ]), returns: .object("Integration"), status: 201, run: add),
        Endpoint(
            method: "POST", path: "/integrations/{name}/rotate",
            summary: "Gives it a new key; the ones before stay good for a while.", permission: .administer,
            body: Body(members: [
                maybe("keepSeconds", .within(0...2_678_400), "How long the ones before stay good; a day by default.")
            ]), returns: .object("Integration"), run: rotate),
        Endpoint(
            method: "DELETE", path: "/integrations/{name}", summary: "Takes it and its keys away.",
            permission: .administer, returns: .nothing
        ) { call in
            let name = call.segment("name")
            return .keys { keys throws(Problem) in
                do throws(IntegrationKeys.Refusal) {
                    return KeysChange(reply: .nothing, drops: try keys.remove(name))
                } catch { throw Problem(error) }
            }
        },
        Endpoint(
            method: "GET", path: "/audit", summary: "Lists the audit log, the latest line first.",
            permission: .readAudit, parameters: [cursor, limit], returns: .page(of: "AuditLine")
        ) { call throws(Problem) in
            let limit = try call.limit()
            let before = call.query.first("cursor").flatMap { Int($0) }
            let store = call.store
            return .later {
                let found = try await store.audit(before: before, limit: limit + 1)
                let page = found.prefix(limit).compactMap { AuditLine.read($0.body)?.line }
                return .page(page, of: .auditLine, next: found.count > limit ? page.last.map { "\($0.number)" } : nil)
            }
        },
    ]

    @Sendable
    private static func add(_ call: APICall) throws(Problem) -> APIReply {
        var labels: [String: String] = [:]
        if case .object(let members)? = call.body["labels"] {
            for member in members { labels[member.key] = member.value.string }
        }
        let integration = Integration(
            name: call.text("name") ?? "",
            sender: call.text("sender").flatMap(Integration.Sender.init(rawValue:)) ?? .json, labels: labels,
            level: call.text("severity").flatMap(Level.init(rawValue:)) ?? .high, created: call.now,
            createdBy: call.actor)
        let random = RandomBytes.live.take(IntegrationKey.randomBytes)
        return .keys { keys throws(Problem) in
            do throws(IntegrationKeys.Refusal) {
                let made = try keys.create(integration, random: random)
                return KeysChange(reply: view(integration.name, keys, made.key, status: 201), saves: made.saves)
            } catch { throw Problem(error) }
        }
    }

    @Sendable
    private static func rotate(_ call: APICall) throws(Problem) -> APIReply {
        var seconds = 86_400
        if case .number(let digits)? = call.body["keepSeconds"], let given = Int(digits) {
            guard (0...31 * 86_400).contains(given) else {
                throw .invalid("keepSeconds", "keepSeconds is from 0 to a month")
            }
            seconds = given
        }
        let (name, actor, now, keep) = (call.segment("name"), call.actor, call.now, seconds)
        let random = RandomBytes.live.take(IntegrationKey.randomBytes)
        return .keys { keys throws(Problem) in
            do throws(IntegrationKeys.Refusal) {
                let made = try keys.rotate(
                    name, oldUntil: now + .seconds(keep), by: actor, random: random, now: now)
                return KeysChange(reply: view(name, keys, made.key, status: 200), saves: made.saves)
            } catch { throw Problem(error) }
        }
    }

    private static func view(_ name: String, _ keys: IntegrationKeys, _ key: String, status: Int) -> APIReply {
        guard let integration = keys.integrations[name] else { return .nothing }
        let view = IntegrationItem(integration: integration, keys: keys.keys(of: name), key: key)
        return .json(Resource<IntegrationItem>.integration.json(view), status: status)
    }
}

extension Problem {
    init(_ refusal: IntegrationKeys.Refusal) {
        switch refusal {
        case .unknownIntegration(let name): self = .notFound("no integration has the name \(name)")
        case .unknownKey(let id): self = .notFound("there is no key \(id)")
        case .nameTaken(let name): self = .conflict("an integration has the name \(name) already")
        case .badName(let name):
            self = .invalid("name", "\(name) has a blank or a slash, or more than 100 bytes, or none")
        default: self = .conflict("\(refusal)")
        }
    }
}
