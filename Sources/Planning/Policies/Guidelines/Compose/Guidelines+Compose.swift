extension Guidelines {
    /// Those about Compose files.
    static let compose: [Guideline] = [
        .composeDockerSocket
    ]
}
