/// The stable id of a kind of finding. Ids are never renamed; `hauban explain ID` prints ``DiagnosticID/page``.
package enum DiagnosticID: String, Sendable, Hashable, CaseIterable {
    // Reading the file.
    case notUTF8 = "not-utf8"
    case fileTooLarge = "file-too-large"
    case nestedTooDeep = "nested-too-deep"
    case emptyFile = "empty-file"
    case yamlSyntax = "yaml-syntax"
    case yamlAlias = "yaml-alias"
    case yamlTag = "yaml-tag"
    case yamlKey = "yaml-key"
    case duplicateKey = "duplicate-key"
    // Keys and values.
    case unknownKey = "unknown-key"
    case missingKey = "missing-key"
    case conflictingKeys = "conflicting-keys"
    case keyNotForKind = "key-not-for-kind"
    case noValue = "no-value"
    case wrongType = "wrong-type"
    case wrongValue = "wrong-value"
    case wrongChoice = "wrong-choice"
    case missingUnit = "missing-unit"
    case outOfRange = "out-of-range"
    case portOutOfRange = "port-out-of-range"
    case badName = "bad-name"
    case badPlaceholder = "bad-placeholder"
    case badCondition = "bad-condition"
    case pathOutside = "path-outside"
    case unknownStage = "unknown-stage"
    // The platform as a whole.
    case nameTakenTwice = "name-taken-twice"
    case unknownEdge = "unknown-edge"
    case accessNotForKind = "access-not-for-kind"
    case unknownPlaceholder = "unknown-placeholder"
    case unknownAttribute = "unknown-attribute"
    case unusedEdge = "unused-edge"
    case migrateWithoutDatabase = "migrate-without-database"
    case twoMigrations = "two-migrations"
    case undeclaredSecret = "undeclared-secret"
    case unusedSecret = "unused-secret"
    case variableTwice = "variable-twice"
    case secretInText = "secret-in-text"
    case dependencyCycle = "dependency-cycle"
    case exposedTwice = "exposed-twice"
    case exposedWithoutPort = "exposed-without-port"
    case nothingToRun = "nothing-to-run"
    case portUnused = "port-unused"
    case unknownSignalTarget = "unknown-signal-target"
    case signalNotMeasured = "signal-not-measured"
    case alertToNobody = "alert-to-nobody"
    case escalationToNobody = "escalation-to-nobody"
    case unknownPerson = "unknown-person"
    case unknownSchedule = "unknown-schedule"
    case unknownAction = "unknown-action"
    case unknownService = "unknown-service"
    case unreachablePerson = "unreachable-person"
    case channelWithoutProvider = "channel-without-provider"
    case unknownZone = "unknown-zone"
    case badPattern = "bad-pattern"
    case scheduleGap = "schedule-gap"
    case mutesEverything = "mutes-everything"
    case maintenanceOver = "maintenance-over"
    case unknownEnvironment = "unknown-environment"
    case unknownPhase = "unknown-phase"
    case missingDomain = "missing-domain"
    case targetCannotHonour = "target-cannot-honour"
    case waiverExpired = "waiver-expired"
    case waiverUnused = "waiver-unused"
    case unknownRule = "unknown-rule"
    case sourceMissing = "source-missing"
    case runbookMissing = "runbook-missing"
    /// Something that a deploy by hauban does not do; its rules say their own ids, `deploy/backup`: see ``Diagnostic/code``.
    case deployGap = "deploy-gap"
    /// One of the guidelines, which say their own ids: see ``Diagnostic/code``.
    case guideline

    /// Findings are errors unless they only waste something.
    package var severity: Diagnostic.Severity {
        switch self {
        case .unusedEdge, .unusedSecret, .portUnused, .waiverUnused, .maintenanceOver, .guideline: .warning
        default: .error
        }
    }
}
