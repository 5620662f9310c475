extension Guidelines {
    /// Those about Dockerfiles.
    static let dockerfiles: [Guideline] = [
        .dockerLatest, .dockerRoot,
    ]
}
