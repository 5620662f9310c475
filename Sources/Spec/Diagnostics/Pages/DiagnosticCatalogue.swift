/// Every page as one document: docs/diagnostics.md.
package enum DiagnosticCatalogue {
    /// Markdown, the ids in the order of ``DiagnosticID``.
    package static var markdown: String {
        var out = """
            # Diagnostics

            This file is generated from the pages that `hauban explain ID` prints (`UPDATE_GOLDEN=1 make test`); do not edit
            it. Ids are stable: they are never renamed. Examples leave out the two lines `hauban: 1` and `platform: shop`
            where they say nothing. Findings are errors unless they are marked as warnings.

            """
        for id in DiagnosticID.allCases {
            let mark = id.severity == .error ? "" : " (\(id.severity.rawValue))"
            out += "\n## \(id.rawValue)\(mark)\n\n**\(id.page.title).** \(id.page.markdown)"
        }
        return out
    }
}

extension DiagnosticID {
    /// Found by the policies over a whole platform, not by the reader of one file.
    package var isFoundByPolicy: Bool {
        switch self {
        case .notUTF8, .fileTooLarge, .nestedTooDeep, .emptyFile, .yamlSyntax, .yamlAlias, .yamlTag, .yamlKey,
            .duplicateKey, .unknownKey, .missingKey, .conflictingKeys, .keyNotForKind, .noValue, .wrongType,
            .wrongValue, .wrongChoice, .missingUnit, .outOfRange, .portOutOfRange, .badName, .badPlaceholder,
            .badCondition, .pathOutside, .unknownStage:
            false
        case .nameTakenTwice, .unknownEdge, .accessNotForKind, .unknownPlaceholder, .unknownAttribute, .unusedEdge,
            .migrateWithoutDatabase, .twoMigrations, .undeclaredSecret, .unusedSecret, .variableTwice, .secretInText,
            .dependencyCycle, .exposedTwice, .exposedWithoutPort, .nothingToRun, .portUnused, .unknownSignalTarget,
            .signalNotMeasured, .alertToNobody, .escalationToNobody, .unknownPerson, .unknownSchedule,
            .unknownAction, .unknownService, .unreachablePerson, .channelWithoutProvider, .unknownZone, .badPattern,
            .scheduleGap, .mutesEverything, .maintenanceOver, .unknownEnvironment, .unknownPhase, .missingDomain,
            .targetCannotHonour, .waiverExpired, .waiverUnused,
            .unknownRule, .sourceMissing, .runbookMissing, .deployGap, .guideline:
            true
        }
    }
}
