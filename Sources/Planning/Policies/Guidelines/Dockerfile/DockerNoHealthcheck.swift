import Spec

extension Guideline {
    static let dockerNoHealthcheck = Guideline(
        id: "docker-no-healthcheck",
        title: "An image that cannot say whether it is well",
        reason: "Docker and Compose show a container as running as long as its process lives. With a HEALTHCHECK they "
            + "show whether it works, and others can wait for it.",
        fix:
            "Ask what a user would ask: `HEALTHCHECK CMD [\"python\", \"-m\", \"app.check\"]`. Kubernetes has probes of "
            + "its own.",
        serves: ["IP-04"], levels: .everywhere(.note),
        judge: .dockerfile { file in
            guard let stage = file.last, (file.root ?? "").lowercased() != "scratch",
                !file.shipped.contains(where: { $0.keyword == "HEALTHCHECK" }),
                file.shipped.contains(where: { $0.keyword == "CMD" || $0.keyword == "ENTRYPOINT" })
            else { return [] }
            return [file.flag("no `HEALTHCHECK` stands in the stage that is shipped", at: stage.from.span)]
        },
        bad: """
            FROM python:3.12-slim
            USER app
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
