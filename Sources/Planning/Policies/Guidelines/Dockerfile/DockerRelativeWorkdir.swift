import Spec

extension Guideline {
    static let dockerRelativeWorkdir = Guideline(
        id: "docker-relative-workdir",
        title: "A folder that depends on the base image",
        reason: "A relative `WORKDIR` starts where the base image left off, which another version of it may change.",
        fix: "Begin with a slash: `WORKDIR /app`.",
        serves: ["IP-04"], levels: .everywhere(.note),
        judge: .dockerfile { file in
            file.stages.flatMap { stage -> [Diagnostic] in
                // Behind an absolute one a relative one is plain.
                var isAbsolute = false
                return stage.all("WORKDIR").compactMap { workdir in
                    let path = workdir.text.filter { $0 != "\"" && $0 != "'" }
                    if path.hasPrefix("/") || path.hasPrefix("$") || path.dropFirst().hasPrefix(":") {
                        isAbsolute = true
                        return nil
                    }
                    if isAbsolute { return nil }
                    return file.flag(
                        "`WORKDIR \(workdir.text)` is relative", at: file.span(of: workdir.text, in: workdir))
                }
            }
        },
        bad: """
            FROM python:3.12-slim
            WORKDIR app
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            WORKDIR /app
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
