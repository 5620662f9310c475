import Spec

/// Databases and caches that tests may use while they run: empty, and gone with the job.
struct TestStores: Sendable {
    struct Store: Sendable {
        var name: String
        var image: String
        var port: Int
        var isPostgres: Bool
        var database: String
    }

    /// Sorted by name.
    private(set) var stores: [Store] = []
    /// The variables that the services name them by, in their order.
    private(set) var variables: [(name: String, value: String)] = []

    /// - Parameters:
    ///   - sharing: whether all listen on one host.
    ///   - host: where a store listens, by its name.
    init(
        _ services: [(name: ServiceName, service: Service)], in platform: Platform, sharing: Bool = false,
        host: (String) -> String
    ) {
        var found: [String: Store] = [:]
        for (_, service) in services {
            for edge in service.uses.keys {
                guard let resource = platform.resources[edge.cast()] else { continue }
                switch resource.kind {
                case .postgres:
                    found[edge.text] = Store(
                        name: edge.text, image: "postgres:\(resource.version ?? ImageBases.postgres)-alpine",
                        port: 5432,
                        isPostgres: true, database: resource.database ?? platform.name.text.replacing("-", with: "_"))
                case .redis:
                    found[edge.text] = Store(
                        name: edge.text, image: "redis:\(resource.version ?? ImageBases.redis)-alpine", port: 6379,
                        isPostgres: false, database: "0")
                case .bucket, .topic, .cluster: break
                }
            }
        }
        stores = found.values.sorted { $0.name < $1.name }
        // Several of a kind cannot have one port of the runner; the second listens one above.
        var taken: Set<Int> = []
        for index in stores.indices where sharing {
            while !taken.insert(stores[index].port).inserted { stores[index].port += 1 }
        }
        var values: [String: String] = [:]
        for (_, service) in services {
            for (variable, template) in service.env {
                guard let text = value(template, host: host) else { continue }
                values[variable] = values[variable] ?? text
            }
        }
        variables = values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// - Returns: `nil` where it names anything but these stores.
    private func value(_ template: Template, host: (String) -> String) -> String? {
        var text = ""
        var isOurs = false
        for part in template.parts {
            switch part {
            case .text(let plain): text += plain
            case .placeholder(let owner, let attribute):
                guard let store = stores.first(where: { $0.name == owner }), let attribute,
                    let word = Self.word(store, attribute, host(owner))
                else { return nil }
                text += word
                isOurs = true
            }
        }
        return isOurs ? text : nil
    }

    private static func word(_ store: Store, _ attribute: String, _ host: String) -> String? {
        switch attribute {
        case "url":
            store.isPostgres
                ? "postgresql://postgres:postgres@\(host):\(store.port)/\(store.database)"
                : "redis://\(host):\(store.port)/0"
        case "host": host
        case "port": "\(store.port)"
        case "user": store.isPostgres ? "postgres" : "default"
        case "password": store.isPostgres ? "postgres" : ""
        case "database": store.database
        default: nil
        }
    }
}
