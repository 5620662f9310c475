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
    var signOfLife: SignOfLife.Settings?
    /// Declared secrets without a value: what needs them is left out.
    var missing: [SecretName]

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
        signOfLife = platform.notify.heartbeatTo.map { .init(url: Secret($0.url), every: $0.every) }
    }
}
