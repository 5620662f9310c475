import Spec

extension Guideline {
    static let shortHsts = Guideline(
        id: "short-hsts",
        title: "Browsers that forget to come back over TLS",
        reason: "`hsts` tells browsers for how long they must not ask in the clear. Less than half a year is forgotten "
            + "between two visits.",
        fix: "Leave it away for a year, `hsts: 365d`, once TLS works everywhere.",
        serves: ["PA-04", "CE-4.2"], levels: .production(.note),
        judge: .platform { context in
            guard let name = context.environment, let tls = context.settings?.tls, tls.hsts < .seconds(180 * 86_400),
                context.isWhole(.environment(name, "tls"))
            else { return [] }
            return [
                context.flag(
                    "browsers come back to `\(name)` over TLS for \(DurationText.text(tls.hsts)) only",
                    at: .environment(name, "tls", "hsts"))
            ]
        },
        bad: """
            services: {web: {source: web, site: {output: .}, expose: {path: /}}}

            environments: {prod: {target: docker, domain: shop.example, tls: {minimum: "1.3", hsts: 1h}}}
            """,
        good: """
            services: {web: {source: web, site: {output: .}, expose: {path: /}}}

            environments: {prod: {target: docker, domain: shop.example, tls: {minimum: "1.3", hsts: 365d}}}
            """)
}
