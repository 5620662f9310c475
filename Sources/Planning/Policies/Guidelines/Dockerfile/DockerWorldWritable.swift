import Spec

extension Guideline {
    static let dockerWorldWritable = Guideline(
        id: "docker-world-writable",
        title: "Files that anybody may change",
        reason: "With mode 777 whoever breaks into the process may replace the program that it runs.",
        fix: "Give the files to the user that needs them: `COPY --chown=app:app`, or mode 755.",
        serves: ["IP-04"], levels: .everywhere(.warning),
        judge: .dockerfile { file in
            file.stages.flatMap(\.instructions).compactMap { instruction in
                let text = instruction.keyword == "RUN" ? instruction.script : instruction.text
                let isMode = instruction.words.contains { $0 == "--chmod=777" || $0 == "--chmod=0777" }
                guard isMode || instruction.keyword == "RUN" && ShellText(text).opensToAll else { return nil }
                return file.flag("anybody may write there", at: file.span(of: "777", in: instruction))
            }
        },
        bad: """
            FROM python:3.12-slim
            RUN chmod -R 777 /app
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            RUN chmod -R 755 /app
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
