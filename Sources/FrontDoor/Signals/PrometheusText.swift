import Histogram

/// Writes figures in the Prometheus text exposition format 0.0.4.
enum PrometheusText {
    /// Upper bounds in seconds of the duration histogram's buckets.
    static let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    static func write(
        _ figures: Figures, replicas: [FrontDoorHealth.Replica], generation: Int, forgottenClients: UInt64,
        lostLogLines: UInt64, certificates: [CertificateStatus] = [],
        reloads: (taken: UInt64, refused: UInt64) = (0, 0)
    ) -> String {
        var text = ""
        let releases = figures.releases.sorted { $0.key < $1.key }
        family("hauban_requests_total", "counter", "Requests that ended, by status code.", &text)
        for (key, release) in releases {
            for (code, count) in release.codes.sorted(by: { $0.key < $1.key }) {
                text += "hauban_requests_total{\(labels(key)),code=\"\(code)\"} \(count)\n"
            }
        }
        histogram(releases, &text)
        gauge(releases, &text)
        counters(releases, &text)
        balance(replicas, &text)
        family("hauban_refused_requests_total", "counter", "Requests that reached no release, by reason.", &text)
        for (reason, count) in figures.refusals.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text += "hauban_refused_requests_total{reason=\"\(reason.rawValue)\"} \(count)\n"
        }
        family(
            "hauban_rate_clients_forgotten_total", "counter",
            "Clients of limited routes forgotten to make room before their rate was whole again.", &text)
        text += "hauban_rate_clients_forgotten_total \(forgottenClients)\n"
        family("hauban_access_log_lost_lines_total", "counter", "Lines that the disk did not take.", &text)
        text += "hauban_access_log_lost_lines_total \(lostLogLines)\n"
        family("hauban_client_connections", "gauge", "Open client connections.", &text)
        text += "hauban_client_connections \(figures.connections)\n"
        family("hauban_configuration_generation", "gauge", "Generation of the configuration in force.", &text)
        text += "hauban_configuration_generation \(generation)\n"
        secure(figures, certificates, reloads, &text)
        return text
    }

    private static func secure(
        _ figures: Figures, _ certificates: [CertificateStatus], _ reloads: (taken: UInt64, refused: UInt64),
        _ text: inout String
    ) {
        family("hauban_redirected_requests_total", "counter", "Requests that were sent to https.", &text)
        text += "hauban_redirected_requests_total \(figures.redirects)\n"
        guard !certificates.isEmpty else { return }
        family("hauban_tls_handshakes_total", "counter", "Handshakes, by the protocol that came of them.", &text)
        text += "hauban_tls_handshakes_total{protocol=\"http/1.1\"} \(figures.secure.http1)\n"
        text += "hauban_tls_handshakes_total{protocol=\"h2\"} \(figures.secure.http2)\n"
        family("hauban_tls_handshake_failures_total", "counter", "Connections that ended in their handshake.", &text)
        text += "hauban_tls_handshake_failures_total \(figures.secure.failures)\n"
        family("hauban_http2_errors_total", "counter", "Streams and connections that broke HTTP/2's rules.", &text)
        text += "hauban_http2_errors_total \(figures.secure.http2Errors)\n"
        family("hauban_certificate_days_left", "gauge", "Whole days until the certificate in use expires.", &text)
        for status in certificates {
            guard let days = status.daysLeft else { continue }
            text += "hauban_certificate_days_left{certificate=\"\(escaped(status.certificate))\"} \(days)\n"
        }
        family("hauban_certificate_problem", "gauge", "1 when the files hold a certificate that is not used.", &text)
        for status in certificates {
            let value = status.problem == nil ? 0 : 1
            text += "hauban_certificate_problem{certificate=\"\(escaped(status.certificate))\"} \(value)\n"
        }
        family("hauban_certificate_reloads_total", "counter", "Changed certificates, taken and refused.", &text)
        text += "hauban_certificate_reloads_total{result=\"taken\"} \(reloads.taken)\n"
        text += "hauban_certificate_reloads_total{result=\"refused\"} \(reloads.refused)\n"
    }

    private static func histogram(_ releases: [(key: Figures.Key, value: Figures.Release)], _ text: inout String) {
        let name = "hauban_request_duration_seconds"
        family(name, "histogram", "From the end of a request's head to the last byte of its answer.", &text)
        for (key, release) in releases {
            var counts = [UInt64](repeating: 0, count: buckets.count)
            for value in release.latency.recordedValues() {
                let seconds = Double(value.value) / 1_000_000
                if let index = buckets.firstIndex(where: { seconds <= $0 }) { counts[index] += value.count }
            }
            var sum: UInt64 = 0
            for (bound, count) in zip(buckets, counts) {
                sum += count
                text += "\(name)_bucket{\(labels(key)),le=\"\(bound)\"} \(sum)\n"
            }
            text += "\(name)_bucket{\(labels(key)),le=\"+Inf\"} \(release.latency.totalCount)\n"
            text += "\(name)_sum{\(labels(key))} \(Double(release.latencySumMicroseconds) / 1_000_000)\n"
            text += "\(name)_count{\(labels(key))} \(release.latency.totalCount)\n"
        }
    }

    private static func gauge(_ releases: [(key: Figures.Key, value: Figures.Release)], _ text: inout String) {
        family("hauban_requests_in_flight", "gauge", "Requests and tunnels that have not ended.", &text)
        for (key, release) in releases { text += "hauban_requests_in_flight{\(labels(key))} \(release.inFlight)\n" }
    }

    private static func counters(_ releases: [(key: Figures.Key, value: Figures.Release)], _ text: inout String) {
        let families: [(name: String, help: String, value: (ReleaseMeter.Counts) -> UInt64)] = [
            (
                "hauban_client_aborted_total", "Requests whose client left before the answer was complete.",
                { $0.clientAborted }
            ),
            ("hauban_upstream_failures_total", "Requests that failed at the service.", { $0.upstreamFailures }),
            ("hauban_request_retries_total", "Requests sent once more after a dead connection.", { $0.retries }),
            ("hauban_requests_cut_total", "Requests and tunnels ended by the drain deadline.", { $0.cut }),
        ]
        for entry in families {
            family(entry.name, "counter", entry.help, &text)
            for (key, release) in releases { text += "\(entry.name){\(labels(key))} \(entry.value(release.counts))\n" }
        }
    }

    private static func balance(_ replicas: [FrontDoorHealth.Replica], _ text: inout String) {
        func labels(_ replica: FrontDoorHealth.Replica) -> String {
            "\(Self.labels(.init(service: replica.service, release: replica.release)))"
                + ",replica=\"\(escaped(replica.replica))\""
        }
        family("hauban_replica_share", "gauge", "Share of a full load that a replica may take; 0 while ejected.", &text)
        for replica in replicas { text += "hauban_replica_share{\(labels(replica))} \(replica.share)\n" }
        family("hauban_replica_requests_in_flight", "gauge", "Requests and tunnels of a replica.", &text)
        for replica in replicas {
            text += "hauban_replica_requests_in_flight{\(labels(replica))} \(replica.inFlight)\n"
        }
        family("hauban_replica_ejections_total", "counter", "Times that a replica was ejected, by reason.", &text)
        for replica in replicas {
            for (reason, count) in replica.ejections.sorted(by: { $0.key < $1.key }) {
                text += "hauban_replica_ejections_total{\(labels(replica)),reason=\"\(reason)\"} \(count)\n"
            }
        }
    }

    private static func family(_ name: String, _ type: String, _ help: String, _ text: inout String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private static func labels(_ key: Figures.Key) -> String {
        "service=\"\(escaped(key.service))\",release=\"\(escaped(key.release))\""
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n": out += "\\n"
            default: out.append(character)
            }
        }
        return out
    }
}
