import NIOCore

/// Answers of the front door itself, and who passes a maintenance.
extension ClientConnection {
    /// What the client wants an answer to be; `nil` when the reason has no page.
    func wishes(for reason: Reason) -> Wishes? {
        guard OwnAnswer.hasPage(reason), exchange.bytes.readableBytes > 0 else { return nil }
        return Wishes(
            accept: values(of: "accept").joined(separator: ","),
            acceptLanguage: values(of: "accept-language").joined(separator: ","))
    }

    /// The values of a field of the present request that the front door does not act on otherwise.
    ///
    /// Reads the head again: the parsed fields are gone once the request waits for its service.
    private func values(of name: StaticString) -> [String] {
        exchange.bytes.withUnsafeReadableBytes { bytes in
            var parser = HeadParser()
            guard
                case .complete = parser.parse(bytes, limits: loop.snapshot.configuration.limits, skipsEmptyLines: true)
            else { return [] }
            return parser.fields.compactMap { field in
                bytes.slice(field.name).equalsIgnoringCase(name)
                    ? String(decoding: bytes.slice(field.value), as: UTF8.self) : nil
            }
        }
    }

    /// Whether the request carries a maintenance's token.
    func passes(_ maintenance: FrontDoorConfiguration.Maintenance) -> Bool {
        if values(of: "x-hauban-bypass").contains(where: { maintenance.hasToken($0.utf8) }) { return true }
        return values(of: "cookie").contains { cookies in
            cookies.split(separator: ";").contains { pair in
                let parts = pair.split(separator: "=", maxSplits: 1)
                return parts.count == 2 && parts[0].filter { $0 != " " } == "hauban-bypass"
                    && maintenance.hasToken(parts[1].utf8)
            }
        }
    }

    /// Gives the cookie to who came with the team's link.
    func admit(to maintenance: FrontDoorConfiguration.Maintenance) {
        let seconds = maintenance.until.map { max(1, $0 - UnixTime.now()) } ?? 86_400
        let fields =
            "Location: /\r\nCache-Control: no-store\r\nSet-Cookie: hauban-bypass=\(maintenance.token); Path=/; "
            + "Max-Age=\(seconds); HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")\r\n"
        writeOwnHead(status: 303, fields: ByteBuffer(string: fields), length: 0)
        finishOwn()
    }
}
