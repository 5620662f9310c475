extension Guidelines {
    /// Those about hauban.yaml.
    static let platform: [Guideline] = [
        .alertWithoutRunbook, .backupNeverTried, .egressOpen, .latestImage, .noBackup, .noLimits, .noProbes, .noTls,
        .oldTls, .publicDatabase, .singleReplica, .workerUnwatched,
    ]
}
