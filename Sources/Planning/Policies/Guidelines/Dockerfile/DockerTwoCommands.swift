import Spec

extension Guideline {
    static let dockerTwoCommands = Guideline(
        id: "docker-two-commands",
        title: "A command that never runs",
        reason: "Of several `CMD` or `ENTRYPOINT` of one stage only the last one counts; the others mislead whoever "
            + "reads them.",
        fix: "Keep the one that is meant.",
        serves: ["IP-04"], levels: .everywhere(.warning),
        judge: .dockerfile { file in
            file.stages.flatMap { stage in
                ["CMD", "ENTRYPOINT"].flatMap { keyword in
                    stage.all(keyword).dropLast().map { file.flag("this `\(keyword)` is never used", at: $0.span) }
                }
            }
        },
        bad: """
            FROM python:3.12-slim
            CMD ["python", "-m", "old"]
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
