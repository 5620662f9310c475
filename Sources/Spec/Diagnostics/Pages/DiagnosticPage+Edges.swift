/// What can be wrong between services, resources and secrets.
extension DiagnosticPage {
    static let nameTakenTwice = DiagnosticPage(
        "A service and a resource share one name",
        "`uses` names services and resources alike, so that one name must mean one thing. Rename one of "
            + "the two.",
        wrong: #"""
            services:
              db:
                source: services/db
                run: ./db
            resources:
              db: {kind: postgres}
            """#,
        mended: #"""
            services:
              db-admin:
                source: services/db
                run: ./db
            resources:
              db: {kind: postgres}
            """#)

    static let unknownEdge = DiagnosticPage(
        "An edge to nothing",
        "`uses` names something that is neither a service nor a resource of this platform, so that no "
            + "address, grant or start order can follow from it. Declare it, or mend the name.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                uses: {databse: write}
            resources:
              database: {kind: postgres}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                uses: {database: write}
            resources:
              database: {kind: postgres}
            """#)

    static let accessNotForKind = DiagnosticPage(
        "An access that this kind does not offer",
        "What an edge may do follows from what it leads to: databases, caches and buckets are read or "
            + "written, topics published or subscribed to, services called.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                uses: {db: publish}
            resources:
              db: {kind: postgres}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                uses: {db: write}
            resources:
              db: {kind: postgres}
            """#)

    static let unknownPlaceholder = DiagnosticPage(
        "A placeholder without an edge",
        "`${db.url}` needs `db` under the same service's `uses`: the edge is what grants the access, "
            + "opens the network and orders the start. Add the edge, or mend the name.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                env: {DATABASE_URL: "${db.url}"}
            resources:
              db: {kind: postgres}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
            resources:
              db: {kind: postgres}
            """#)

    static let unknownAttribute = DiagnosticPage(
        "A placeholder names an attribute that does not exist",
        "Each kind of edge has a closed set of attributes, listed in docs/reference.md.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                uses: {db: write}
                env: {DATABASE_URL: "${db.uri}"}
            resources:
              db: {kind: postgres}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
            resources:
              db: {kind: postgres}
            """#)

    static let unusedEdge = DiagnosticPage(
        "An edge that the service does not read",
        "The edge grants access and orders the start, but no variable or command names one of its "
            + "attributes, so that the service cannot know the address. Name one under `env`, or take the edge "
            + "away.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                uses: {db: write}
            resources:
              db: {kind: postgres}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
            resources:
              db: {kind: postgres}
            """#)

    static let migrateWithoutDatabase = DiagnosticPage(
        "A migration without a database",
        "`migrate` changes a database's schema with the service's own access. Without an edge that writes "
            + "to a database it has nothing to change.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                migrate: alembic upgrade head
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                migrate: alembic upgrade head
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
            resources:
              db: {kind: postgres}
            """#)

    static let twoMigrations = DiagnosticPage(
        "Two services migrate one database",
        "Two migrations of one schema in one release have no order between them, and each takes the "
            + "other's tables for its own. Let one service own the schema.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api
                migrate: alembic upgrade head
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
              jobs:
                source: services/jobs
                run: ./jobs
                migrate: alembic upgrade head
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
            resources:
              db: {kind: postgres}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api
                migrate: alembic upgrade head
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
              jobs:
                source: services/jobs
                run: ./jobs
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
            resources:
              db: {kind: postgres}
            """#)

    static let undeclaredSecret = DiagnosticPage(
        "A secret that is not declared",
        "A service asks for a secret that `secrets` does not list. The list is what `hauban secrets` "
            + "fills, rotates and audits, so that each secret stands there once.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                secrets: [stripe-key]
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                secrets: [stripe-key]
            secrets:
              stripe-key: {rotate: 90d}
            """#)

    static let unusedSecret = DiagnosticPage(
        "A secret that nobody uses",
        "No service asks for this secret. A value that nobody needs can only leak: take it away, or hand "
            + "it to the service that needs it.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
            secrets:
              stripe-key: {rotate: 90d}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                secrets: [stripe-key]
            secrets:
              stripe-key: {rotate: 90d}
            """#)

    static let variableTwice = DiagnosticPage(
        "A variable is set twice",
        "The same environment variable is given by `env` and by a secret, or by two secrets, and only one "
            + "of them could win. Rename one.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                secrets: [stripe-key]
                env: {STRIPE_KEY: test}
            secrets:
              stripe-key: {rotate: 90d}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                secrets: [stripe-key]
            secrets:
              stripe-key: {rotate: 90d}
            """#)

    static let secretInText = DiagnosticPage(
        "A secret stands in the file",
        "The value looks like a key, a token or a password. hauban.yaml is in the repository, where "
            + "everybody who ever clones it keeps it. Declare a secret, give its value with `hauban secrets "
            + "set`, and renew the one that was written here.",
        wrong: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                env: {STRIPE_KEY: sk_live_51H8abcdefghijklmnopqrstu}
            """#,
        mended: #"""
            services:
              api:
                source: services/api
                run: ./api --port ${port}
                port: 8080
                secrets: [stripe-key]
            secrets:
              stripe-key: {rotate: 90d}
            """#)

    static let dependencyCycle = DiagnosticPage(
        "Services wait for each other in a circle",
        "Edges order the start and the switch of a release. In a circle nothing can be first. Take one "
            + "edge away, or put a topic in between.",
        wrong: #"""
            services:
              orders:
                source: services/orders
                run: ./orders
                port: 8001
                uses: {stock: call}
                env: {STOCK_URL: "${stock.url}"}
              stock:
                source: services/stock
                run: ./stock
                port: 8002
                uses: {orders: call}
                env: {ORDERS_URL: "${orders.url}"}
            """#,
        mended: #"""
            services:
              orders:
                source: services/orders
                run: ./orders
                port: 8001
                uses: {stock: call}
                env: {STOCK_URL: "${stock.url}"}
              stock:
                source: services/stock
                run: ./stock
                port: 8002
            """#)
}
