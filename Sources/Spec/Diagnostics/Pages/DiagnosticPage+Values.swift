/// What can be wrong with a key or a value.
extension DiagnosticPage {
    static let unknownKey = DiagnosticPage(
        "A key that the language does not know",
        "The schema is closed, so that a slip of the pen is found here and not in production, where an "
            + "ignored key means a default that nobody chose. The finding names the nearest known key; "
            + "docs/reference.md lists them all.",
        wrong: #"""
            services:
              api: {source: services/api, replicas: 2}
            """#,
        mended: #"""
            services:
              api: {source: services/api, scale: 2}
            """#)

    static let missingKey = DiagnosticPage(
        "A key that must be there is not",
        "The record means nothing without this key, and no default would be right for everybody. The help "
            + "says what the key is for and shows a value.",
        wrong: #"""
            environments:
              prod: {domain: shop.example}
            """#,
        mended: #"""
            environments:
              prod: {target: docker, domain: shop.example}
            """#)

    static let conflictingKeys = DiagnosticPage(
        "Keys that exclude each other",
        "Both keys answer the same question, and the language does not guess which one counts. Keep one "
            + "of them.",
        wrong: #"""
            services:
              api: {source: services/api, image: "shop/api:1"}
            """#,
        mended: #"""
            services:
              api: {source: services/api}
            """#)

    static let keyNotForKind = DiagnosticPage(
        "A key that this kind of resource does not have",
        "The key exists, but says nothing about a resource of this kind: a topic has no extensions. It "
            + "would be dropped, and the language drops nothing.",
        wrong: #"""
            resources:
              orders: {kind: topic, extensions: [pgcrypto]}
            """#,
        mended: #"""
            resources:
              orders: {kind: topic}
              db: {kind: postgres, extensions: [pgcrypto]}
            """#)

    static let noValue = DiagnosticPage(
        "A key without a value",
        "Nothing stands behind the colon, which YAML reads as `null`. In an environment `null` removes a "
            + "key of the base; here there is nothing to remove. Write a value, or take the key away to get its "
            + "default.",
        wrong: #"""
            services:
              api: {source: services/api, port: }
            """#,
        mended: #"""
            services:
              api: {source: services/api, port: 8080}
            """#)

    static let wrongType = DiagnosticPage(
        "A value of another type",
        "The key takes one type, for example a map, a list or a whole number, and this value has another. "
            + "Quoted digits are text, not a number.",
        wrong: #"""
            services:
              api: {source: services/api, egress: api.stripe.com}
            """#,
        mended: #"""
            services:
              api: {source: services/api, egress: [api.stripe.com]}
            """#)

    static let wrongValue = DiagnosticPage(
        "A value that its type does not have",
        "The type has a form, and this text does not follow it. The help shows the form.",
        wrong: #"""
            services:
              api: {source: services/api, stop: quickly}
            """#,
        mended: #"""
            services:
              api: {source: services/api, stop: 30s}
            """#)

    static let wrongChoice = DiagnosticPage(
        "A word outside a closed set",
        "The key takes one of a few words. The help names the nearest one, or all of them.",
        wrong: #"""
            resources:
              db: {kind: mysql}
            """#,
        mended: #"""
            resources:
              db: {kind: postgres}
            """#)

    static let missingUnit = DiagnosticPage(
        "A number without its unit",
        "Units are part of the value, because a bare `30` has been read as seconds here and as "
            + "milliseconds there often enough. Durations take ms, s, m, h, d and w; shares take %; bytes take "
            + "Ki, Mi, Gi and Ti; money takes an ISO 4217 code.",
        wrong: #"""
            services:
              api: {source: services/api, stop: 30}
            """#,
        mended: #"""
            services:
              api: {source: services/api, stop: 30s}
            """#)

    static let outOfRange = DiagnosticPage(
        "A value outside its bounds",
        "The value has the right form, but lies beyond what the key can mean. The message names the "
            + "bounds.",
        wrong: #"""
            services:
              api: {source: services/api, scale: 5000}
            """#,
        mended: #"""
            services:
              api: {source: services/api, scale: 50}
            """#)

    static let portOutOfRange = DiagnosticPage(
        "A port that is no port",
        "Ports are 16-bit numbers, 1 to 65535 (RFC 9293, section 3.1; 0 is reserved). It is the port on "
            + "which the service listens; where the world reaches it is said with `expose`.",
        wrong: #"""
            services:
              api: {source: services/api, port: 70000}
            """#,
        mended: #"""
            services:
              api: {source: services/api, port: 8080}
            """#)

    static let badName = DiagnosticPage(
        "A name that some target would refuse",
        "A name becomes a DNS label, a container, a Kubernetes object and a cloud service. One rule that "
            + "all of them accept holds everywhere: a lower-case letter, then letters, digits and single "
            + "hyphens, at most 40 characters.",
        wrong: #"""
            services:
              Order_API: {source: services/api}
            """#,
        mended: #"""
            services:
              order-api: {source: services/api}
            """#)

    static let badPlaceholder = DiagnosticPage(
        "A placeholder that cannot be read",
        "A placeholder is `${edge.attribute}` or `${port}`. It names a value and computes nothing: no "
            + "defaults, no shell expansion. `$${` writes a literal `${`.",
        wrong: #"""
            services:
              api:
                source: services/api
                env: {LOG_LEVEL: "${LOG_LEVEL:-info}"}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                env: {LOG_LEVEL: info}
            """#)

    static let badCondition = DiagnosticPage(
        "A condition that cannot be read",
        "A condition is `signal(target) > bound`, and the signal says what the bound is: a percentage, a "
            + "duration, a rate or a count. Anything else can be asked in Prometheus' own language with "
            + "`promql`.",
        wrong: #"""
            alerts:
              api-errors: {when: errors(api) > 5}
            """#,
        mended: #"""
            alerts:
              api-errors: {when: errors(api) > 5%}
            """#)

    static let pathOutside = DiagnosticPage(
        "A path outside the repository",
        "Paths start at the folder of hauban.yaml, so that every clone of the repository means the same "
            + "files, on a laptop as in CI. Absolute paths and paths that climb above that folder would not.",
        wrong: #"""
            services:
              api: {source: ../other/api}
            """#,
        mended: #"""
            services:
              api: {source: services/api}
            """#)

    static let unknownStage = DiagnosticPage(
        "A stage that nothing explains",
        "A stage of the pipeline is one that Hauban knows or one of your own under `steps`. This one is "
            + "neither, so that it would run nothing.",
        wrong: #"""
            pipeline:
              stages: [lint, test, package]
            """#,
        mended: #"""
            pipeline:
              stages: [lint, test, package]
              steps: {package: make package}
            """#)
}
