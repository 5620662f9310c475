import ControlPlane
import Delivery
import FoundationEssentials
import Glibc
import Response
import Spec
import World

/// What a control plane takes from hauban.yaml: rules, ways of telling people, senders, services.
struct ServedPlatform {
    var rules: Rulebook
    var channels: ChannelSettings
    var integrations: [Integration]
    var services: [String]
    var promises: [String: ServicePromise]
    var signOfLife: SignOfLife.Settings?
    /// Declared secrets without a value: what needs them is left out.
    var missing: [SecretName]
    /// The environment, where it is one of this machine: its releases are told, and remedies are done to it.
    var session: Session?

    /// - Throws: `WorldError`, `ExitCode` 1 after printing what is wrong with the file.
    init(_ project: Project, environment: String?, now: Moment) throws {
        let (name, platform) = try project.environment(environment)
        let zones = ZoneFiles()
        let place = StateFolders.place(platform: platform.name, root: project.root, environment: name)
        let store = SecretStore(folder: place.secrets, environment: name)
        rules = Rulebook(platform, console: platform.console?.url) { zones.rules($0) }
        let declared = ChannelSettings.declared(
            platform.notify, answers: platform.console?.url,
            secret: { store.contains($0.text) ? try? store.value(for: $0.text) : nil },
            path: { $0.hasPrefix("/") ? $0 : project.root + "/" + $0 })
        channels = declared.settings
        missing = declared.missing
        integrations = platform.integrations.sorted { $0.key < $1.key }
            .map { Integration(declared: $0.key.text, $0.value, created: now) }
        services = platform.services.keys.sorted().map(\.text)
        promises = Dictionary(
            uniqueKeysWithValues: platform.services.compactMap { name, service in
                service.slo.map { slo in
                    (name.text, ServicePromise(availability: slo.availability?.fraction, p95: slo.latency[.p95]))
                }
            })
        signOfLife = platform.notify.heartbeatTo.map { .init(url: Secret($0.url), every: $0.every) }
        if Engines.known.contains(platform.environments[name]?.target ?? .local) {
            session = try Session(project, name.text)
        }
    }

    /// Puts everything into a control plane's settings.
    func configure(_ settings: inout ControlPlaneConfiguration) {
        settings.rules = rules
        settings.channels = channels
        settings.integrations = integrations
        settings.services = services
        settings.promises = promises
        settings.meter = session.map { PlatformMeter(session: $0) }
        settings.signOfLife = signOfLife
    }

    /// What is left out, in a sentence.
    var gap: String? {
        guard !missing.isEmpty else { return nil }
        let names = missing.map(\.text).joined(separator: ", ")
        return "no value is set for \(names): what needs them is left out; `hauban secrets set` gives one"
    }

    /// Does what remedies say, where the environment is one of this machine.
    ///
    /// - Parameters:
    ///   - data: the folder of the control plane's data.
    ///   - takesUp: whether a return that was broken off is ended at the start.
    ///   - say: told in a line of releases that were broken off.
    /// - Throws: `WorldError`
    func remedies(
        data: String, takesUp: Bool, say: @escaping @Sendable (String) -> Void
    ) throws -> PlatformRemedies? {
        guard let session else { return nil }
        return PlatformRemedies(
            session: session, ledger: try RemedyLedger(path: data + "/remedies.jsonl"), data: data,
            interrupted: InterruptedReleases(session, data: data, say: say), takesUp: takesUp)
    }
}
