extension ReleaseExecutor {
    /// The latest releases, newest first.
    package func journalHistory(limit: Int) throws -> [ReleaseSummary] { try journal.history(limit: limit) }
}
