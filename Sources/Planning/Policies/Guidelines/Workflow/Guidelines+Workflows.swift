extension Guidelines {
    /// Those about workflows.
    static let workflows: [Guideline] = [
        .unpinnedAction
    ]
}
