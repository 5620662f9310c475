/// What can be wrong with who is told, when and by what.
extension DiagnosticPage {
    static let unknownAction = DiagnosticPage(
        "An escalation step does what does not exist",
        "`do` names a remedy of Hauban's own or one of `actions`. This is neither, so that the step would do nothing "
            + "when it is needed.",
        wrong: #"""
            oncall:
              primary:
                rotation: {people: [ana]}
                escalate: [{do: flush-cash}, {after: 5m, to: primary}]
            actions:
              flush-cache: {http: {url: "https://cache.shop.example/flush"}}
            people:
              ana: {email: ana@shop.example}
            """#,
        mended: #"""
            oncall:
              primary:
                rotation: {people: [ana]}
                escalate: [{do: flush-cache}, {after: 5m, to: primary}]
            actions:
              flush-cache: {http: {url: "https://cache.shop.example/flush"}}
            people:
              ana: {email: ana@shop.example}
            """#)

    static let unknownService = DiagnosticPage(
        "Something is about a service that does not exist",
        "Planned work, a heartbeat, an action or an integration names a service that this file does not declare, so that it "
            + "would concern nothing.",
        wrong: #"""
            services:
              backup: {source: backup, run: ./backup}
            heartbeats:
              nightly: {every: daily, service: bakcup}
            """#,
        mended: #"""
            services:
              backup: {source: backup, run: ./backup}
            heartbeats:
              nightly: {every: daily, service: backup}
            """#)

    static let unreachablePerson = DiagnosticPage(
        "Somebody is to be told, and no way leads to them",
        "They take turns, belong to a team or are named in an escalation, but have neither an e-mail address nor a "
            + "telephone number nor a handle, or only such as no declared provider carries. A page to them would be lost.",
        wrong: #"""
            oncall:
              primary: {rotation: {people: [ana]}}
            people:
              ana: {}
            """#,
        mended: #"""
            oncall:
              primary: {rotation: {people: [ana]}}
            people:
              ana: {phone: "+33612345678"}
            """#)

    static let channelWithoutProvider = DiagnosticPage(
        "A channel that nothing carries",
        "Once `notify` declares a provider, it must declare one for each channel that schedules, teams and people use: "
            + "`slack`, `email`, `pagerduty` with a key of the name, `twilio` or `sms`, a webhook of the name.",
        wrong: #"""
            oncall:
              primary: {rotation: {people: [ana]}, channels: {critical: ["slack:#alerts", email]}}
            people:
              ana: {email: ana@shop.example}
            notify:
              email: {server: smtp.shop.example, from: hauban@shop.example}
            """#,
        mended: #"""
            oncall:
              primary: {rotation: {people: [ana]}, channels: {critical: ["slack:#alerts", email]}}
            people:
              ana: {email: ana@shop.example}
            notify:
              slack: {token: slack-token}
              email: {server: smtp.shop.example, from: hauban@shop.example}
            secrets: {slack-token: {}}
            """#)

    static let unknownZone = DiagnosticPage(
        "A time zone that does not exist",
        "Turns, quiet hours and planned work go by the clock of a zone of the IANA database. With a wrong name they would "
            + "go by UTC, and change hands at the wrong hour.",
        wrong: #"""
            oncall:
              primary: {rotation: {zone: Europe/Pariss, people: [ana]}}
            people:
              ana: {email: ana@shop.example}
            """#,
        mended: #"""
            oncall:
              primary: {rotation: {zone: Europe/Paris, people: [ana]}}
            people:
              ana: {email: ana@shop.example}
            """#)

    static let badPattern = DiagnosticPage(
        "A regular expression that cannot be read",
        "What begins with `=~` or `!~` is a regular expression in the syntax of RE2, which has no look-arounds and no "
            + "references back, and must match the whole value.",
        wrong: #"""
            inhibit:
              database-down: {while: {alertname: DatabaseDown}, mute: {alertname: "=~ Slow(Query"}}
            """#,
        mended: #"""
            inhibit:
              database-down: {while: {alertname: DatabaseDown}, mute: {alertname: "=~ Slow(Query)?"}}
            """#)

    static let scheduleGap = DiagnosticPage(
        "A time at which nobody is on call",
        "The layers of the schedule leave hours without anybody, within the next year. An alert at that time would wait for "
            + "the next step of the escalation. Give a layer those hours; a holiday without anybody on purpose says "
            + "`nobody`.",
        wrong: #"""
            oncall:
              primary:
                layers:
                  week: {hours: [mon-fri], people: [ana]}
            people:
              ana: {email: ana@shop.example}
            """#,
        mended: #"""
            oncall:
              primary:
                layers:
                  week: {hours: [mon-fri], people: [ana]}
                  weekend: {hours: ["sat,sun"], people: [ben]}
            people:
              ana: {email: ana@shop.example}
              ben: {email: ben@shop.example}
            """#)

    static let mutesEverything = DiagnosticPage(
        "A rule that would keep back every alert",
        "Each condition also holds for an alert that does not have the label at all, so that everything would be kept from "
            + "people. Name a value that must be there.",
        wrong: #"""
            maintenance:
              nights: {hours: ["02:00-04:00"], match: {env: "!= dev"}}
            """#,
        mended: #"""
            maintenance:
              nights: {hours: ["02:00-04:00"], match: {env: "!= dev", alertname: Slow}}
            """#)

    static let maintenanceOver = DiagnosticPage(
        "Planned work that is over",
        "The window has ended and does not come back. Remove it, so that the file says what is planned.",
        wrong: #"""
            services:
              api: {source: api, run: ./api}
            maintenance:
              move: {from: 2020-12-01 22:00, to: 2020-12-02 02:00, services: [api]}
            """#,
        mended: #"""
            services:
              api: {source: api, run: ./api}
            """#)
}
