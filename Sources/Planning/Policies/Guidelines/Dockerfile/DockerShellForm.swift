import Spec

extension Guideline {
    static let dockerShellForm = Guideline(
        id: "docker-shell-form",
        title: "A process that never hears that it shall stop",
        reason: "Without brackets a shell starts the command and stays in front of it: the engine tells the shell to "
            + "stop, the process goes on, and is killed with its requests in the middle.",
        fix: "Write the words as a list: `CMD [\"python\", \"-m\", \"app\"]`; or begin with `exec`.",
        serves: ["CE-1.4", "IP-04"], levels: .everywhere(.warning),
        judge: .dockerfile { file in
            guard let stage = file.last else { return [] }
            return stage.instructions.filter { $0.keyword == "CMD" || $0.keyword == "ENTRYPOINT" }.compactMap {
                command in
                guard !command.isList, !command.text.isEmpty, !command.text.hasPrefix("exec ") else { return nil }
                return file.flag("a shell stands between `\(command.keyword)` and its process", at: command.span)
            }
        },
        bad: """
            FROM python:3.12-slim
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD python -m app
            """,
        good: """
            FROM python:3.12-slim
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
