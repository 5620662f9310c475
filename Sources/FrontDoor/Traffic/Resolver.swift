import Glibc

/// Asks the system for the addresses of names.
package struct Resolver: Sendable {
    /// The addresses of version 4 that a name has, in order, each once; `nil` when nobody could tell. May wait for seconds.
    package var addresses: @Sendable (String) -> [String]?

    package init(addresses: @escaping @Sendable (String) -> [String]?) { self.addresses = addresses }

    /// getaddrinfo(3).
    package static let system = Resolver { name in
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &first) == 0 else { return nil }
        defer { if let first { freeaddrinfo(first) } }
        var found: Set<String> = []
        var next = first
        while let entry = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let size = socklen_t(text.count)
            if getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, size, nil, 0, NI_NUMERICHOST) == 0
            {
                found.insert(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            next = entry.pointee.ai_next
        }
        return found.sorted()
    }
}
