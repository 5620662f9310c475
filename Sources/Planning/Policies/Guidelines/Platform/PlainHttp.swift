import Spec

extension Guideline {
    static let plainHttp = Guideline(
        id: "plain-http",
        title: "Messages and actions in the clear",
        reason: "A hook or an action that is asked over `http` sends what it carries, tokens among it, to whoever "
            + "listens on the way.",
        fix: "Write `https`; only this machine, `127.0.0.1` and `localhost`, is asked in the clear.",
        serves: ["CE-4.2", "PA-03"], levels: .production(.warning, staging: .warning, development: .note),
        judge: .platform { context in
            var found: [Diagnostic] = []
            func judge(_ url: String, _ path: SpecPath) {
                guard url.lowercased().hasPrefix("http://"), context.isWhole(path) else { return }
                let host = url.dropFirst(7).prefix { $0 != "/" && $0 != ":" }
                if ["localhost", "127.0.0.1", "[", ""].contains(String(host)) || host.hasSuffix(".localhost") {
                    return
                }
                found.append(context.flag("`\(host)` is asked in the clear", at: path))
            }
            if let console = context.platform.console { judge(console.url, "console.url") }
            if let watchdog = context.platform.notify.heartbeatTo { judge(watchdog.url, "notify.heartbeat-to.url") }
            for (name, hook) in context.platform.notify.webhooks.sorted(by: { $0.key < $1.key }) {
                if case .url(let url) = hook.address { judge(url, SpecPath(["notify", "webhooks", name.text, "url"])) }
            }
            for (name, action) in context.platform.actions.sorted(by: { $0.key < $1.key }) {
                if case .http(let call) = action.deed {
                    judge(call.url, SpecPath(["actions", name.text, "http", "url"]))
                }
            }
            return found
        },
        bad: """
            notify: {webhooks: {default: {url: "http://chat.shop.example/hook"}}}
            """,
        good: """
            notify: {webhooks: {default: {url: "https://chat.shop.example/hook"}}}
            """)
}
