import Glibc

/// The variables of this process, read once.
enum ProcessEnvironment {
    static let all: [String: String] = {
        var values: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                values[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return values
    }()

    /// What builds and services may take over: where programs are, who runs them, and how registries are reached.
    /// Everything else must be declared, or a service would work on one machine only.
    static var host: [String: String] {
        let names: Set<String> = [
            "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
            "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
            "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "GOPROXY", "GOFLAGS", "GOSUMDB", "XDG_CACHE_HOME",
        ]
        return all.filter { name, _ in
            names.contains(name)
                || ["LC_", "PIP_", "NPM_CONFIG_", "npm_config_", "UV_"].contains { name.hasPrefix($0) }
        }
    }
}
