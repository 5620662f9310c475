import Spec

/// What can be measured of what: one line a signal.
enum SignalTable {
    enum Measured: String, CaseIterable {
        case server, site, worker, job, postgres, redis, bucket, topic, cluster

        /// As a message names it.
        var words: String {
            switch self {
            case .server: "a service with a port"
            case .site: "a site"
            case .worker: "a service without a port"
            case .job: "a service on a schedule"
            case .postgres: Resource.Kind.postgres.words
            case .redis: Resource.Kind.redis.words
            case .bucket: Resource.Kind.bucket.words
            case .topic: Resource.Kind.topic.words
            case .cluster: Resource.Kind.cluster.words
            }
        }
    }

    static func measured(by signal: Condition.Signal) -> [Measured] {
        switch signal {
        case .errors, .availability, .p50, .p95, .p99, .rate: [.server, .site]
        case .cpu, .memory: [.server, .worker, .job, .postgres, .redis, .cluster]
        case .disk: [.postgres, .redis]
        case .connections: [.postgres, .redis]
        case .restarts: [.server, .worker]
        case .lag: [.topic]
        case .logs: [.server, .worker, .job]
        case .up: [.server, .worker, .postgres, .redis, .cluster]
        case .spend: []
        }
    }

    static func kind(of service: Service) -> Measured {
        if service.site != nil { return .site }
        if service.schedule != nil { return .job }
        return service.port == nil ? .worker : .server
    }

    static func kind(of resource: Resource) -> Measured {
        switch resource.kind {
        case .postgres: .postgres
        case .redis: .redis
        case .bucket: .bucket
        case .topic: .topic
        case .cluster: .cluster
        }
    }

    static func signals(of kind: Measured) -> [String] {
        Condition.Signal.allCases.filter { measured(by: $0).contains(kind) }.map(\.rawValue)
    }
}

extension Resource.Kind {
    /// As a message names one of them.
    var words: String {
        switch self {
        case .postgres: "a PostgreSQL database"
        case .redis: "a Redis"
        case .bucket, .topic, .cluster: "a \(rawValue)"
        }
    }
}
