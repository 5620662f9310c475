import Spec

extension Guideline {
    static let dockerAddUrl = Guideline(
        id: "docker-add-url",
        title: "A download that nobody compares with what was meant",
        reason: "`ADD` of an address takes what is there on the day of the build, unseen: whoever takes over the "
            + "address is in the image.",
        fix: "Give its checksum, `ADD --checksum=sha256:… URL`, or copy the file from the repository.",
        serves: ["SF-15", "IP-04"], levels: .everywhere(.warning),
        judge: .dockerfile { file in
            file.stages.flatMap { $0.all("ADD") }.compactMap { add in
                let isChecked = add.words.contains { $0.hasPrefix("--checksum=") }
                guard !isChecked, let url = add.operands.dropLast().first(where: { $0.lowercased().hasPrefix("http") }),
                    url.contains("://")
                else { return nil }
                return file.flag("`ADD` takes whatever `\(url)` gives", at: file.span(of: url, in: add))
            }
        },
        bad: """
            FROM python:3.12-slim
            ADD https://example.com/tool.tar.gz /opt/
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/tool.tar.gz /opt/
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
