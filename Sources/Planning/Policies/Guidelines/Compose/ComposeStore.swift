/// Data stores, by the images and ports that they are known by.
enum ComposeStore {
    /// The store's name for messages; `nil` when neither the image nor the port is one of a store.
    static func named(by image: String, port: Int?) -> String? {
        let base = ImageText(image).repository.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if let found = images.first(where: { base == $0.0 || base.hasPrefix($0.0 + "-") }) { return found.1 }
        guard let port else { return nil }
        return ports[port]
    }

    private static let images: [(String, String)] = [
        ("postgres", "PostgreSQL"), ("postgresql", "PostgreSQL"), ("postgis", "PostgreSQL"),
        ("timescaledb", "PostgreSQL"), ("pgvector", "PostgreSQL"), ("mysql", "MySQL"), ("mariadb", "MariaDB"),
        ("redis", "Redis"), ("valkey", "Valkey"), ("mongo", "MongoDB"), ("mongodb", "MongoDB"),
        ("memcached", "Memcached"), ("elasticsearch", "Elasticsearch"), ("opensearch", "OpenSearch"),
        ("cassandra", "Cassandra"), ("clickhouse", "ClickHouse"), ("influxdb", "InfluxDB"), ("etcd", "etcd"),
        ("rabbitmq", "RabbitMQ"), ("couchdb", "CouchDB"), ("neo4j", "Neo4j"),
    ]

    private static let ports: [Int: String] = [
        5432: "PostgreSQL", 3306: "MySQL", 6379: "Redis", 27017: "MongoDB", 11211: "Memcached", 9200: "Elasticsearch",
        9042: "Cassandra", 2379: "etcd", 5672: "RabbitMQ",
    ]
}
