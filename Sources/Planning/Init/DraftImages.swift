/// What well-known images are in the language.
enum DraftImages {
    enum Role: Sendable, Hashable {
        case resource(kind: String, extensions: [String])
        /// Its work is the front door's.
        case proxy
        /// It listens there unless Compose says otherwise.
        case service(port: Int?)
    }

    static func role(of image: (name: String, path: String, tag: String?)) -> Role {
        switch image.name {
        case "postgres", "postgresql", "postgres-alpine": .resource(kind: "postgres", extensions: [])
        case "postgis": .resource(kind: "postgres", extensions: ["postgis"])
        case "pgvector": .resource(kind: "postgres", extensions: ["vector"])
        case "timescaledb", "timescaledb-ha": .resource(kind: "postgres", extensions: ["timescaledb"])
        case "redis", "valkey", "redis-stack", "redis-stack-server", "keydb", "dragonfly":
            .resource(kind: "redis", extensions: [])
        case "minio": .resource(kind: "bucket", extensions: [])
        case "nginx", "nginx-unprivileged", "traefik", "caddy", "haproxy", "envoy", "nginx-proxy": .proxy
        case "rabbitmq": .service(port: 5672)
        case "mysql", "mariadb": .service(port: 3306)
        case "mongo", "mongodb": .service(port: 27_017)
        case "memcached": .service(port: 11_211)
        case "nats": .service(port: 4222)
        case "kafka", "cp-kafka", "redpanda": .service(port: 9092)
        case "elasticsearch", "opensearch": .service(port: 9200)
        default: .service(port: nil)
        }
    }

    /// The major version of a tag such as `16-alpine`, `7.2` or `pg16`.
    static func major(of tag: String?) -> Int? {
        guard var rest = tag?[...] else { return nil }
        if let pg = rest.firstRange(of: "pg") { rest = rest[pg.upperBound...] }
        return Int(rest.prefix { $0.isNumber }).flatMap { (1...100).contains($0) ? $0 : nil }
    }
}
