import Spec

extension GoogleRoot {
    /// One place where the world comes in.
    private struct Entry {
        var host: String
        var exposure: Exposure
        var name: ServiceName
        var service: Service
    }

    private var entries: [Entry] {
        place.services.flatMap { name, service in
            service.expose.compactMap { exposure in
                Lowering.host(exposure.host, domain: settings.domain).map {
                    Entry(host: $0, exposure: exposure, name: name, service: service)
                }
            }
        }.sorted { ($0.host, $0.exposure.path, $0.name) < ($1.host, $1.exposure.path, $1.name) }
    }

    var hosts: [String] { Set(entries.map(\.host)).sorted() }
    var hasEdge: Bool { !entries.isEmpty }

    /// The header by which browsers stay with TLS.
    var transportSecurity: String? {
        guard hasEdge else { return nil }
        let time = settings.tls?.hsts ?? .seconds(31_536_000)
        return "Strict-Transport-Security: max-age=\(Self.seconds(time))"
    }

    // MARK: edge.tf

    var edge: HCLFile? {
        guard hasEdge else { return nil }
        return place.file("edge") { body in
            body.block("locals") { $0.set("hosts", .list(hosts.map { .text($0) })) }
            body.block("resource", "google_compute_global_address", "edge") { address in
                address.set("project", .code("local.project"))
                address.set("name", "edge")
            }
            for (name, service) in place.servers where !service.expose.isEmpty { body.add(backend(name, service)) }
            body.add(addressMap)
            certificate(&body)
            way(&body, "https", port: "443", map: nil)
            if settings.tls?.redirect ?? true {
                redirect(&body)
                way(&body, "http", port: "80", map: "redirect")
            } else {
                way(&body, "http", port: "80", map: "edge")
            }
        }
    }

    private func backend(_ name: ServiceName, _ service: Service) -> HCLBlock {
        place.module("backend_\(Self.label(name))", .backend) { body in
            body.set("project", .code("local.project"))
            body.set("name", .text(name.text))
            body.set(
                "services",
                .code("{ for region, service in module.service_\(Self.label(name)) : region => service.name }"))
            body.set("response_headers", ifAny: transportSecurity.map { [.text($0)] })
            let filtered = Set(service.expose.filter(\.filter).map(\.path)).sorted()
            if !filtered.isEmpty { body.set("filtered_paths", .list(filtered.map { .text($0) })) }
            let rates = service.expose.compactMap { exposure in exposure.rate.map { (exposure.path, $0) } }
            guard !rates.isEmpty else { return }
            body.gap()
            body.set(
                "rates",
                .list(
                    rates.map { path, rate in
                        // Cloud Armor counts over ten seconds at least.
                        let seconds = max(10, rate.per)
                        return .pairs([
                            ("path", .text(path)), ("count", .integer(rate.count * (seconds / rate.per))),
                            ("seconds", .integer(seconds)),
                        ])
                    }))
        }
    }

    private func target(_ entry: Entry) -> HCLValue {
        entry.service.site == nil
            ? .code("module.backend_\(Self.label(entry.name)).id")
            : .code("module.site_\(Self.label(entry.name)).backend")
    }

    private var addressMap: HCLBlock {
        HCLBlock("resource", ["google_compute_url_map", "edge"]) { body in
            body.set("project", .code("local.project"))
            body.set("name", "edge")
            body.block("default_url_redirect", comment: "Who comes by another name, or by none.") { redirect in
                redirect.set("host_redirect", .code("local.hosts[0]"))
                redirect.set("https_redirect", true)
                redirect.set("strip_query", false)
            }
            for host in hosts {
                let matcher = GooglePlace.label(host.replacing(".", with: "-")).replacing("_", with: "-")
                let here = entries.filter { $0.host == host }
                body.block("host_rule") { rule in
                    rule.set("hosts", [.text(host)])
                    rule.set("path_matcher", .text(matcher))
                }
                body.block("path_matcher") { inner in
                    inner.set("name", .text(matcher))
                    self.matcher(&inner, here)
                }
            }
        }
    }

    private func matcher(_ body: inout HCLBody, _ entries: [Entry]) {
        let whole = entries.first { $0.exposure.path == "/" }
        if let whole {
            body.set("default_service", target(whole))
        } else if let first = entries.first {
            body.block("default_url_redirect") { redirect in
                redirect.set("path_redirect", .text(first.exposure.path))
                redirect.set("strip_query", false)
            }
        }
        for entry in entries {
            let path = entry.exposure.path
            if path == "/" {
                // The browser's own paths: index.html, and no error.
                guard entry.service.site?.spa == true else { continue }
                body.block("path_rule") { rule in
                    rule.set("paths", ["/*"])
                    rule.set("service", target(entry))
                    rule.block("custom_error_response_policy", comment: "Paths that only the browser knows.") {
                        policy in
                        policy.set("error_service", target(entry))
                        policy.block("error_response_rule") { inner in
                            inner.set("match_response_codes", ["404"])
                            inner.set("path", "/index.html")
                            inner.set("override_response_code", 200)
                        }
                    }
                }
                continue
            }
            let stem = path.hasSuffix("/") ? String(path.dropLast()) : path
            body.block("path_rule") { rule in
                rule.set("paths", [.text(stem), .text(stem + "/*")])
                rule.set("service", target(entry))
                if entry.exposure.strip {
                    rule.block("route_action") { action in
                        action.block("url_rewrite") { $0.set("path_prefix_rewrite", "/") }
                    }
                }
            }
        }
    }

    private func certificate(_ body: inout HCLBody) {
        body.block(
            "resource", "google_compute_managed_ssl_certificate", "edge",
            comment:
                "Given out once the A records of all hosts point here. A host more makes a new one before the old one goes."
        ) { certificate in
            certificate.set("project", .code("local.project"))
            certificate.set("name", .template("edge-${substr(sha256(join(\",\", local.hosts)), 0, 8)}"))
            certificate.block("managed") { $0.set("domains", .code("local.hosts")) }
            certificate.block("lifecycle") { $0.set("create_before_destroy", true) }
        }
        body.block("resource", "google_compute_ssl_policy", "edge") { policy in
            policy.set("project", .code("local.project"))
            policy.set("name", "edge")
            // TLS 1.3 alone goes with the restricted profile (Compute API, `sslPolicies.minTlsVersion`).
            let strict = settings.tls?.minimum == .tls13
            policy.set("profile", strict ? "RESTRICTED" : "MODERN")
            policy.set("min_tls_version", "TLS_1_2")
        }
        body.block("resource", "google_compute_target_https_proxy", "edge") { proxy in
            proxy.set("project", .code("local.project"))
            proxy.set("name", "edge")
            proxy.set("url_map", .code("google_compute_url_map.edge.id"))
            proxy.set("ssl_certificates", [.code("google_compute_managed_ssl_certificate.edge.id")])
            proxy.set("ssl_policy", .code("google_compute_ssl_policy.edge.id"))
        }
    }

    private func redirect(_ body: inout HCLBody) {
        body.block(
            "resource", "google_compute_url_map", "redirect",
            comment: "Nothing is answered in the clear but where it stands over TLS."
        ) { map in
            map.set("project", .code("local.project"))
            map.set("name", "redirect")
            map.block("default_url_redirect") { redirect in
                redirect.set("https_redirect", true)
                redirect.set("redirect_response_code", "MOVED_PERMANENTLY_DEFAULT")
                redirect.set("strip_query", false)
            }
        }
    }

    private func way(_ body: inout HCLBody, _ name: String, port: String, map: String?) {
        if let map {
            body.block("resource", "google_compute_target_http_proxy", "edge") { proxy in
                proxy.set("project", .code("local.project"))
                proxy.set("name", "edge")
                proxy.set("url_map", .code("google_compute_url_map.\(map).id"))
            }
        }
        body.block("resource", "google_compute_global_forwarding_rule", name) { rule in
            rule.set("project", .code("local.project"))
            rule.set("name", .text(name))
            rule.set("load_balancing_scheme", "EXTERNAL_MANAGED")
            rule.set("ip_address", .code("google_compute_global_address.edge.id"))
            rule.set("port_range", .text(port))
            rule.set("target", .code("google_compute_target_\(name)_proxy.edge.id"))
        }
    }
}
