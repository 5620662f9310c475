import Spec

extension Guideline {
    static let debugInProduction = Guideline(
        id: "debug-in-production",
        title: "A production that says too much",
        reason:
            "Debugging switches show stack traces and settings to whoever causes an error, and debug logs hold what "
            + "users wrote.",
        fix: "Set the switch off there, or `LOG_LEVEL: INFO`.",
        serves: ["CS-07", "SF-18"], levels: .production(.warning),
        judge: .platform { context in
            let switches: Set<String> = ["DEBUG", "FLASK_DEBUG", "DJANGO_DEBUG", "APP_DEBUG"]
            return context.services.flatMap { name, service in
                service.env.sorted { $0.key < $1.key }.compactMap { key, value -> Diagnostic? in
                    let text = value.text.lowercased()
                    let isOn =
                        switches.contains(key) && ["1", "true", "yes", "on", "*"].contains(text)
                        || ["LOG_LEVEL", "LOGLEVEL"].contains(key) && ["debug", "trace"].contains(text)
                        || ["NODE_ENV", "FLASK_ENV", "RAILS_ENV"].contains(key) && text == "development"
                    let path = SpecPath.service(name, "env", key)
                    guard isOn, context.isKnown(path) else { return nil }
                    return context.flag("`\(name)` runs with `\(key)=\(value.text)`", at: path)
                }
            }
        },
        bad: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}, env: {LOG_LEVEL: DEBUG}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}, env: {LOG_LEVEL: INFO}}
            environments: {prod: {target: docker}}
            """)
}
