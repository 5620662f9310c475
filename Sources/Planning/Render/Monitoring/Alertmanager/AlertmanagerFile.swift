import Spec

/// alertmanager.yml, for an environment whose alerts do not go to a control plane (Alertmanager, "Configuration").
///
/// Whose turn it is, who is asked next and who has already answered Alertmanager does not know: everybody of a schedule is told
/// at once, which ``diagnostics(_:)`` says.
enum AlertmanagerFile {
    static func artifact(_ place: MonitoredPlace) -> Artifact {
        let plan = AlertRouting(place.platform)
        var entries: [YAMLEntry] = []
        if let mail = place.platform.notify.email { entries.append(YAMLEntry("global", mailServer(mail))) }
        entries.append(YAMLEntry("route", plan.tree))
        let inhibitions = place.platform.inhibit.sorted { $0.key < $1.key }.map { inhibition($0.value) }
        if !inhibitions.isEmpty { entries.append(YAMLEntry("inhibit_rules", .list(inhibitions))) }
        entries.append(
            YAMLEntry("receivers", .list(plan.receivers.map { AlertReceiver($0, place.platform).tree })))
        return place.file("alertmanager/alertmanager.yml", .map(entries))
    }

    /// Those that its file names, sorted.
    static func secrets(_ platform: Platform) -> [SecretName] {
        let plan = AlertRouting(platform)
        var names = Set(plan.receivers.flatMap { AlertReceiver($0, platform).secrets })
        if let password = platform.notify.email?.password { names.insert(password) }
        return names.sorted()
    }

    private static func mailServer(_ mail: NotifySpec.Mail) -> YAMLTree {
        var entries = [
            YAMLEntry("smtp_smarthost", .text("\(mail.server):\(mail.port.number)")),
            YAMLEntry("smtp_from", .text(mail.from)),
        ]
        if let name = mail.name { entries.append(YAMLEntry("smtp_hello", .text(name))) }
        if let user = mail.user, let password = mail.password {
            entries.append(YAMLEntry("smtp_auth_username", .text(user)))
            entries.append(YAMLEntry("smtp_auth_password_file", .text("/run/secrets/\(password)")))
        }
        entries.append(YAMLEntry("smtp_require_tls", .flag(mail.tls == .starttls)))
        return .map(entries)
    }

    private static func inhibition(_ inhibit: InhibitSpec) -> YAMLTree {
        var entries = [
            YAMLEntry("source_matchers", .list(AlertRouting.matchers(inhibit.sources))),
            YAMLEntry("target_matchers", .list(AlertRouting.matchers(inhibit.targets))),
        ]
        if !inhibit.equal.isEmpty { entries.append(YAMLEntry("equal", .row(inhibit.equal.map { .text($0) }))) }
        return .map(entries)
    }

    // MARK: What it cannot do

    static func diagnostics(_ place: MonitoredPlace) -> [Diagnostic] {
        guard place.hasAlertmanager else { return [] }
        let platform = place.platform
        var found: [Diagnostic] = []
        func tell(_ path: SpecPath, _ message: String, _ help: String, _ severity: Diagnostic.Severity = .warning) {
            found.append(
                Diagnostic(
                    .targetCannotHonour, message, at: path, severity: severity, help: help,
                    environment: place.place.name.text))
        }
        let plan = AlertRouting(platform)
        let lost: [(String, Bool)] = [
            ("turns of a rotation", platform.oncall.values.contains { !$0.rotations.isEmpty }),
            ("steps of `escalate`", platform.oncall.values.contains { !$0.escalate.isEmpty }),
            ("acknowledgements", platform.oncall.values.contains { $0.acknowledgementHolds != nil }),
            ("quiet hours", platform.people.values.contains { $0.quiet != nil }),
            ("`maintenance`", !platform.maintenance.isEmpty), ("`heartbeats`", !platform.heartbeats.isEmpty),
        ]
        let words = lost.filter(\.1).map(\.0)
        if !words.isEmpty {
            tell(
                SpecPath(["oncall"]),
                "Alertmanager of `\(place.place.name)` knows no \(words.joined(separator: ", no "))",
                "It tells everybody of a schedule at once; `console:` names the control plane of `hauban serve`, which does all of this."
            )
        }
        let receivers = plan.receivers.map { AlertReceiver($0, platform) }
        for refusal in Set(receivers.flatMap(\.refused)).sorted(by: { $0.key < $1.key }) {
            tell(
                SpecPath(["notify"]),
                "Alertmanager of `\(place.place.name)` does not tell by `\(refusal.key)`: \(refusal.value)",
                "Give people another way too, or let the control plane tell them.")
        }
        let silent = receivers.filter { $0.isSilent && $0.meant.party != nil }.map { "`\($0.meant.name)`" }
        if !silent.isEmpty {
            tell(
                SpecPath([platform.oncall.isEmpty ? "people" : "oncall"]),
                "Alertmanager of `\(place.place.name)` tells nobody of \(silent.joined(separator: ", "))",
                "Give them a `channel`, or people an `email`, that `notify` has a provider for.")
        }
        return found
    }
}
