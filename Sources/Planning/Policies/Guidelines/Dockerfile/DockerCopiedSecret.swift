import Spec

extension Guideline {
    static let dockerCopiedSecret = Guideline(
        id: "docker-copied-secret",
        title: "A file of secrets in an image",
        reason: "A layer keeps what was copied into it, also when a later instruction removes it: whoever may pull the "
            + "image has the file.",
        fix: "Leave it out with .dockerignore, and hand its values over when the container starts.",
        serves: ["SF-13", "IP-08"], levels: .everywhere(.error),
        judge: .dockerfile { file in
            file.stages.flatMap(\.instructions).filter { $0.keyword == "COPY" || $0.keyword == "ADD" }.compactMap {
                copy in
                if copy.words.contains(where: { $0.hasPrefix("--from=") }) { return nil }
                let sources = copy.operands.dropLast().map { $0.filter { $0 != "\"" && $0 != "[" && $0 != "," } }
                guard let secret = sources.first(where: isSecret) else { return nil }
                return file.flag("`\(secret)` is copied into the image", at: file.span(of: secret, in: copy))
            }
        },
        bad: """
            FROM python:3.12-slim
            COPY .env /app/.env
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            COPY app /app
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)

    /// Names that files of secrets go by.
    private static func isSecret(_ path: String) -> Bool {
        let base = Paths.last(path).lowercased()
        if ["id_rsa", "id_ed25519", "id_ecdsa", ".npmrc", ".pypirc", ".netrc", ".pgpass", ".htpasswd"].contains(base) {
            return true
        }
        if base == ".env" || base.hasPrefix(".env.") {
            return ![".env.example", ".env.sample", ".env.template", ".env.dist"].contains(base)
        }
        return base.hasSuffix(".p12") || base.hasSuffix(".pfx") || base.hasSuffix(".key")
    }
}
