import Spec

extension Guideline {
    static let noWatchdog = Guideline(
        id: "no-watchdog",
        title: "A pager that nobody pages for",
        reason: "When the control plane itself is away, or its machine, no alert says so: silence looks like peace.",
        fix: "Let somebody outside miss its sign of life: `notify: {heartbeat-to: {url: "
            + "https://watchdog.example/ping/shop}}`.",
        serves: ["PA-14", "CE-3.1"], levels: .production(.note),
        judge: .platform { context in
            guard context.platform.notify.hasProviders, context.platform.notify.heartbeatTo == nil,
                context.isWhole("notify")
            else {
                return []
            }
            return [context.flag("nobody hears when the pager itself is gone", at: "notify", .key)]
        },
        bad: """
            notify: {webhooks: {default: {url: "https://chat.shop.example/hook"}}}
            environments: {prod: {target: docker}}
            """,
        good: """
            notify:
              webhooks: {default: {url: "https://chat.shop.example/hook"}}
              heartbeat-to: {url: "https://watchdog.example/ping/shop"}
            environments: {prod: {target: docker}}
            """)
}
