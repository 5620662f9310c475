extension Guidelines {
    /// Those about Dockerfiles.
    static let dockerfiles: [Guideline] = [
        .dockerAddLocal, .dockerAddUrl, .dockerAptLists, .dockerCopiedSecret, .dockerLatest, .dockerNoHealthcheck,
        .dockerPipedInstaller, .dockerRelativeWorkdir, .dockerRoot, .dockerSecret, .dockerShellForm, .dockerSudo,
        .dockerTwoCommands, .dockerUncheckedTls, .dockerWorldWritable,
    ]
}
