import Spec

extension Guideline {
    static let dockerUncheckedTls = Guideline(
        id: "docker-unchecked-tls",
        title: "A download from anybody",
        reason: "A switch that leaves certificates unchecked takes the file from whoever stands on the way.",
        fix: "Take the switch away; install `ca-certificates`, or add your own authority to them.",
        serves: ["SF-15", "CE-4.2"], levels: .everywhere(.warning),
        judge: .dockerfile { file in
            file.stages.flatMap { $0.all("RUN") }.compactMap { run in
                guard let found = ShellText(run.script).uncheckedTLS else { return nil }
                return file.flag("`\(found)` takes it from anybody", at: file.span(of: found, in: run))
            }
        },
        bad: """
            FROM python:3.12-slim
            RUN wget --no-check-certificate https://example.com/tool
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            RUN wget https://example.com/tool
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
