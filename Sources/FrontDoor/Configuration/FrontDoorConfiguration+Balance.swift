extension FrontDoorConfiguration {
    /// How requests are spread over the replicas of a release.
    package struct Balance: Codable, Sendable, Hashable {
        /// How long the share of a replica that is new beside others, or back from an ejection, grows; 0 gives it its full
        /// share at once.
        package var slowStartMilliseconds: Int
        /// The first ejection of a replica that fails while the others do well; each further one soon after its return
        /// takes twice as long. 0 ejects none.
        package var ejectionMilliseconds: Int
        package var longestEjectionMilliseconds: Int

        package init(
            slowStartMilliseconds: Int = 10_000, ejectionMilliseconds: Int = 5_000,
            longestEjectionMilliseconds: Int = 60_000
        ) {
            self.slowStartMilliseconds = slowStartMilliseconds
            self.ejectionMilliseconds = ejectionMilliseconds
            self.longestEjectionMilliseconds = longestEjectionMilliseconds
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            let standard = Balance()
            func value(_ key: CodingKeys, _ fallback: Int) throws -> Int {
                try values.decodeIfPresent(Int.self, forKey: key) ?? fallback
            }
            slowStartMilliseconds = try value(.slowStartMilliseconds, standard.slowStartMilliseconds)
            ejectionMilliseconds = try value(.ejectionMilliseconds, standard.ejectionMilliseconds)
            longestEjectionMilliseconds = try value(
                .longestEjectionMilliseconds, standard.longestEjectionMilliseconds)
        }
    }
}
