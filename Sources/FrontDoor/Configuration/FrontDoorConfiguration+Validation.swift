import NIOCore

extension FrontDoorConfiguration {
    /// What makes this configuration unfit to serve, one readable clause each; empty when it is fit.
    package func validate() -> [String] {
        var problems: [String] = []
        if generation < 0 { problems.append("generation \(generation) is negative") }
        problems += listenerProblems() + routeProblems()
        for (name, service) in services.sorted(by: { $0.key < $1.key }) {
            problems += Self.problems(of: service, named: name)
        }
        problems += boundProblems() + maintenanceProblems()
        if let accessLog, !accessLog.hasPrefix("/") {
            problems.append("accessLog \"\(accessLog)\" is not an absolute path")
        }
        return problems
    }

    private func listenerProblems() -> [String] {
        var problems: [String] = []
        var names: Set<String> = []
        var addresses: Set<String> = []
        for listener in listeners {
            let label = "listener \"\(listener.name)\""
            if listener.name.isEmpty { problems.append("a listener has an empty name") }
            if !names.insert(listener.name).inserted { problems.append("\(label) is declared twice") }
            if (try? SocketAddress(ipAddress: listener.host, port: 0)) == nil {
                problems.append("\(label): host \"\(listener.host)\" is not an IP address")
            }
            if !(0...65_535).contains(listener.port) {
                problems.append("\(label): port \(listener.port) is not between 0 and 65535")
            }
            if listener.port != 0, !addresses.insert("\(listener.host):\(listener.port)").inserted {
                problems.append("\(label): \(listener.host):\(listener.port) is already taken by another listener")
            }
            problems += listener.transportProblems(label)
            if case .service(let service) = listener.scope, services[service] == nil {
                problems.append("\(label): service \"\(service)\" is not in the configuration")
            }
        }
        return problems
    }

    private func routeProblems() -> [String] {
        var problems: [String] = []
        var seen: Set<String> = []
        for route in routes {
            let label = "route \(route.host ?? "*")\(route.path)"
            if services[route.service] == nil {
                problems.append("\(label): service \"\(route.service)\" is not in the configuration")
            }
            if !route.path.hasPrefix("/") { problems.append("\(label): path does not begin with \"/\"") }
            if route.path.utf8.contains(where: {
                $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#")
            }) {
                problems.append("\(label): path holds a character that no path can hold")
            }
            if let bytes = route.maxBodyBytes, bytes < 0 {
                problems.append("\(label): maxBodyBytes \(bytes) is negative")
            }
            if let host = route.host, host.isEmpty || host.contains(":") && !host.hasPrefix("[") {
                problems.append("\(label): host \"\(host)\" is empty or names a port")
            }
            if let rate = route.rate {
                for (key, value, most) in [
                    ("requests", rate.requests, 1_000_000), ("perSeconds", rate.perSeconds, 86_400),
                    ("burst", rate.burst ?? 1, 1_000_000),
                ] where !(1...most).contains(value) {
                    problems.append("\(label): rate.\(key) \(value) is not between 1 and \(most)")
                }
            }
            if !seen.insert((route.host ?? "*").lowercased() + RouteTable.normalized(route.path)).inserted {
                problems.append("\(label) is declared twice")
            }
        }
        return problems
    }

    private static func problems(of service: Service, named name: String) -> [String] {
        var problems: [String] = []
        let label = "service \"\(name)\""
        if name.isEmpty { problems.append("a service has an empty name") }
        var releases: Set<String> = []
        for target in service.releases {
            let label = "\(label): release \"\(target.release)\""
            if target.release.isEmpty { problems.append("\(label) has an empty name") }
            if !releases.insert(target.release).inserted { problems.append("\(label) is declared twice") }
            if target.weight < 0 || target.weight > 1_000_000 {
                problems.append("\(label): weight \(target.weight) is not between 0 and 1000000")
            }
            if let site = target.site {
                if !target.upstreams.isEmpty || target.lookup != nil {
                    problems.append("\(label) has both a site and upstreams")
                }
                if !site.root.hasPrefix("/") { problems.append("\(label): site root \"\(site.root)\" is not absolute") }
                if site.index.isEmpty || site.index.contains("/") {
                    problems.append("\(label): site index \"\(site.index)\" is not a file name")
                }
            }
            problems += (target.lookup?.problems ?? []).map { "\(label): \($0)" }
            var addresses: Set<String> = []
            for upstream in target.upstreams {
                if !(1...65_535).contains(upstream.port) {
                    problems.append("\(label): upstream port \(upstream.port) is not between 1 and 65535")
                }
                if upstream.host.isEmpty { problems.append("\(label): an upstream has an empty host") }
                if !addresses.insert("\(upstream.host):\(upstream.port)").inserted {
                    problems.append("\(label): upstream \(upstream.host):\(upstream.port) is declared twice")
                }
            }
        }
        problems += (service.canary?.problems(among: releases) ?? []).map { "\(label): \($0)" }
        if let bytes = service.maxBodyBytes, bytes < 0 {
            problems.append("\(label): maxBodyBytes \(bytes) is negative")
        }
        if let wait = service.responseHeaderMilliseconds, wait < 1 {
            problems.append("\(label): responseHeaderMilliseconds \(wait) is not positive")
        }
        return problems
    }

    /// The token stands in a cookie and in a path (RFC 6265 §4.1.1).
    private func maintenanceProblems() -> [String] {
        let all =
            [("maintenance", maintenance)]
            + services.map { ("service \"\($0.key)\": maintenance", $0.value.maintenance) }
        return all.sorted { $0.0 < $1.0 }.compactMap { label, maintenance in
            guard let token = maintenance?.token else { return nil }
            let isSound =
                (16...128).contains(token.utf8.count)
                && token.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                }
            return isSound ? nil : "\(label).token is not 16 to 128 letters, digits, hyphens and underscores"
        }
    }

    private func boundProblems() -> [String] {
        let bounds = [
            ("limits.requestLineBytes", limits.requestLineBytes, 64...1_048_576),
            ("limits.headerBytes", limits.headerBytes, 256...1_048_576),
            ("limits.headerCount", limits.headerCount, 1...10_000),
            ("limits.bodyBytes", limits.bodyBytes, 0...Int.max),
            ("limits.rateClients", limits.rateClients, 1...16_777_216),
            ("limits.accessLogBytes", limits.accessLogBytes, 1_024...1_099_511_627_776),
            ("limits.accessLogFiles", limits.accessLogFiles, 1...1_000),
            ("limits.connections", limits.connections, 1...1_000_000),
            ("limits.concurrentStreams", limits.concurrentStreams, 1...10_000),
            ("limits.idleUpstreamConnections", limits.idleUpstreamConnections, 0...100_000),
            ("timeouts.connectMilliseconds", timeouts.connectMilliseconds, 1...3_600_000),
            ("timeouts.responseHeaderMilliseconds", timeouts.responseHeaderMilliseconds, 1...86_400_000),
            ("timeouts.idleMilliseconds", timeouts.idleMilliseconds, 1...86_400_000),
            ("timeouts.headerReadMilliseconds", timeouts.headerReadMilliseconds, 1...3_600_000),
            ("timeouts.keepAliveMilliseconds", timeouts.keepAliveMilliseconds, 1...86_400_000),
            ("timeouts.upstreamKeepAliveMilliseconds", timeouts.upstreamKeepAliveMilliseconds, 0...3_600_000),
            ("timeouts.drainMilliseconds", timeouts.drainMilliseconds, 0...86_400_000),
            ("balance.slowStartMilliseconds", balance.slowStartMilliseconds, 0...3_600_000),
            ("balance.ejectionMilliseconds", balance.ejectionMilliseconds, 0...3_600_000),
            ("balance.longestEjectionMilliseconds", balance.longestEjectionMilliseconds, 1...86_400_000),
        ]
        return bounds.compactMap { name, value, range in
            range.contains(value)
                ? nil : "\(name) \(value) is not between \(range.lowerBound) and \(range.upperBound)"
        }
    }
}
