/// The images that monitoring runs: one place to raise a version.
///
/// Versions and not digests, as in ``ImageBases``: who updates reads a version, a digest of one architecture would not start on
/// another, and the gates scan what is pulled.
enum MonitoringImages {
    /// Of the 3.5 line, which is kept for long.
    static let prometheus = "prom/prometheus:v3.5.3"
    static let alertmanager = "prom/alertmanager:v0.33.1"
    static let grafana = "grafana/grafana:12.3.0"
    /// Holds no shell and no wget: since 3.7 it asks itself (grafana/loki, pull request 20590).
    static let loki = "grafana/loki:3.7.2"
    /// Promtail, which did this before, has been without care since 2 March 2026 (Grafana Loki, "Promtail agent").
    static let alloy = "grafana/alloy:v1.17.0"
    static let nodeExporter = "prom/node-exporter:v1.11.1"
    static let cadvisor = "gcr.io/cadvisor/cadvisor:v0.52.1"
    static let blackbox = "prom/blackbox-exporter:v0.28.0"
    static let postgresExporter = "prometheuscommunity/postgres-exporter:v0.19.1"
    /// The form with a shell, which reads the password from its file.
    static let redisExporter = "oliver006/redis_exporter:v1.86.0-alpine"

    /// `nobody`, whom the images of Prometheus run as.
    static let nobody = "65534:65534"
    static let grafanaUser = "472:472"
    static let lokiUser = "10001:10001"
}
