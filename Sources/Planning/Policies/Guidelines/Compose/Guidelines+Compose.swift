extension Guidelines {
    /// Those about Compose files.
    static let compose: [Guideline] = [
        .composeCapabilities, .composeDatabasePort, .composeDockerSocket, .composeHostFolder, .composeHostNamespace,
        .composeLatest, .composeNoHealthcheck, .composeNoLimits, .composeNoRestart, .composePrivileged, .composeRoot,
        .composeSecret, .composeUnconfined, .composeUnhealthyStart,
    ]
}
