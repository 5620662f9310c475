import Spec

extension Guideline {
    static let dockerAddLocal = Guideline(
        id: "docker-add-local",
        title: "`ADD` where `COPY` is meant",
        reason: "`ADD` unpacks archives and fetches addresses: what a changed name does is a surprise. `COPY` does one "
            + "thing.",
        fix: "Write `COPY`; keep `ADD` for archives that shall be unpacked.",
        serves: ["IP-04"], levels: .everywhere(.note),
        judge: .dockerfile { file in
            file.stages.flatMap { $0.all("ADD") }.compactMap { add in
                let sources = add.operands.dropLast()
                let archives = [
                    ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".txz", ".tbz2", ".gz", ".xz", ".bz2", ".zst",
                    ".lzma",
                ]
                guard !add.isList, !sources.isEmpty,
                    sources.allSatisfy({ source in
                        !source.contains("://") && !source.hasPrefix("git@") && !source.contains("$")
                            && !source.hasPrefix("<<")
                            && !archives.contains(where: source.hasSuffix)
                    })
                else { return nil }
                return file.flag("`ADD` of `\(sources.joined(separator: " "))` is a copy", at: add.span, fix: "COPY")
            }
        },
        bad: """
            FROM python:3.12-slim
            ADD app /app
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            COPY app /app
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)
}
