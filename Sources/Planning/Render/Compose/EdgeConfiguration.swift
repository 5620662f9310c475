import Spec

/// The nginx in front of an environment's services, and the renewal of its certificates.
struct EdgeConfiguration {
    struct Way: Sendable, Hashable {
        /// `nil`: whatever host is asked for.
        var host: String?
        var service: ServiceName
        var port: Int
        var exposure: Exposure
        /// Names its zone of requests counted.
        var number: Int
    }

    let place: RenderSubject.Place
    let source: String
    /// By host, then the longer path first.
    let ways: [Way]

    init(place: RenderSubject.Place, source: String) {
        self.place = place
        self.source = source
        var ways: [Way] = []
        for (name, service) in place.platform.services.sorted(by: { $0.key < $1.key }) {
            let port = service.site == nil ? service.port?.number : ImageBases.sitePort
            guard let port else { continue }
            for exposure in service.expose {
                ways.append(
                    Way(
                        host: Lowering.host(exposure.host, domain: place.settings.domain), service: name, port: port,
                        exposure: exposure, number: 0))
            }
        }
        ways.sort {
            let (left, right) = ($0.host ?? "", $1.host ?? "")
            if left != right { return left < right }
            let (one, other) = ($0.exposure.path.utf8.count, $1.exposure.path.utf8.count)
            return one != other ? one > other : $0.exposure.path < $1.exposure.path
        }
        for index in ways.indices { ways[index].number = index + 1 }
        self.ways = ways
    }

    var exists: Bool { !ways.isEmpty }
    var tls: TLS? { place.settings.tls.flatMap { $0.issuer == .managed ? nil : $0 } }
    /// Whether certificates come from an authority that is asked, and are renewed.
    var renews: Bool { exists && tls?.isOrdered == true && !hosts.isEmpty }
    var hosts: [String] { Array(Set(ways.compactMap(\.host))).sorted() }

    static let httpPort = 8080
    static let tlsPort = 8443

    private var folder: String { tls?.issuer == .files ? "/run/secrets" : "/certificates" }
    private var certificate: String { tls?.issuer == .files ? "edge-certificate" : "tls.crt" }
    private var key: String { tls?.issuer == .files ? "edge-key" : "tls.key" }

    // MARK: nginx

    var artifact: Artifact {
        var out = ConfigurationText()
        for line in Artifact.header(source) { out.line("# " + line) }
        out.line("# The edge of \(place.name). `nginx -t` judges it; certificates lie in \(folder).")
        out.line("worker_processes auto;")
        out.line("pid /tmp/nginx.pid;")
        out.line("error_log /dev/stderr warn;")
        out.block("events") { $0.line("worker_connections 4096;") }
        out.block("http") { http(&$0) }
        return Artifact(path: "deploy/nginx/\(place.name).conf", text: out.text)
    }

    private func http(_ out: inout ConfigurationText) {
        out.line("# The root of the file system is read-only: what nginx writes goes to memory.")
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] { out.line("\(kind)_temp_path /tmp/\(kind);") }
        out.line("include /etc/nginx/mime.types;")
        out.line("default_type application/octet-stream;")
        out.line("server_tokens off;")
        out.line("sendfile on;")
        out.line("keepalive_timeout 65s;")
        out.line("client_header_timeout 15s;")
        out.line("client_body_timeout 30s;")
        out.line("# Where `expose` names no `body`: a limit that forms never meet.")
        out.line("client_max_body_size 10m;")
        out.space()
        out.line("# Names are asked again every five seconds: a container that was replaced has another address.")
        out.line("resolver 127.0.0.11 valid=5s ipv6=off;")
        out.space()
        logs(&out)
        out.line("map $http_upgrade $connection_upgrade {")
        out.line("    default upgrade;")
        out.line("    '' '';")
        out.line("}")
        limits(&out)
        if tls != nil {
            out.space()
            out.line("ssl_protocols \(tls?.minimum == .tls13 ? "TLSv1.3" : "TLSv1.2 TLSv1.3");")
            if tls?.minimum != .tls13 {
                out.line("ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;")
            }
            out.line("ssl_session_cache shared:tls:10m;")
            out.line("ssl_session_timeout 1d;")
            out.line("# Tickets would outlive the keys that protect them.")
            out.line("ssl_session_tickets off;")
        }
        out.space()
        out.line("# Asked by the container's own health check.")
        out.block("server") {
            $0.line("listen 127.0.0.1:8081;")
            $0.line("access_log off;")
            $0.line("location = /healthz { return 204; }")
        }
        servers(&out)
    }

    private func logs(_ out: inout ConfigurationText) {
        let fields = [
            ("timestamp", "$time_iso8601"), ("request_id", "$request_id"), ("client", "$remote_addr"),
            ("method", "$request_method"), ("host", "$host"), ("path", "$uri"), ("protocol", "$server_protocol"),
        ]
        let numbers = [("status", "$status"), ("bytes", "$bytes_sent"), ("seconds", "$request_time")]
        out.line("# One JSON object a line. Without the query: it may hold what nobody should keep.")
        out.line("log_format json escape=json")
        out.line("    '{'")
        for (name, value) in fields { out.line("    '\"\(name)\":\"\(value)\",'") }
        for (name, value) in numbers { out.line("    '\"\(name)\":\(value),'") }
        out.line("    '\"upstream\":\"$upstream_addr\",\"upstream_seconds\":\"$upstream_response_time\"}';")
        out.line("access_log /dev/stdout json;")
        out.space()
    }

    private func limits(_ out: inout ConfigurationText) {
        let limited = ways.filter { $0.exposure.rate != nil }
        guard !limited.isEmpty else { return }
        out.space()
        out.line("# A client is an IPv4 address or the /64 of an IPv6 address: one customer has all of these.")
        out.block("map $remote_addr $client") {
            $0.line("\"~^(?<start>(?:[0-9a-f]+:){1,3}):\" $start;")
            $0.line("\"~^(?<net>(?:[0-9a-f]+:){4})\" $net;")
            $0.line("default $remote_addr;")
        }
        for way in limited {
            guard let rate = way.exposure.rate else { continue }
            out.line("limit_req_zone $client zone=way\(way.number):10m rate=\(Self.rate(rate));")
        }
        out.line("limit_req_status 429;")
    }

    /// nginx counts by the second or by the minute.
    static func rate(_ rate: Rate) -> String {
        rate.per == 1 ? "\(rate.count)r/s" : rate.per == 60 ? "\(rate.count)r/m" : "\(max(1, rate.count / 60))r/m"
    }

    private func servers(_ out: inout ConfigurationText) {
        let names: [String?] = hosts.isEmpty ? [nil] : hosts
        if !hosts.isEmpty {
            out.space()
            out.line("# Hosts that nobody exposed get no answer.")
            out.block("server") {
                $0.line("listen \(Self.httpPort) default_server;")
                if tls != nil {
                    $0.line("listen \(Self.tlsPort) ssl default_server;")
                    $0.line("ssl_reject_handshake on;")
                }
                $0.line("server_name _;")
                if renews { acme(&$0) }
                $0.block("location /") { $0.line("return 444;") }
            }
        }
        if let tls, tls.redirect {
            out.space()
            out.block("server") {
                $0.line("listen \(Self.httpPort)\(hosts.isEmpty ? " default_server" : "");")
                $0.line("server_name \(hosts.isEmpty ? "_" : hosts.joined(separator: " "));")
                if renews { acme(&$0) }
                $0.block("location /") { $0.line("return 308 https://$host$request_uri;") }
            }
        }
        for name in names { server(name, &out) }
    }

    private func acme(_ out: inout ConfigurationText) {
        let who = tls?.issuer == .acme ? "The authority" : "Let's Encrypt"
        out.line("# \(who) asks here, in the clear (RFC 8555, section 8.3).")
        out.block("location ^~ /.well-known/acme-challenge/") {
            $0.line("root /challenges;")
            $0.line("default_type text/plain;")
        }
    }

    private func server(_ host: String?, _ out: inout ConfigurationText) {
        out.space()
        out.block("server") {
            if let tls {
                // The older spelling of HTTP/2: known to every nginx of this decade.
                $0.line("listen \(Self.tlsPort) ssl http2;")
                if !tls.redirect { $0.line("listen \(Self.httpPort);") }
            } else {
                $0.line("listen \(Self.httpPort)\(host == nil ? " default_server" : "");")
            }
            $0.line("server_name \(host ?? "_");")
            if let tls {
                $0.line("ssl_certificate \(folder)/\(certificate);")
                $0.line("ssl_certificate_key \(folder)/\(key);")
                $0.line(
                    "add_header Strict-Transport-Security \"max-age=\(tls.hsts.components.seconds)\" always;")
                if renews, !tls.redirect { acme(&$0) }
            }
            $0.line("add_header X-Content-Type-Options nosniff always;")
            for way in ways where way.host == host { location(way, &$0) }
        }
    }

    private func location(_ way: Way, _ out: inout ConfigurationText) {
        let path = way.exposure.path
        let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
        let match = trimmed.isEmpty ? "location /" : "location ~ ^\(Self.pattern(trimmed))(?:/|$)"
        out.space()
        out.block(match) {
            if let rate = way.exposure.rate {
                $0.line("limit_req zone=way\(way.number) burst=\(max(1, rate.count)) nodelay;")
            }
            if let body = way.exposure.body { $0.line("client_max_body_size \(body.bytes);") }
            if way.exposure.strip, !trimmed.isEmpty { $0.line("rewrite ^\(Self.pattern(trimmed))/?(.*)$ /$1 break;") }
            $0.line("set $upstream \(way.service):\(way.port);")
            $0.line("proxy_pass http://$upstream;")
            $0.line("proxy_http_version 1.1;")
            $0.line("proxy_set_header Host $host;")
            $0.line("proxy_set_header X-Request-Id $request_id;")
            $0.line("# Of the client nothing is believed: what it says of itself is replaced.")
            $0.line("proxy_set_header X-Forwarded-For $remote_addr;")
            $0.line("proxy_set_header X-Forwarded-Proto $scheme;")
            $0.line("proxy_set_header X-Forwarded-Host $host;")
            $0.line("proxy_set_header Upgrade $http_upgrade;")
            $0.line("proxy_set_header Connection $connection_upgrade;")
            $0.line("proxy_connect_timeout 5s;")
            $0.line("proxy_read_timeout 60s;")
            $0.line("proxy_next_upstream error timeout;")
        }
    }

    /// A path within a regular expression of PCRE.
    private static func pattern(_ path: String) -> String {
        path.map { ".+*?()[]{}|^$\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    // MARK: certbot

    var renewal: Artifact {
        let order = CertificateOrder(names: hosts, directory: tls?.directory, email: tls?.email)
        let words = Certbot.order(order, name: place.platform.name.text, challenges: "/challenges")
        let lines =
            ["#!/bin/sh"] + Artifact.header(source).map { "# " + $0 } + [
                "# Certificates of \(place.name): one for all hosts, looked at twice a day, handed to the edge's user.",
                "set -eu",
                "hand_over() {",
                "    # Rights before the owner: afterwards root without its rights may not change them.",
                "    install -m 0400 \"$1\" /certificates/tls.key.new",
                "    install -m 0444 \"$2\" /certificates/tls.crt.new",
                "    chown 101:101 /certificates/tls.key.new /certificates/tls.crt.new",
                "    mv /certificates/tls.key.new /certificates/tls.key",
                "    mv /certificates/tls.crt.new /certificates/tls.crt",
                "}",
                "live=/etc/letsencrypt/live/\(place.platform.name)",
                "if [ ! -e /certificates/tls.crt ]; then",
                "    # The edge has to listen before it can be asked: until then with a certificate nobody trusts.",
                "    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 -subj /CN=\(hosts.first ?? "localhost") \\",
                "        -keyout /tmp/first.key -out /tmp/first.crt",
                "    hand_over /tmp/first.key /tmp/first.crt",
                "fi",
                "while :; do",
                "    # Does nothing before a third of the certificate's time is left; a refusal is tried again.",
                "    if \(Certbot.lines(words, indentation: "        "))",
                "    then",
                "        hand_over \"$live/privkey.pem\" \"$live/fullchain.pem\"",
                "        pause=\(Certbot.pause)",
                "    else",
                "        pause=\(Certbot.pauseAfterRefusal)",
                "    fi",
                "    sleep \"$pause\" &",
                "    wait $!",
                "done",
            ]
        return Artifact(
            path: "deploy/certbot/\(place.name)-renew.sh", text: lines.joined(separator: "\n"), isExecutable: true)
    }
}

/// Lines with the indentation of the blocks that they stand in.
struct ConfigurationText {
    private var lines: [String] = []
    private var depth = 0

    mutating func line(_ text: String) { lines.append(String(repeating: "    ", count: depth) + text) }

    mutating func space() { lines.append("") }

    mutating func block(_ head: String, _ body: (inout ConfigurationText) -> Void) {
        line(head + " {")
        depth += 1
        body(&self)
        depth -= 1
        line("}")
    }

    var text: String { lines.joined(separator: "\n") }
}
