extension Environment {
    /// What an environment is for; policies are the strictest in production.
    package enum Purpose: String, Choice, Comparable {
        case development, staging, production

        package var meaning: String {
            switch self {
            case .development: "for those who build it"
            case .staging: "to try what will be production"
            case .production: "for its users"
            }
        }

        private var rank: Int {
            switch self {
            case .development: 0
            case .staging: 1
            case .production: 2
            }
        }

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }
}

extension Platform {
    /// What an environment is for: what it says; else production when it is shipped by a tag, waits for an approval or a
    /// soak, is what another environment must be like, or is called so; development when it is this machine, reloads,
    /// opens its ports, is called so, or is shipped by nothing and known by no domain; staging otherwise.
    package func purpose(of name: EnvironmentName) -> Environment.Purpose {
        guard let environment = environments[name] else { return .staging }
        if let purpose = environment.purpose { return purpose }
        if environment.target == .local || environment.reload { return .development }
        let isAwaited = environment.requires.approval > 0 || !environment.requires.soak.isEmpty
        let isModel = environments.contains { $0.key != name && $0.value.like == name }
        let word = name.text.split(separator: "-").first.map(String.init) ?? ""
        if environment.tag != nil || isAwaited || isModel || ["prod", "production", "live"].contains(word) {
            return .production
        }
        if ["dev", "development", "demo", "sandbox"].contains(word) { return .development }
        if environment.openPorts || (environment.branch == nil && environment.domain == nil) { return .development }
        return .staging
    }
}
