import Spec

extension Guideline {
    static let egressOpen = Guideline(
        id: "egress-open",
        title: "A service that may reach nearly everything",
        reason: "`egress` keeps whoever breaks into a service from sending its data away. A pattern over a whole "
            + "top-level domain, or over a cloud where anybody can have a name, keeps out nobody.",
        fix: "Name the hosts: `egress: [api.stripe.com]`.",
        serves: ["CS-11", "PA-05"], levels: .production(.error, staging: .warning, development: .warning),
        judge: .platform { context in
            context.services.flatMap { name, service in
                service.egress.enumerated().compactMap { index, host -> Diagnostic? in
                    let path = SpecPath.service(name, "egress").appending(index: index)
                    guard host.hasPrefix("*."), isOpen(host.dropFirst(2)), context.isKnown(path) else { return nil }
                    return context.flag("`\(host)` takes in hosts of anybody", at: path)
                }
            }
        },
        bad: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, egress: ["*.com"]}
            """,
        good: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, egress: [api.stripe.com]}
            """)

    /// Suffixes below which anybody can have a name: domains that registries sell below, and the hosts of clouds.
    private static let shared: Set<String> = [
        "amazonaws.com", "cloudfront.net", "azurewebsites.net", "windows.net", "googleapis.com",
        "googleusercontent.com",
        "run.app", "web.app", "appspot.com", "github.io", "herokuapp.com", "vercel.app", "netlify.app", "pages.dev",
        "workers.dev", "co.uk", "com.au", "co.jp", "com.br",
    ]

    private static func isOpen(_ suffix: Substring) -> Bool { !suffix.contains(".") || shared.contains(String(suffix)) }
}
