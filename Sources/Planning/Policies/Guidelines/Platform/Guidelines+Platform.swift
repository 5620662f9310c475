extension Guidelines {
    /// Those about hauban.yaml.
    static let platform: [Guideline] = [
        .alertAtOnce, .alertOnCause, .alertWithoutRunbook, .backupInOneRegion, .backupKeptShort, .backupNeverTried,
        .backupWithoutTargets, .branchShipsProduction, .bucketOverwritten, .budgetWarnsLate, .dataInClear,
        .dataKeptForEver, .debugInProduction, .egressOpen, .fewManagers, .latestImage, .logsInClear, .logsKeptForEver,
        .logsKeptShort, .looseGate, .migrationUnsaid, .noAlerts, .noApproval, .noBackup, .noBudget, .noCoverageGate,
        .noDependencyAudit, .noEscalation, .noImageScan, .noLimits, .noLiveness, .noOwner, .noProbes, .noRateLimit,
        .noRedirect, .noSecretHook, .noSecretScan, .noSlo, .noSmoke, .noStaging, .noTerraformState, .noTests, .noTls,
        .noTraces, .noUpdates, .noWatchdog, .oldTls, .oneOnCall, .oneRegion, .plainBetweenServices, .plainHttp,
        .plainLogs, .privilegedPatch, .productionOnThisMachine, .publicDatabase, .rpoBelowCopies, .secretInBuild,
        .secretNeverRenewed, .secretWidelyShared, .serverStopsFirst, .shortHsts, .shortWatch, .singleReplica,
        .sloWithoutAlert, .spotServer, .stagingNotCompared, .stagingUnlikeProduction, .storeOutOfSupport,
        .storeVersionUnsaid, .storeWithoutAlert, .storeWithoutStandby, .storeWithoutStorage, .waiverWithoutEnd,
        .wildcardPermissions, .workerUnwatched,
    ]
}
