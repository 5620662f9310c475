import Spec

extension Guideline {
    static let migrationUnsaid = Guideline(
        id: "migration-unsaid",
        title: "A release that is never gone back from by itself",
        reason:
            "Nobody said whether the version before can run on the schema that the migration leaves. A release that "
            + "fails is therefore left standing for a person.",
        fix: "Where migrations only add, say so: `migrate: {run: alembic upgrade head, compatible: true}`; else "
            + "`compatible: false`.",
        serves: ["CE-2.4", "CS-03"], levels: .production(.note),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard let migrate = service.migrate, migrate.compatible == nil,
                    context.isWhole(.service(name, "migrate"))
                else {
                    return nil
                }
                return context.flag(
                    "nobody said whether the version before `\(name)` can run after its migration",
                    at: .service(name, "migrate"),
                    .key)
            }
        },
        bad: """
            services:
              api:
                source: api
                run: ./api
                port: 80
                health: {ready: /health, live: /live}
                size: {cpu: 1}
                migrate: ./api migrate
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              api:
                source: api
                run: ./api
                port: 80
                health: {ready: /health, live: /live}
                size: {cpu: 1}
                migrate: {run: ./api migrate, compatible: true}
                uses: {db: write}
                env: {DATABASE_URL: "${db.url}"}
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
            environments: {prod: {target: docker}}
            """)
}
