import Spec

extension Guideline {
    static let dockerLatest = Guideline(
        id: "docker-latest",
        title: "A base image that may be another one tomorrow",
        reason: "`FROM` without a tag, or with one that moves, builds on whatever was pushed last: the same commit "
            + "gives two images, and a hole that is found cannot be told to be in yours.",
        fix: "Name a version, `python:3.12-slim`, or a digest behind it.",
        serves: ["IP-04", "SF-15"], levels: .everywhere(.warning),
        judge: .dockerfile { file in
            file.stages.enumerated().compactMap { index, stage in
                guard let base = stage.base, file.stage(named: base, before: index) == nil else { return nil }
                let image = file.expand(base)
                guard image.lowercased() != "scratch", !image.contains("$"), let tag = ImageText(image).moving else {
                    return nil
                }
                return file.flag(
                    tag.isEmpty ? "`\(image)` has no tag" : "the tag `\(tag)` of `\(image)` moves",
                    at: file.span(of: base, in: stage.from))
            }
        },
        bad: """
            FROM python:latest
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
