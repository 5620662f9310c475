import Spec

extension Guideline {
    static let dockerSecret = Guideline(
        id: "docker-secret",
        title: "A secret in an image",
        reason: "`ENV` and `ARG` stay in the image and its history: whoever may pull it reads them with `docker "
            + "inspect` and `docker history`.",
        fix: "Hand it over when the container starts, or mount it for one step: `RUN --mount=type=secret,id=token "
            + "…`. What stood here is known now: revoke it.",
        serves: ["SF-13", "IP-08"], levels: .everywhere(.error),
        judge: .dockerfile { file in
            let all = file.prelude + file.stages.flatMap(\.instructions)
            return all.filter { $0.keyword == "ENV" || $0.keyword == "ARG" }.compactMap { instruction in
                for (name, value) in pairs(instruction) where SecretForms.isSecretName(name) {
                    // An argument without a value is still written into the history by whoever gives one.
                    if instruction.keyword == "ENV", value.isEmpty || value.hasPrefix("$") || value.hasPrefix("/") {
                        continue
                    }
                    var finding = file.flag(
                        "`\(instruction.keyword) \(name)` stays in the image",
                        at: file.span(of: value.isEmpty ? name : value, in: instruction))
                    finding.isSecret = !value.isEmpty && !value.hasPrefix("$")
                    return finding
                }
                return nil
            } + found(file)
        },
        bad: """
            FROM python:3.12-slim
            ENV API_TOKEN=not-a-real-one
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """,
        good: """
            FROM python:3.12-slim
            ENV LOG_LEVEL=info
            USER app
            HEALTHCHECK CMD ["python", "-m", "app.check"]
            CMD ["python", "-m", "app"]
            """)

    /// `ENV A=1 B=2`, `ENV A 1`, `ARG A`, `ARG A=1`.
    private static func pairs(_ instruction: Dockerfile.Instruction) -> [(name: String, value: String)] {
        let words = instruction.operands
        guard let first = words.first else { return [] }
        if instruction.keyword == "ENV", !first.contains("=") {
            return [(first, words.dropFirst().joined(separator: " "))]
        }
        return words.map { word in
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts.first ?? "", parts.count > 1 ? parts[1].filter { $0 != "\"" && $0 != "'" } : "")
        }
    }

    /// Text that only a secret looks like, in any instruction.
    private static func found(_ file: Dockerfile) -> [Diagnostic] {
        SecretForms.places(in: file.source).map { place in
            var finding = file.flag("this looks like \(place.kind)", at: place.span)
            finding.isSecret = true
            return finding
        }
    }
}
