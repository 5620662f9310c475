/// A hauban.yaml made from what a repository already says, with a comment on each guess.
///
/// Pure: the caller lists the files. The rules, in the order in which they are tried:
///
/// | found | becomes |
/// |---|---|
/// | Compose service with `build` | a service; its context is `source`, `command` or the Dockerfile's `CMD` is `run` |
/// | image of PostgreSQL, Redis, MinIO or a relative | a resource with the tag's major version |
/// | image of nginx, Traefik, Caddy, HAProxy, Envoy | nothing: the front door does that work |
/// | any other image | a service with `image`; the environment's target is then `docker` |
/// | service that only migrates, beside one of the same source | `migrate` of that one |
/// | `depends_on`, `links` | an edge: `write` to a resource, `call` to a service with a port, none that closes a ring |
/// | variable with the URL, host, port, user or password of a resource or service | `${db.url}` and the like, with the edge |
/// | variable that is secret by its name or its look | an entry of `secrets`; the value is never copied |
/// | `ports` | `port` and `expose` (a lone service at `/`, others at `/NAME`) |
/// | `healthcheck` with curl or wget | `health` with the path; any other test is `exec` |
/// | `deploy.replicas`, `scale`, `stop_grace_period` | `scale`, `stop` |
/// | `profiles` | left out, unless a service without one depends on it |
/// | Compose without `build`, or no Compose | a service for each folder whose files tell a stack, and for each line of a Procfile |
/// | alembic.ini, manage.py, Prisma, Procfile's `release:` | `migrate` of the first service of that source that writes the database |
/// | .env.example | variables, and the values of `${…}` in Compose; `.env` itself is never read |
///
/// Everything else of Compose (volumes, networks, capabilities, limits, …) is left out and named in a comment.
package struct PlatformDraft: Sendable {
    /// The whole file.
    package let text: String
    package let services: [String]
    package let resources: [String]
    /// Names of the secrets whose values the author must give.
    package let secrets: [String]
    /// `local`, or `docker` where something needs a container.
    package let target: String

    /// - Parameters:
    ///   - name: of the repository's folder.
    ///   - files: with contents where ``RepositoryFiles/wantsContent(of:)`` asks for them.
    /// - Returns: `nil` when nothing in the repository looks like a service.
    package static func make(name: String, files: RepositoryFiles) -> PlatformDraft? {
        var builder = DraftBuilder(name: name, files: files)
        builder.build()
        guard !builder.services.isEmpty else { return nil }
        return PlatformDraft(
            text: DraftText(builder).text, services: builder.services.map(\.name),
            resources: builder.resources.map(\.name), secrets: builder.secretNames.sorted(), target: builder.target)
    }
}
