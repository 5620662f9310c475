import Spec

extension Guideline {
    static let secretWidelyShared = Guideline(
        id: "secret-widely-shared",
        title: "One secret that opens everything everywhere",
        reason: "A secret that many services read leaks with the weakest of them, and cannot be renewed without "
            + "restarting all.",
        fix: "Give each service its own, or put one service in front of what the secret opens.",
        serves: ["PA-03", "SF-05"], levels: .production(.note),
        judge: .platform { context in
            var readers: [SecretName: [String]] = [:]
            for (name, service) in context.services {
                for secret in service.secrets.keys { readers[secret, default: []].append(name.text) }
            }
            return readers.sorted { $0.key < $1.key }.compactMap { secret, services in
                let path = SpecPath(["secrets", secret.text])
                guard services.count > 5, context.isWhole(path) else { return nil }
                return context.flag("\(services.count) services read `\(secret)`", at: path, .key)
            }
        },
        bad: """
            services:
              a: {source: a, run: ./a, health: {exec: ./check}, size: {cpu: 1}, secrets: [key]}
              b: {source: b, run: ./b, health: {exec: ./check}, size: {cpu: 1}, secrets: [key]}
              c: {source: c, run: ./c, health: {exec: ./check}, size: {cpu: 1}, secrets: [key]}
              d: {source: d, run: ./d, health: {exec: ./check}, size: {cpu: 1}, secrets: [key]}
              e: {source: e, run: ./e, health: {exec: ./check}, size: {cpu: 1}, secrets: [key]}
              f: {source: f, run: ./f, health: {exec: ./check}, size: {cpu: 1}, secrets: [key]}
            secrets: {key: {rotate: 90d}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              a: {source: a, run: ./a, health: {exec: ./check}, size: {cpu: 1}, secrets: [key]}
              b: {source: b, run: ./b, health: {exec: ./check}, size: {cpu: 1}, secrets: [other-key]}
            secrets: {key: {rotate: 90d}, other-key: {rotate: 90d}}
            environments: {prod: {target: docker}}
            """)
}
