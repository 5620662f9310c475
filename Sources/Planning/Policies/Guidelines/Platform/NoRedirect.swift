import Spec

extension Guideline {
    static let noRedirect = Guideline(
        id: "no-redirect",
        title: "A site that answers in the clear too",
        reason: "With `redirect: false` plain HTTP is served as well: whoever types the name without `https` is served "
            + "in the clear, where anybody on the way may change what comes.",
        fix: "Leave `redirect` away.",
        serves: ["PA-04", "CE-4.2"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            guard let name = context.environment, let tls = context.settings?.tls, !tls.redirect,
                context.isWhole(.environment(name, "tls"))
            else { return [] }
            return [context.flag("`\(name)` serves plain HTTP beside TLS", at: .environment(name, "tls", "redirect"))]
        },
        bad: """
            services: {web: {source: web, site: {output: .}, expose: {path: /}}}

            environments: {prod: {target: docker, domain: shop.example, tls: {minimum: "1.3", redirect: false}}}
            """,
        good: """
            services: {web: {source: web, site: {output: .}, expose: {path: /}}}

            environments: {prod: {target: docker, domain: shop.example, tls: {minimum: "1.3"}}}
            """)
}
