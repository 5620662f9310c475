package import Spec

/// A database or cache that is there while a step runs, empty at first and gone afterwards.
package struct PipelineStore: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable { case postgres, redis }

    package var name: ResourceName
    package var kind: Kind
    /// The major version.
    package var version: Int
    package var database: String
    /// The variables by which the services of a source name it.
    package var variables: [Variable]

    /// Text with the store's own facts in it.
    package struct Variable: Sendable, Hashable {
        package enum Part: Sendable, Hashable {
            case text(String)
            case url, host, port, user, password, database
        }

        package var name: String
        package var parts: [Part]

        package init(_ name: String, _ parts: [Part]) {
            self.name = name
            self.parts = parts
        }
    }

    package init(name: ResourceName, kind: Kind, version: Int, database: String, variables: [Variable]) {
        self.name = name
        self.kind = kind
        self.version = version
        self.database = database
        self.variables = variables
    }

    /// What the services of one source use and a machine can have for a moment, sorted by name.
    ///
    /// A variable that names two resources, or a service, is left out: a test that needs it says its own.
    static func of(_ services: [Service], in platform: Platform) -> [PipelineStore] {
        var found: [ResourceName: PipelineStore] = [:]
        for service in services {
            for edge in service.uses.keys {
                let name: ResourceName = edge.cast()
                guard let resource = platform.resources[name] else { continue }
                let database = resource.database ?? platform.name.text.replacing("-", with: "_")
                switch resource.kind {
                case .postgres:
                    found[name] = PipelineStore(
                        name: name, kind: .postgres, version: resource.version ?? ImageBases.postgres,
                        database: database, variables: [])
                case .redis:
                    found[name] = PipelineStore(
                        name: name, kind: .redis, version: resource.version ?? ImageBases.redis, database: "0",
                        variables: [])
                case .bucket, .topic, .cluster: break
                }
            }
        }
        var taken: Set<String> = []
        for service in services {
            for (variable, template) in service.env.sorted(by: { $0.key < $1.key }) where !taken.contains(variable) {
                guard let (owner, parts) = parts(template, among: found) else { continue }
                taken.insert(variable)
                found[owner]?.variables.append(Variable(variable, parts))
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    private static func parts(
        _ template: Template, among stores: [ResourceName: PipelineStore]
    ) -> (ResourceName, [Variable.Part])? {
        var owner: ResourceName?
        var parts: [Variable.Part] = []
        for part in template.parts {
            switch part {
            case .text(let text): parts.append(.text(text))
            case .placeholder(let name, let attribute):
                guard let name = ResourceName(name), stores[name] != nil, owner == nil || owner == name,
                    let fact = attribute.flatMap(Variable.Part.init(attribute:))
                else { return nil }
                owner = name
                parts.append(fact)
            }
        }
        return owner.map { ($0, parts) }
    }
}

extension PipelineStore.Variable.Part {
    init?(attribute: String) {
        switch attribute {
        case "url": self = .url
        case "host": self = .host
        case "port": self = .port
        case "user": self = .user
        case "password": self = .password
        case "database": self = .database
        default: return nil
        }
    }
}
