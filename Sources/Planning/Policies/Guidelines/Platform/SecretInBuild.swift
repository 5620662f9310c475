import Spec

extension Guideline {
    static let secretInBuild = Guideline(
        id: "secret-in-build",
        title: "A secret that is built into an image",
        reason: "Build arguments stay in the history of the image: whoever may pull it reads them with `docker "
            + "history`.",
        fix: "Hand it over when the service runs: declare it under `secrets` and list it in the service.",
        serves: ["SF-13", "IP-08"], levels: .everywhere(.error),
        judge: .platform { context in
            context.services.flatMap { name, service in
                (service.build?.args.keys.sorted() ?? []).compactMap { key -> Diagnostic? in
                    let path = SpecPath.service(name, "build", "args", key)
                    guard SecretForms.isSecretName(key), context.isKnown(path) else { return nil }
                    return context.flag("the build argument `\(key)` of `\(name)` stays in its image", at: path, .key)
                }
            }
        },
        bad: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, build: {args: {NPM_TOKEN: "${NPM_TOKEN}"}}}
            """,
        good: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, build: {args: {NODE_ENV: production}}}
            """)
}
