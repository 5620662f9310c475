package import Response

/// Which label set an alert has that its sender names by a key, and so what a book of alerts has to be told.
///
/// The labels of the first message stay while the alert fires, whatever later ones say, so that grouping and silences hold;
/// only its severity, and whether it is about missing data, follow the sender. Nothing of this is stored: the labels of the
/// stored alerts say it all.
package struct KeyedAlerts: Sendable {
    private var known: [AlertKey: LabelSet] = [:]
    /// The key of each alert, so that one that is forgotten is found at once.
    private var keys: [Fingerprint: AlertKey] = [:]
    private static let moving: Set<String> = ["severity", "evidence"]

    package init(_ alerts: some Sequence<Alert> = []) {
        for alert in alerts {
            guard let key = AlertKey(alert.labels) else { continue }
            keys[alert.labels.fingerprint] = key
            // Of several under one key the one that fires is meant.
            if alert.endedAt == nil || known[key] == nil { known[key] = alert.labels }
        }
    }

    /// The alert that is meant; `nil` when none was ever told under the key.
    package func fingerprint(_ target: AlertTarget) -> Fingerprint? {
        switch target {
        case .fingerprint(let fingerprint, nil): fingerprint
        case .fingerprint(let fingerprint, let integration):
            keys[fingerprint]?.integration == integration ? fingerprint : nil
        case .key(let key): known[key]?.fingerprint
        }
    }

    /// What the book is told, together, for a report or the end of an alert; nothing for other deeds.
    ///
    /// - Parameter alert: what the book knows.
    package mutating func reports(
        for deed: IngestDeed, now: Moment, alert: (Fingerprint) -> Alert?
    ) -> [AlertBook.Report] {
        switch deed {
        case .report(let report): return reports(report, now, alert)
        case .resolve(let target):
            guard let firing = fingerprint(target).flatMap(alert), firing.endedAt == nil else { return [] }
            return [Self.end(firing, now)]
        case .acknowledge, .note, .beat, .change, .confirm: return []
        }
    }

    /// An alert is not known any more.
    package mutating func forget(_ fingerprint: Fingerprint) {
        guard let key = keys.removeValue(forKey: fingerprint), known[key]?.fingerprint == fingerprint else { return }
        known[key] = nil
    }

    /// The alert that a report makes known, if the book does not know it yet.
    package func begins(
        _ report: AlertBook.Report, now: Moment, alert: (Fingerprint) -> Alert?
    ) -> Fingerprint? {
        if let end = report.endsAt, end <= now { return nil }
        // One that goes on under another severity is no new one.
        if let labels = AlertKey(report.labels).flatMap({ known[$0] }), let firing = alert(labels.fingerprint),
            firing.endedAt == nil
        {
            return nil
        }
        let fingerprint = report.labels.fingerprint
        return alert(fingerprint) == nil ? fingerprint : nil
    }

    private mutating func keep(_ labels: LabelSet, _ key: AlertKey) {
        known[key] = labels
        keys[labels.fingerprint] = key
    }

    private mutating func reports(
        _ report: AlertBook.Report, _ now: Moment, _ alert: (Fingerprint) -> Alert?
    ) -> [AlertBook.Report] {
        guard let key = AlertKey(report.labels) else { return [report] }
        var report = report
        if let end = report.endsAt, end <= now {
            // What was never told has no end either; the book says so.
            guard let labels = known[key] else { return [report] }
            report.labels = labels
            if report.annotations.isEmpty { report.annotations = alert(labels.fingerprint)?.annotations ?? [:] }
            return [report]
        }
        guard let labels = known[key], let firing = alert(labels.fingerprint), firing.endedAt == nil else {
            keep(report.labels, key)
            return [report]
        }
        var values = labels.dictionary
        for name in Self.moving { values[name] = report.labels[name] }
        report.labels = LabelSet(values)
        guard report.labels != labels else { return [report] }
        keep(report.labels, key)
        // The new one first: its group is never empty between the two.
        report.startsAt = min(report.startsAt ?? now, firing.startsAt)
        return [report, Self.end(firing, now)]
    }

    private static func end(_ alert: Alert, _ now: Moment) -> AlertBook.Report {
        AlertBook.Report(
            labels: alert.labels, annotations: alert.annotations, startsAt: min(alert.startsAt, now), endsAt: now,
            source: alert.source, generatorURL: alert.generatorURL)
    }
}
