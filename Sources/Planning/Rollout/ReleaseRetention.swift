/// Which records of releases a journal may forget.
package struct ReleaseRetention: Hashable, Sendable {
    /// The latest ones stay, whatever became of them.
    package var latest: Int
    /// The latest kept ones stay: they are where a rollback can lead.
    package var latestKept: Int

    package init(latest: Int = 200, latestKept: Int = 20) {
        self.latest = latest
        self.latestKept = latestKept
    }

    /// Of releases in rising order, those to forget.
    package func forgettable(_ releases: [(id: ReleaseID, isKept: Bool)]) -> [ReleaseID] {
        let recent = Set(releases.suffix(latest).map(\.id))
        let good = Set(releases.filter(\.isKept).suffix(latestKept).map(\.id))
        return releases.map(\.id).filter { !recent.contains($0) && !good.contains($0) }
    }
}
