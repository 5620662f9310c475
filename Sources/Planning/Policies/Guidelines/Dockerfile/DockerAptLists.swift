import Spec

extension Guideline {
    static let dockerAptLists = Guideline(
        id: "docker-apt-lists",
        title: "Package lists that are shipped",
        reason: "The lists that `apt-get update` fetches are 20 MB in a layer that nobody reads again.",
        fix: "Remove them in the same `RUN`: `&& rm -rf /var/lib/apt/lists/*`, or mount a cache over them.",
        serves: ["IP-04"], levels: .everywhere(.note),
        judge: .dockerfile { file in
            guard let stage = file.last else { return [] }
            return stage.all("RUN").compactMap { run in
                let shell = ShellText(run.script)
                let isMounted = run.words.contains {
                    $0.hasPrefix("--mount=type=cache") || $0.hasPrefix("--mount=type=tmpfs")
                }
                guard shell.runs("apt-get", with: "update"), !isMounted, !run.script.contains("/var/lib/apt/lists")
                else { return nil }
                return file.flag("the lists of packages stay in the image", at: file.span(of: "apt-get", in: run))
            }
        },
        bad: """
            FROM python:3.12-slim
            RUN apt-get update && apt-get install -y --no-install-recommends curl
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
