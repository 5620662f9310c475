import Spec

extension Guideline {
    static let dockerRoot = Guideline(
        id: "docker-root",
        title: "A container that runs as root",
        reason:
            "Who breaks out of a process that is root in its container is root nearer to the machine, and may write "
            + "wherever the image lets root write.",
        fix: "Make a user and end the last stage with it: `USER app`, or a number such as `USER 10001`.",
        serves: ["IP-04", "IP-08"], levels: .everywhere(.warning),
        judge: .dockerfile { file in
            guard let stage = file.last, let from = stage.base, from.lowercased() != "scratch" else { return [] }
            if let user = file.shipped.last(where: { $0.keyword == "USER" }) {
                let name = file.expand(user.operands.first ?? "").prefix { $0 != ":" }
                guard ["root", "0"].contains(name.lowercased()) else { return [] }
                return [file.flag("the last user is `\(name)`", at: file.span(of: user.text, in: user))]
            }
            // Some images come with a user of their own.
            let root = (file.root ?? "").lowercased()
            guard root != "scratch", !root.contains("nonroot"), !root.contains("rootless"),
                !root.contains("unprivileged")
            else {
                return []
            }
            return [file.flag("no `USER` stands in the stage that is shipped", at: stage.from.span)]
        },
        bad: """
            FROM python:3.12-slim
            COPY . /app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            RUN useradd --uid 10001 app
            COPY . /app
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
