import Spec

extension Guideline {
    static let noTls = Guideline(
        id: "no-tls",
        title: "A domain without TLS",
        reason: "What the world reaches under a name is sent in the clear, passwords and sessions with it, and anybody "
            + "on the way may change it.",
        fix: "Add `tls: {issuer: letsencrypt, email: ops@shop.example}`, or `issuer: managed` where the cloud has "
            + "certificates of its own.",
        serves: ["PA-04", "CE-4.2"], levels: .production(.error, staging: .warning),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings, settings.target != .local,
                settings.domain != nil, settings.tls == nil, context.isKnown(.environment(name, "tls")),
                context.services.contains(where: { !$0.service.expose.isEmpty })
            else { return [] }
            return [context.flag("`\(name)` serves its domain without TLS", at: .environment(name, "domain"))]
        },
        bad: """
            services:
              web: {source: web, site: {output: .}, expose: {path: /}}
            environments: {staging: {target: docker, branch: main, domain: shop.example}}
            """,
        good: """
            services:
              web: {source: web, site: {output: .}, expose: {path: /}}
            environments:
              staging: {target: docker, branch: main, domain: shop.example, tls: {issuer: letsencrypt, minimum: "1.3"}}
            """)
}
