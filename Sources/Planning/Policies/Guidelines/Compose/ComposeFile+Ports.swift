import Spec

extension ComposeFile.Service {
    /// One entry of `ports`.
    struct Publication {
        var span: Span
        /// Whether it listens on this machine's own address alone.
        var isLocal: Bool
        /// The port in the container; of a range the first.
        var inside: Int?
    }

    /// Whether the file says what the service is, and not only what an overlay changes of it.
    var isWhole: Bool { node.entry("image") != nil || node.entry("build") != nil }

    /// `"8080:80"`, `127.0.0.1:5432:5432`, `[::1]:6379:6379/tcp`, or a map with `target` and `host_ip`.
    var publications: [Publication] {
        items("ports").compactMap { item in
            switch item.value {
            case .list: return nil
            case .map:
                guard let target = item.at("target"), case .scalar(let port, _) = target.value else { return nil }
                let host: String? = if case .scalar(let text, _)? = item.at("host_ip")?.value { text } else { nil }
                return Publication(span: target.span, isLocal: host.map(Self.isLocal) ?? false, inside: Int(port))
            case .scalar(let text, _):
                let port = text.split(separator: "/").first.map(String.init) ?? text
                let end = port.lastIndex(of: "]").map { port.index(after: $0) }
                let host = end.map { String(port[..<$0]) }
                let parts = port[(end ?? port.startIndex)...].split(separator: ":", omittingEmptySubsequences: false)
                    .map(String.init)
                // `127.0.0.1::5432` takes any free port of that address.
                let address = host ?? (parts.count > 2 ? parts.first : nil)
                let inside = parts.last?.split(separator: "-").first.flatMap { Int($0) }
                return Publication(span: item.span, isLocal: address.map(Self.isLocal) ?? false, inside: inside)
            }
        }
    }

    private static func isLocal(_ address: String) -> Bool {
        address.hasPrefix("127.") || address == "[::1]" || address == "::1" || address == "localhost"
            // A variable may be anything, and whoever writes one has thought of it.
            || address.hasPrefix("$")
    }
}
