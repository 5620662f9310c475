import Spec

extension Guideline {
    static let secretNeverRenewed = Guideline(
        id: "secret-never-renewed",
        title: "A secret that is as old as the platform",
        reason: "Whoever has ever seen a secret has it for ever, those who left among them. One that is renewed on a "
            + "date is also one of which everybody knows how.",
        fix: "Say after which time: `rotate: 90d`; `keep-old: 30d` where the old value still opens something.",
        serves: ["PA-03", "SF-14"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            context.platform.secrets.sorted { $0.key < $1.key }.compactMap { name, secret in
                let path = SpecPath(["secrets", name.text])
                guard secret.rotate == nil, context.isWhole(path) else { return nil }
                return context.flag("`\(name)` is never renewed", at: path, .key)
            }
        },
        bad: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}, secrets: [stripe-key]}
            secrets: {stripe-key: {about: Takes payments.}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}, secrets: [stripe-key]}
            secrets: {stripe-key: {rotate: 90d, about: Takes payments.}}
            environments: {prod: {target: docker}}
            """)
}
