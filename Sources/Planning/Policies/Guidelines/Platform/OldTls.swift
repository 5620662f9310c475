import Spec

extension Guideline {
    static let oldTls = Guideline(
        id: "old-tls",
        title: "An edge that still speaks TLS 1.2",
        reason:
            "TLS 1.3 leaves out what was broken before and takes one round trip less; browsers have spoken it since "
            + "2020. TLS 1.2 is for clients that you know and cannot renew.",
        fix: "Write `minimum: \"1.3\"`, or a waiver that names the clients.",
        serves: ["PA-02", "PA-04"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            guard let name = context.environment, let tls = context.settings?.tls, tls.minimum == .tls12,
                context.target != .local, context.isWhole(.environment(name, "tls"))
            else { return [] }
            let path = SpecPath.environment(name, "tls", "minimum")
            return [
                context.isWritten(path)
                    ? context.flag("the edge of `\(name)` accepts TLS 1.2", at: path)
                    : context.flag(
                        "the edge of `\(name)` accepts TLS 1.2, the default", at: .environment(name, "tls"), .key)
            ]
        },
        bad: """
            services:
              web: {source: web, site: {output: .}, expose: {path: /}}
            environments:
              staging: {target: docker, branch: main, domain: shop.example, tls: {issuer: letsencrypt}}
            """,
        good: """
            services:
              web: {source: web, site: {output: .}, expose: {path: /}}
            environments:
              staging: {target: docker, branch: main, domain: shop.example, tls: {issuer: letsencrypt, minimum: "1.3"}}
            """)
}
