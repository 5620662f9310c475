/// Finds the service of a host and path: the exact host before any host, then the longest path.
struct RouteTable: Sendable {
    struct Match: Sendable {
        let service: ServiceEntry
        /// Leading bytes of the path that the service does not see.
        let stripped: Int
        let maxBodyBytes: Int
        let limit: RouteLimit?
    }

    private struct Rule: Sendable {
        let path: [UInt8]
        let service: ServiceEntry
        let strips: Bool
        let maxBodyBytes: Int
        let limit: RouteLimit?
    }

    private struct HostRules: Sendable {
        let host: [UInt8]
        var rules: [Rule]
    }

    private var hosts: [HostRules] = []
    private var anyHost: [Rule] = []

    init(_ routes: [FrontDoorConfiguration.Route], services: [String: ServiceEntry]) {
        var byHost: [String: [Rule]] = [:]
        for route in routes {
            guard let service = services[route.service] else { continue }
            let path = Self.normalized(route.path)
            let rule = Rule(
                path: Array(path.utf8), service: service, strips: route.stripPrefix,
                maxBodyBytes: route.maxBodyBytes ?? service.maxBodyBytes,
                limit: route.rate.map { RouteLimit($0, host: route.host?.lowercased(), path: path) })
            if let host = route.host {
                byHost[host.lowercased(), default: []].append(rule)
            } else {
                anyHost.append(rule)
            }
        }
        func longestFirst(_ rules: [Rule]) -> [Rule] { rules.sorted { $0.path.count > $1.path.count } }
        anyHost = longestFirst(anyHost)
        hosts = byHost.sorted { $0.key < $1.key }.map {
            HostRules(host: Array($0.key.utf8), rules: longestFirst($0.value))
        }
    }

    /// `/api/` and `/api` are the same prefix, and `/` is the empty one.
    static func normalized(_ path: String) -> String {
        var path = Substring(path)
        while path.last == "/" { path = path.dropLast() }
        return String(path)
    }

    /// - Parameter host: as in the Host field, with or without port.
    func match(host: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer) -> Match? {
        let name = Self.withoutPort(host)
        for entry in hosts {
            let same = entry.host.withUnsafeBytes { $0.equalsIgnoringCase(name) }
            if same, let match = Self.match(entry.rules, path) { return match }
        }
        return Self.match(anyHost, path)
    }

    private static func match(_ rules: [Rule], _ path: UnsafeRawBufferPointer) -> Match? {
        for rule in rules {
            let length = rule.path.count
            guard path.count >= length, path.count == length || length == 0 || path[length] == UInt8(ascii: "/"),
                rule.path.withUnsafeBytes({ $0.elementsEqual(path.prefix(length)) })
            else { continue }
            return Match(
                service: rule.service, stripped: rule.strips ? length : 0, maxBodyBytes: rule.maxBodyBytes,
                limit: rule.limit)
        }
        return nil
    }

    static func withoutPort(_ host: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = host.count
        if let colon = host.lastIndex(of: UInt8(ascii: ":")), host.last != UInt8(ascii: "]") { end = colon }
        if end > 0, host[end - 1] == UInt8(ascii: ".") { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: host[0..<end])
    }
}
