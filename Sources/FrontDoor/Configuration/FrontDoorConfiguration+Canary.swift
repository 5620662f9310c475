extension FrontDoorConfiguration {
    /// How a service's clients are told apart while a new release takes a share of its requests.
    package struct Canary: Codable, Sendable, Hashable {
        /// The new one among the service's releases. Its weight is its share; as that grows, no client leaves it.
        package var release: String
        package var by: Sides
        /// A header field by which a request chooses for itself: `always` the new release, `never` it.
        package var force: String?

        package init(release: String, by: Sides = .request, force: String? = nil) {
            self.release = release
            self.by = by
            self.force = force
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            release = try values.decode(String.self, forKey: .release)
            by = try values.decodeIfPresent(Sides.self, forKey: .by) ?? .request
            force = try values.decodeIfPresent(String.self, forKey: .force)
        }
    }

    /// What keeps a client on its side. JSON: `"request"`, `{"header": NAME}`, `{"cookie": NAME}` or
    /// `{"cookie": NAME, "issuedSeconds": 86400}`.
    package enum Sides: Codable, Sendable, Hashable {
        /// Nothing: each request is shared out for itself.
        case request
        /// The value of a header field; a request without it is shared out for itself.
        case header(String)
        /// The value of a cookie. With `issuedSeconds` the front door gives one that lasts so long to clients without.
        case cookie(String, issuedSeconds: Int?)

        private enum CodingKeys: String, CodingKey { case header, cookie, issuedSeconds }

        package init(from decoder: any Decoder) throws {
            if let word = try? decoder.singleValueContainer().decode(String.self) {
                guard word == "request" else {
                    throw DecodingError.dataCorrupted(
                        .init(
                            codingPath: decoder.codingPath,
                            debugDescription:
                                "\"\(word)\" is neither \"request\" nor {\"header\": NAME} nor {\"cookie\": NAME}"))
                }
                self = .request
                return
            }
            let values = try decoder.container(keyedBy: CodingKeys.self)
            if let name = try values.decodeIfPresent(String.self, forKey: .header) {
                self = .header(name)
            } else {
                self = .cookie(
                    try values.decode(String.self, forKey: .cookie),
                    issuedSeconds: try values.decodeIfPresent(Int.self, forKey: .issuedSeconds))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            switch self {
            case .request:
                var value = encoder.singleValueContainer()
                try value.encode("request")
            case .header(let name):
                var values = encoder.container(keyedBy: CodingKeys.self)
                try values.encode(name, forKey: .header)
            case .cookie(let name, let issuedSeconds):
                var values = encoder.container(keyedBy: CodingKeys.self)
                try values.encode(name, forKey: .cookie)
                try values.encodeIfPresent(issuedSeconds, forKey: .issuedSeconds)
            }
        }
    }
}

extension FrontDoorConfiguration.Canary {
    /// What makes it unfit, one clause each.
    func problems(among releases: Set<String>) -> [String] {
        var problems: [String] = []
        if !releases.contains(release) {
            problems.append("the canary's release \"\(release)\" is not among the service's releases")
        }
        func check(_ name: String, _ what: String) {
            if name.isEmpty || !name.utf8.allSatisfy(Token.contains) {
                problems.append("the canary's \(what) \"\(name)\" is not a name (RFC 9110 §5.6.2)")
            }
        }
        switch by {
        case .request: break
        case .header(let name): check(name, "header")
        case .cookie(let name, let issuedSeconds):
            check(name, "cookie")
            if let issuedSeconds, issuedSeconds < 1 {
                problems.append("the canary's issuedSeconds \(issuedSeconds) is not positive")
            }
        }
        if let force { check(force, "force") }
        return problems
    }
}
