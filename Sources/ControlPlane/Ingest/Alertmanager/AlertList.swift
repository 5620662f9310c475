import Response

/// What is known of the alerts at one moment, to be written down apart from the event loop.
struct AlertList: Sendable {
    var alerts: AlertTable
    var silences: [Silence]
    var inhibitions: InhibitionIndex
    var routes: [Route]
    var now: Moment

    /// What a `GET` asks for.
    struct Filter: Sendable {
        var matchers: [Matcher] = []
        var receiver: WordTest?
        var active = true
        var silenced = true
        var inhibited = true
    }

    /// A regular expression that must match a whole receiver's name.
    struct WordTest: Sendable {
        private let matcher: Matcher

        init(_ pattern: String) throws(Matcher.Problem) { matcher = try Matcher("receiver", .matches, pattern) }

        func accepts(_ name: String) -> Bool { matcher.matches(LabelSet(["receiver": name])) }
    }

    private struct Row {
        var fingerprint: Fingerprint
        var alert: Alert
        var silencedBy: [String]
        var inhibitedBy: [Fingerprint]
    }

    /// The body of `GET /api/v2/alerts`: sorted by fingerprint.
    func alertsText(_ filter: Filter) -> [UInt8] {
        var writer = JSONWriter(capacity: 512 * alerts.count + 16)
        writer.array { writer in
            for row in rows(filter) {
                let receivers = routes.taken(by: row.alert.labels).map(\.receiver)
                if let test = filter.receiver, !receivers.contains(where: test.accepts) { continue }
                Self.write(row, receivers, to: &writer)
            }
        }
        return writer.bytes
    }

    /// The body of `GET /api/v2/alerts/groups`: groups sorted by labels and receiver, alerts as Alertmanager sorts them.
    func groupsText(_ filter: Filter) -> [UInt8] {
        var groups: [GroupKey: (receiver: String, rows: [Row])] = [:]
        var receivers: [Fingerprint: [String]] = [:]
        for row in rows(filter) {
            for route in routes.taken(by: row.alert.labels) {
                if let test = filter.receiver, !test.accepts(route.receiver) { continue }
                let key = route.group(of: row.alert.labels)
                groups[key, default: (route.receiver, [])].rows.append(row)
                receivers[row.fingerprint, default: []].append(route.receiver)
            }
        }
        let sorted = groups.sorted { one, other in
            if one.key.labels == other.key.labels {
                return (one.value.receiver, one.key.route) < (other.value.receiver, other.key.route)
            }
            return one.key.labels.comesBefore(other.key.labels)
        }
        var writer = JSONWriter(capacity: 512 * alerts.count + 16)
        writer.array { writer in
            for (key, group) in sorted {
                writer.object { writer in
                    writer.key("alerts")
                    writer.array { writer in
                        for row in group.rows.sorted(by: { $0.alert.labels.isListedBefore($1.alert.labels) }) {
                            Self.write(row, (receivers[row.fingerprint] ?? []).sorted(), to: &writer)
                        }
                    }
                    writer.key("labels")
                    writer.write(key.labels)
                    writer.key("receiver")
                    writer.object { writer in
                        writer.key("name")
                        writer.write(group.receiver)
                    }
                }
            }
        }
        return writer.bytes
    }

    /// The alerts that fire and pass the filter but for its receiver, with what keeps them quiet.
    private func rows(_ filter: Filter) -> [Row] {
        let firing = alerts.filter { $0.value.endsAt >= now }
        let silences = silences.filter { $0.state(at: now) == .active }.sorted { $0.id < $1.id }
        var rows: [Row] = []
        for (fingerprint, alert) in firing {
            guard filter.matchers.match(alert.labels) else { continue }
            let silencedBy = silences.filter { $0.matchers.match(alert.labels) }.map(\.id)
            let inhibitedBy = inhibitions.inhibitor(of: alert.labels).map { [$0.source] } ?? []
            if !filter.active, silencedBy.isEmpty, inhibitedBy.isEmpty { continue }
            if !filter.silenced, !silencedBy.isEmpty { continue }
            if !filter.inhibited, !inhibitedBy.isEmpty { continue }
            rows.append(
                Row(fingerprint: fingerprint, alert: alert, silencedBy: silencedBy, inhibitedBy: inhibitedBy))
        }
        return rows.sorted { $0.fingerprint < $1.fingerprint }
    }

    private static func write(_ row: Row, _ receivers: [String], to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("annotations")
            writer.write(row.alert.annotations)
            writer.key("endsAt")
            writer.write(row.alert.endsAt)
            writer.key("fingerprint")
            writer.write(row.fingerprint)
            writer.key("receivers")
            writer.array { writer in
                for receiver in receivers {
                    writer.object { writer in
                        writer.key("name")
                        writer.write(receiver)
                    }
                }
            }
            writer.key("startsAt")
            writer.write(row.alert.startsAt)
            writer.key("status")
            writer.object { writer in
                writer.key("inhibitedBy")
                writer.array { writer in for fingerprint in row.inhibitedBy { writer.write(fingerprint) } }
                writer.key("silencedBy")
                writer.array { writer in for id in row.silencedBy { writer.write(id) } }
                writer.key("state")
                writer.write(row.silencedBy.isEmpty && row.inhibitedBy.isEmpty ? "active" : "suppressed")
            }
            writer.key("updatedAt")
            writer.write(row.alert.updatedAt)
            if !row.alert.generatorURL.isEmpty {
                writer.key("generatorURL")
                writer.write(row.alert.generatorURL)
            }
            writer.key("labels")
            writer.write(row.alert.labels)
        }
    }
}

extension LabelSet {
    /// The order of groups (prometheus/common, `model.LabelSet.Before`): fewer labels first, then name by name.
    func comesBefore(_ other: LabelSet) -> Bool {
        if labels.count != other.labels.count { return labels.count < other.labels.count }
        for (mine, theirs) in zip(labels, other.labels) {
            if mine.name != theirs.name { return !mine.name.isOrdered(before: theirs.name) }
            if mine.value != theirs.value { return mine.value.isOrdered(before: theirs.value) }
        }
        return false
    }

    /// The order of a group's alerts: by `job`, then `instance`, then as groups (Alertmanager, `types.AlertSlice`).
    func isListedBefore(_ other: LabelSet) -> Bool {
        for name in ["job", "instance"] {
            let (mine, theirs) = (self[name], other[name])
            if mine == nil && theirs == nil { continue }
            guard let mine else { return false }
            guard let theirs else { return true }
            if mine != theirs { return mine.isOrdered(before: theirs) }
        }
        return comesBefore(other)
    }
}

extension String {
    /// By bytes, as Go compares texts.
    fileprivate func isOrdered(before other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
