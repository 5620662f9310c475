import Glibc
package import World

/// How a control plane is found, and what is shown to it.
package struct PlaneAccess: Sendable, Equatable {
    /// Scheme, host and port, without a slash at the end.
    package var url: String
    package var token: Secret?
    /// Who asks; only the control plane of this machine believes it.
    package var user: String?
    /// The one certificate that is trusted there; `nil`: those of the authorities that this machine trusts.
    package var certificate: CertificatePin?

    package init(url: String, token: Secret? = nil, user: String? = nil, certificate: CertificatePin? = nil) {
        self.url = url
        self.token = token
        self.user = user
        self.certificate = certificate
    }

    /// - Parameters:
    ///   - url: as named by an option.
    ///   - tokenFile: a file that holds a token.
    ///   - data: the folder of this machine's control plane.
    /// - Throws: `WorldError`
    package static func find(
        url: String?, tokenFile: String?, data: String, variables: [String: String]
    ) throws -> PlaneAccess {
        func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        let token = try tokenFile.map { try read($0) } ?? variable("HAUBAN_TOKEN").map { Secret($0) }
        guard let named = url ?? variable("HAUBAN_URL") else {
            var access = try local(data, user: variable("USER") ?? variable("LOGNAME"))
            if let token { (access.token, access.user) = (token, nil) }
            return access
        }
        let address = try checked(named, hasToken: token != nil)
        guard token == nil else { return PlaneAccess(url: address, token: token) }
        // The one of this machine, named by its address.
        if let access = try? local(data, user: variable("USER") ?? variable("LOGNAME")), access.url == address {
            return access
        }
        return PlaneAccess(url: address)
    }

    private static func checked(_ url: String, hasToken: Bool) throws -> String {
        var text = url
        while text.last == "/" { text.removeLast() }
        let isSecure = text.hasPrefix("https://")
        let host = text.dropFirst(isSecure ? 8 : 7)
        guard isSecure || text.hasPrefix("http://"), !host.isEmpty, !host.contains("/"), !host.contains("@"),
            !host.contains("?")
        else {
            throw WorldError(
                code: "bad-url", operation: "ask a control plane", underlying: "its address is scheme, host and port",
                hint: "Write it as https://hauban.example.org or http://127.0.0.1:9093.")
        }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        guard isSecure || !hasToken || name.hasPrefix("127.") || ["localhost", "[::1]"].contains(name) else {
            throw WorldError(
                code: "in-clear", operation: "show a token to \(text)",
                underlying: "others on the way could read it", hint: "Use its https:// address.")
        }
        return text
    }

    static func read(_ path: String) throws -> Secret {
        let text: String
        do {
            text = String(decoding: try SmallFile.read(path, limit: 16 << 10), as: UTF8.self)
        } catch let error as SystemError {
            throw error.during("read the token in \(path)")
        }
        let token = text.split(whereSeparator: \.isWhitespace)
        guard token.count == 1 else {
            throw WorldError(
                code: "bad-token-file", operation: "read the token in \(path)",
                underlying: "it does not hold one word", hint: "The file holds the token and nothing else.")
        }
        return Secret(String(token[0]))
    }

    /// The control plane of this machine: `local.json`, which it writes while it runs.
    private static func local(_ data: String, user: String?) throws -> PlaneAccess {
        let path = LocalAccess.path(data)
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: 64 << 10)
        } catch let error as SystemError where [ENOENT, ENOTDIR].contains(error.number) {
            throw PlaneClient.nobody("there is no \(path)")
        } catch let error as SystemError where error.code == "no-permission" {
            throw error.during(
                "read \(path)",
                hint:
                    "It belongs to the user who runs `hauban serve`; ask as that user, or with HAUBAN_URL and a token.")
        } catch let error as SystemError {
            throw error.during("read \(path)")
        }
        let value = JSONValue(parsing: bytes)
        if value?["starting"] != nil {
            throw PlaneClient.nobody("the one of this machine began to start, and does not answer yet")
        }
        let pin = value?["certificate"].map { $0.string.flatMap { CertificatePin(hex: $0) } }
        guard let value, pin != .some(nil), let url = value["url"]?.string, let token = value["token"]?.string
        else {
            throw WorldError(
                code: "bad-local-file", operation: "read \(path)", underlying: "it does not say url and token",
                hint: "Start `hauban serve` again: it writes the file.")
        }
        return PlaneAccess(
            url: try checked(url, hasToken: false), token: Secret(token), user: user, certificate: pin.flatMap { $0 })
    }
}
