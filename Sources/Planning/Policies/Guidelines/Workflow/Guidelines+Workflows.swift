extension Guidelines {
    /// Those about workflows.
    static let workflows: [Guideline] = [
        .workflowAllSecrets, .workflowInheritedSecrets, .workflowInjection, .workflowKeptToken,
        .workflowNoPermissions, .workflowNoTimeout, .workflowOldCommands, .workflowOwnRunner,
        .workflowRegistryPassword, .workflowSecret, .workflowUnpinned, .workflowUntrustedCheckout, .workflowWriteAll,
    ]
}
