import Spec

/// Names of what an environment makes in AWS: platform, environment and part, within what AWS allows.
struct AWSNames: Sendable {
    let platform: PlatformName
    let environment: EnvironmentName

    /// IAM roles have 64 characters, buckets 63; what follows a name here (`-start`, the account's number) fits beside 50.
    static let longest = 50
    /// Load balancers, target groups (Elastic Load Balancing API, CreateLoadBalancer).
    static let shortest = 32
    /// Replication groups of ElastiCache.
    static let cache = 40

    /// `shop-prod`, or with parts `shop-prod-api`.
    func name(_ parts: String..., limit: Int = longest) -> String {
        Self.bounded(([platform.text, environment.text] + parts).joined(separator: "-"), limit)
    }

    /// `shop/prod/api`, for what is kept in folders.
    func path(_ parts: String...) -> String {
        ([platform.text, environment.text] + parts).joined(separator: "/")
    }

    /// A name that is too long keeps its beginning and gets a hash, so that two stay two.
    private static func bounded(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let tail = String(hash, radix: 36)
        var head = text.prefix(limit - tail.utf8.count - 1)
        while head.last == "-" { head = head.dropLast() }
        return "\(head)-\(tail)"
    }

    /// A part of an address in Terraform: `project-service` is `project_service`.
    static func word(_ text: String) -> String { text.replacing("-", with: "_").replacing(".", with: "_") }
}
