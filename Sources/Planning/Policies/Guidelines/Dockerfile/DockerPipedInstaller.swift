import Spec

extension Guideline {
    static let dockerPipedInstaller = Guideline(
        id: "docker-piped-installer",
        title: "A script of the internet that runs unseen",
        reason:
            "What is piped from an address into a shell is whatever the address gives on the day of the build, half "
            + "of it when the connection breaks.",
        fix: "Download it, compare its checksum, then run it; or install the package.",
        serves: ["SF-15", "IP-04"], levels: .everywhere(.warning),
        judge: .dockerfile { file in
            file.stages.flatMap { $0.all("RUN") }.compactMap { run in
                guard ShellText(run.script).pipesDownloadIntoShell else { return nil }
                return file.flag("a download runs as it comes", at: file.span(of: "|", in: run))
            }
        },
        bad: """
            FROM python:3.12-slim
            RUN curl -fsSL https://example.com/install.sh | sh
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            COPY install.sh /tmp/
            RUN sh /tmp/install.sh
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
