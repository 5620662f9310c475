import Spec

extension Guideline {
    static let dockerSudo = Guideline(
        id: "docker-sudo",
        title: "`sudo` in an image",
        reason: "A build is root already; what it leaves is a way to become root again for whoever breaks in.",
        fix: "Take it away; switch with `USER` where another user must build.",
        serves: ["IP-04", "IP-08"], levels: .everywhere(.warning),
        judge: .dockerfile { file in
            file.stages.flatMap { $0.all("RUN") }.compactMap { run in
                guard ShellText(run.script).runs("sudo") else { return nil }
                return file.flag("`sudo` runs in the image", at: file.span(of: "sudo", in: run))
            }
        },
        bad: """
            FROM python:3.12-slim
            RUN sudo python -m app.build
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            RUN python -m app.build
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
