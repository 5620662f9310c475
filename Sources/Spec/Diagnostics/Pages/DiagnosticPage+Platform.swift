/// What can be wrong with the platform as a whole.
extension DiagnosticPage {
    static let exposedTwice = DiagnosticPage(
        "Two services are exposed at one place",
        "A host and a path lead to one service. Give one of them another path or host.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api
                port: 8001
                expose: {host: www, path: /api}
              shop:
                source: services/shop
                run: ./shop
                port: 8002
                expose: {host: www, path: /api}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api
                port: 8001
                expose: {host: www, path: /api}
              shop:
                source: services/shop
                run: ./shop
                port: 8002
                expose: {host: www, path: /}
            """#)

    static let exposedWithoutPort = DiagnosticPage(
        "A service is exposed, called or probed but listens nowhere",
        "Requests need a port to go to. Add `port`, or take away what sends requests to the service.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api
                expose: {host: www}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                expose: {host: www}
            """#)

    static let nothingToRun = DiagnosticPage(
        "A service that nothing starts",
        "The source tells how to build, but nothing says which command starts a replica. Add `run`, name "
            + "a stack whose files tell it, or make it a `site`.",
        wrong: #"""
            services:
              api: {source: services/api, stack: none}
            """#,
        mended: #"""
            services:
              api: {source: services/api, stack: none, run: ./api}
            """#)

    static let portUnused = DiagnosticPage(
        "A port that nobody reaches",
        "The service listens, but nobody calls it and it is not exposed. Add an edge or `expose`, or take "
            + "the port away.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                expose: {host: www}
            """#)

    static let unknownSignalTarget = DiagnosticPage(
        "A condition about something that does not exist",
        "The word in brackets is neither a service nor a resource of this platform, so that the condition "
            + "could never hold and the alert would be silent for ever.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
            alerts:
              api-errors: {when: errors(apii) > 1%}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
            alerts:
              api-errors: {when: errors(api) > 1%}
            """#)

    static let signalNotMeasured = DiagnosticPage(
        "A condition about a signal that its target does not give",
        "Each kind of target gives its own signals: a worker answers no requests and so has no errors or "
            + "latency, a topic has no processors. The alert would never fire. Ask for a signal that the target "
            + "has.",
        wrong: #"""
            services:
              worker:
                source: services/worker
                run: ./worker
            alerts:
              worker-slow: {when: p95(worker) > 2s}
            """#,
        mended: #"""
            services:
              worker:
                source: services/worker
                run: ./worker
            alerts:
              worker-down: {when: up(worker) < 1}
            """#)

    static let alertToNobody = DiagnosticPage(
        "An alert that reaches nobody",
        "The alert names nobody, and the platform's owner has no schedule, so that it would fire into the "
            + "void. Name a schedule, team or person with `to`, or the platform's with `owner.oncall`.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
            alerts:
              api-errors: {when: errors(api) > 1%}
            """#,
        mended: #"""
            owner: {oncall: primary}
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
            alerts:
              api-errors: {when: errors(api) > 1%}
            oncall:
              primary: {rotation: {people: [ana]}}
            people:
              ana: {email: ana@shop.example}
            """#)

    static let escalationToNobody = DiagnosticPage(
        "An escalation to somebody who does not exist",
        "The step tells a schedule, team or person that this file does not declare, so that an unanswered "
            + "alert would end there. Declare them under `oncall`, `teams` or `people`.",
        wrong: #"""
            oncall:
              primary:
                rotation: {people: [ana]}
                escalate: [{after: 0m, to: primary}, {after: 15m, to: lead}]
            people:
              ana: {email: ana@shop.example}
            """#,
        mended: #"""
            oncall:
              primary:
                rotation: {people: [ana]}
                escalate: [{after: 0m, to: primary}, {after: 15m, to: lead}]
            people:
              ana: {email: ana@shop.example}
              lead: {email: lead@shop.example}
            """#)

    static let unknownPerson = DiagnosticPage(
        "A person or a team that is not declared",
        "A rotation or a team lists somebody whom `people` does not know, so that nobody could tell them.",
        wrong: #"""
            oncall:
              primary:
                rotation: {people: [ana, bne]}
            people:
              ana: {email: ana@shop.example}
              ben: {email: ben@shop.example}
            """#,
        mended: #"""
            oncall:
              primary:
                rotation: {people: [ana, ben]}
            people:
              ana: {email: ana@shop.example}
              ben: {email: ben@shop.example}
            """#)

    static let unknownSchedule = DiagnosticPage(
        "A schedule that is not declared",
        "`owner.oncall` names a schedule that `oncall` does not hold. Alerts go there unless they say "
            + "otherwise.",
        wrong: #"""
            owner: {oncall: primery}
            oncall:
              primary:
                rotation: {people: [ana]}
            people:
              ana: {email: ana@shop.example}
            """#,
        mended: #"""
            owner: {oncall: primary}
            oncall:
              primary:
                rotation: {people: [ana]}
            people:
              ana: {email: ana@shop.example}
            """#)

    static let unknownEnvironment = DiagnosticPage(
        "An environment that is not declared",
        "A soak, a failover, a drill or a phase names an environment that this file does not hold.",
        wrong: #"""
            environments:
              staging: {target: docker}
              prod: {target: docker, requires: {soak: {stagin: 30m}}}
            """#,
        mended: #"""
            environments:
              staging: {target: docker}
              prod: {target: docker, requires: {soak: {staging: 30m}}}
            """#)

    static let unknownPhase = DiagnosticPage(
        "A phase of the launch that is not declared",
        "`after` names a phase that `launch` does not hold, or phases follow each other in a circle, so "
            + "that the launch could never come to this one.",
        wrong: #"""
            launch:
              general: {environment: prod, after: betta}
              beta: {environment: prod}
            environments:
              prod: {target: docker}
            """#,
        mended: #"""
            launch:
              general: {environment: prod, after: beta}
              beta: {environment: prod}
            environments:
              prod: {target: docker}
            """#)

    static let missingDomain = DiagnosticPage(
        "A host without a domain",
        "A service is exposed below a label such as `www`, but the environment has no `domain` that the "
            + "label could stand below. Add the domain, or expose a whole host name.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                expose: {host: www}
            environments:
              prod: {target: docker}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                expose: {host: www}
            environments:
              prod: {target: docker, domain: shop.example}
            """#)

    static let targetCannotHonour = DiagnosticPage(
        "The environment's target cannot do this",
        "The same file means the same everywhere, so that a key that a target cannot honour is refused "
            + "and never dropped. Choose another target, take the key away there with `null`, or write a waiver "
            + "with a reason, an owner and a last day. On `local`, `tls` takes a certificate from files, and this makes one "
            + "that only your own tools trust: `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
            + "-days 365 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout dev.key -out dev.pem`.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                scale: {min: 0, max: 4, cpu: 70%}
            environments:
              prod: {target: docker}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                scale: 2
            environments:
              prod: {target: docker}
            """#)

    static let waiverExpired = DiagnosticPage(
        "A waiver whose last day has passed",
        "A waiver holds for a time, so that what was set aside is looked at again. Mend what it covered, "
            + "or decide anew and write another date.",
        wrong: #"""
            waivers:
              dev-size: {rule: target-cannot-honour, reason: laptops are small, owner: ana, expires: 2020-01-31}
            people:
              ana: {email: ana@shop.example}
            """#,
        mended: #"""
            people:
              ana: {email: ana@shop.example}
            """#)

    static let waiverUnused = DiagnosticPage(
        "A waiver that covers nothing",
        "No finding of this rule stands in the waiver's scope any more. Take it away, so that it cannot "
            + "hide the next one.",
        wrong: #"""
            waivers:
              dev-size: {rule: target-cannot-honour, reason: laptops are small, owner: ana, expires: 2099-01-31}
            people:
              ana: {email: ana@shop.example}
            """#,
        mended: #"""
            people:
              ana: {email: ana@shop.example}
            """#)

    static let unknownRule = DiagnosticPage(
        "A waiver for a rule that does not exist",
        "`rule` is the id of a diagnostic, as `hauban check` prints it in square brackets, or of a rule "
            + "of the pipeline. This one is neither, so that the waiver sets nothing aside.",
        wrong: #"""
            waivers:
              dev-size: {rule: target-can-not, reason: laptops are small, owner: ana, expires: 2099-01-31}
            people:
              ana: {email: ana@shop.example}
            """#,
        mended: #"""
            people:
              ana: {email: ana@shop.example}
            """#)

    static let sourceMissing = DiagnosticPage(
        "A source folder that does not exist",
        "`source` names a folder below hauban.yaml, and there is none. Paths are case-sensitive where "
            + "services are built, even if they are not on your machine.",
        wrong: #"""
            services:
              api: {source: servces/api, run: ./api}
            """#,
        mended: #"""
            services:
              api: {source: services/api, run: ./api}
            """#)

    static let runbookMissing = DiagnosticPage(
        "A runbook that does not exist",
        "Whoever is woken by the alert opens the runbook first. The file named here does not exist below "
            + "hauban.yaml. Write it, or mend the path.",
        wrong: #"""
            services:
              api: {source: services/api, run: ./api, port: 8080}
            alerts:
              api-down: {when: up(api) < 1, runbook: runboks/api-down.md}
            """#,
        mended: #"""
            services:
              api: {source: services/api, run: ./api, port: 8080}
            alerts:
              api-down: {when: up(api) < 1, runbook: runbooks/api-down.md}
            """#)

    static let deployGap = DiagnosticPage(
        "Something that a deploy by hauban does not do",
        "On docker and swarm a key may be rendered into files, or be left to what those files start, while `hauban deploy` "
            + "does nothing about it. Such a deploy is refused before anything is touched. Each of these has a rule of its own, "
            + "printed in brackets: `hauban explain deploy/backup` and docs/docker.md. Take the key away there, or write a waiver "
            + "with a reason, an owner and a last day. `hauban check` says it as a note, since the platform may be "
            + "rendered and deployed by others.",
        wrong: #"""
            services:
              api: {source: services/api, run: ./api, port: 8080, uses: {db: write}}
            resources:
              db: {kind: postgres, version: 16, backup: {every: 6h}}
            environments:
              prod: {target: docker}
            """#,
        mended: #"""
            services:
              api: {source: services/api, run: ./api, port: 8080, uses: {db: write}}
            resources:
              db: {kind: postgres, version: 16, backup: {every: 6h}}
            environments:
              prod: {target: docker}
            waivers:
              copies: {rule: deploy/backup, reason: The team's own timer dumps it, owner: ana, expires: 2099-03-31}
            people:
              ana: {email: ana@shop.example}
            """#)

    static let guideline = DiagnosticPage(
        "A policy that the platform does not keep",
        "The file is right, and those who run such platforms advise otherwise. Each policy has an id of its own, printed in "
            + "brackets, with a reason and a mend: `hauban explain ID` and docs/policies.md. Mend it, give it another level "
            + "under `policies`, or write a waiver with a reason, an owner and a last day.",
        wrong: #"""
            services:
              cache: {image: "redis:latest", health: {exec: [redis-cli, ping]}}
            """#,
        mended: #"""
            services:
              cache: {image: "redis:7.4.1", health: {exec: [redis-cli, ping]}}
            """#)
}
