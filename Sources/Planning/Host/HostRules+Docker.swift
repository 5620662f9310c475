import Spec

extension HostRules {
    // MARK: Packages

    /// All that are lacking are installed at once.
    var packages: [HostItem] {
        var items: [HostItem] = []
        if !facts.unfinished.isEmpty {
            items.append(
                HostItem(
                    .packages, .change, "dpkg was interrupted", wanted: "what it began is ended",
                    why: "Nothing can be installed before.",
                    steps: [
                        .run(
                            ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-confold", "--configure", "-a"],
                            within: .seconds(1800))
                    ]))
        }
        let lacking = self.lacking
        // The engine reads its settings at its first start: they lie there before.
        if facts.engine == nil, lacking.contains(Self.engine), let settings = daemonStep {
            items.append(
                HostItem(
                    .docker, .change, "no Docker Engine", wanted: "settings for its first start",
                    why: Self.whySettings, steps: [settings]))
        }
        guard !lacking.isEmpty else { return items }
        let why =
            lacking.contains(Self.engine)
            ? "docker.io is the distribution's own: security updates reach it with those of the system, and nobody else's "
                + "signing key is trusted. hauban needs 20.10, which each of these systems has."
            : ""
        items.append(
            HostItem(
                .packages, .change, "not installed: \(lacking.joined(separator: ", "))",
                wanted: "installed from the distribution's archive", why: why, steps: Self.install(lacking)))
        return items
    }

    static let engine = "docker.io"

    /// Packages that are to be installed.
    var lacking: [String] {
        var names: [String] = []
        if facts.engine == nil, !isSnap, !facts.has("docker.io"), !facts.has("docker-ce") {
            names.append(Self.engine)
            // From Debian 13 on the engine's package has no client in it.
            if facts.os == "debian", (Int(facts.osVersion) ?? 0) >= 13 { names.append("docker-cli") }
            if !facts.has("apparmor") { names.append("apparmor") }
            if !facts.has("ca-certificates") { names.append("ca-certificates") }
        }
        if !facts.has("nftables"), !facts.isActive("firewalld.service") { names.append("nftables") }
        if !hasClock { names.append("systemd-timesyncd") }
        if !facts.has("unattended-upgrades") { names.append("unattended-upgrades") }
        return names
    }

    // MARK: The engine

    private var isSnap: Bool { facts.engineProgram.hasPrefix("/snap/") || facts.engineProgram == "/usr/bin/snap" }

    var docker: [HostItem] {
        guard !isSnap else {
            return [
                HostItem(
                    .docker, .yours, "Docker from a snap", wanted: "`snap remove docker`, then this once more",
                    why: "It sees few folders of the machine, and has its settings elsewhere.")
            ]
        }
        guard let engine = facts.engine else { return silentEngine.map { [$0] } ?? [] }
        guard Self.isNewEnough(engine.version) else {
            return [
                HostItem(
                    .docker, .yours, "Docker Engine \(engine.version)", wanted: "20.10 or newer",
                    why: "hauban speaks version 1.41 of its API.")
            ]
        }
        let running = "Docker Engine \(engine.version)"
        var items: [HostItem] = []
        switch daemon {
        case .unreadable(let reason):
            items.append(
                HostItem(
                    .docker, .yours, "\(HostPaths.daemon) \(reason)", wanted: "a JSON object",
                    why: "The engine does not start with it. It is left as it is."))
        case .merged(let settings):
            items += settings.foreign.map { key, value, wanted in
                HostItem(
                    .docker, .advice, "\(HostPaths.daemon) says \(key): \(value)", wanted: "\(key): \(wanted)",
                    why: "Somebody chose it: it is left as it is. " + (DaemonSettings.reasons[key] ?? ""))
            }
            if let file = settings.file(before: facts.files[HostPaths.daemon]) {
                items.append(
                    HostItem(
                        .docker, .change, running + (engine.livesOn ? "" : ", whose containers end with it"),
                        wanted: settings.added.joined(separator: ", "), why: Self.whySettings,
                        steps: [.write(file)] + restart(engine)))
            } else if facts.isEngineOlderThanFile {
                items.append(
                    HostItem(
                        .docker, .change, running + " has not read its settings since they changed",
                        wanted: "it reads them",
                        why: "What \(HostPaths.daemon) says is not yet so.", steps: restart(engine)))
            }
        }
        if items.isEmpty { items.append(HostItem(.docker, .fine, running + (engine.livesOn ? ", live-restore" : ""))) }
        if facts.units["docker.service"].map({ !$0.isEnabled }) == true {
            items.append(
                HostItem(
                    .docker, .change, "the engine does not start at boot", wanted: "it does",
                    steps: [.run(["systemctl", "enable", "docker.service"], within: .seconds(60))]))
        }
        if wish.isSwarm, engine.swarm != "active" {
            items.append(
                HostItem(
                    .docker, .advice, "this engine is in no Swarm",
                    wanted:
                        "`docker swarm init --advertise-addr ADDRESS` on the first server, `docker swarm join` on the others",
                    why: "Which server is the first is yours to say."))
        }
        return items
    }

    /// live-restore takes effect with a reload, and then a restart ends no container (docs.docker.com, "Live restore").
    private func restart(_ engine: HostFacts.Engine) -> [HostStep] {
        let reload = HostStep.run(["systemctl", "reload", "docker.service"], within: .seconds(60))
        let restart = HostStep.run(["systemctl", "restart", "docker.service"], within: .seconds(180))
        return engine.livesOn || wish.isSwarm ? [restart] : [reload, restart]
    }

    /// Why no engine answers although one is installed.
    private var silentEngine: HostItem? {
        guard !lacking.contains(Self.engine) else { return nil }
        var steps: [HostStep] = []
        var wanted = "it runs, now and after each boot"
        if case .unreadable(let reason) = daemon {
            return HostItem(
                .docker, .yours, "the engine does not run, and \(HostPaths.daemon) \(reason)", wanted: "a JSON object",
                why: "It is left as it is.")
        }
        if let settings = daemonStep {
            steps.append(settings)
            wanted += ", with settings"
        }
        // One that failed too often is not started again otherwise.
        steps.append(.run(["systemctl", "reset-failed", "docker.service"], within: .seconds(60)))
        steps.append(.run(["systemctl", "enable", "docker.service"], within: .seconds(60)))
        steps.append(.run(["systemctl", "restart", "docker.service"], within: .seconds(180)))
        return HostItem(.docker, .change, "the Docker Engine does not answer", wanted: wanted, steps: steps)
    }

    static func isNewEnough(_ version: String) -> Bool {
        let numbers = version.split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
        return !numbers.lexicographicallyPrecedes([20, 10])
    }

    // MARK: Its settings

    private static let whySettings =
        "Without live-restore an update of Docker stops every container; without limits their logs fill the disk."

    var daemon: DaemonSettings.Reading {
        DaemonSettings.read(facts.files[HostPaths.daemon], isSwarm: wish.isSwarm, words: facts.engineWords)
    }

    private var daemonStep: HostStep? {
        guard case .merged(let settings) = daemon else { return nil }
        return settings.file(before: facts.files[HostPaths.daemon]).map { .write($0) }
    }
}

/// What the engine's file of settings says beside what it should.
struct DaemonSettings {
    enum Reading {
        case merged(DaemonSettings)
        /// Why, as the rest of a sentence.
        case unreadable(String)
    }

    /// With what was lacking.
    var tree: JSONTree
    /// What was lacking, a clause each.
    var added: [String] = []
    /// What stands there otherwise, and stays.
    var foreign: [(key: String, value: String, wanted: String)] = []

    static let reasons = [
        "live-restore": "Without it an update of Docker stops every container.",
        "log-opts": "Logs without a limit fill the disk.",
    ]

    private static let logOptions = [JSONTree.Member("max-size", .text("10m")), .init("max-file", .text("5"))]

    /// - Parameter words: those that the engine runs with: a setting that is said in both places keeps it from starting.
    static func read(_ text: String?, isSwarm: Bool, words: [String]) -> Reading {
        var members: [JSONTree.Member] = []
        if let text, !text.allSatisfy(\.isWhitespace) {
            guard let tree = JSONTree(parsing: Array(text.utf8)) else { return .unreadable("is no JSON") }
            guard case .object(let found) = tree else { return .unreadable("is no JSON object") }
            members = found
        }
        var settings = DaemonSettings(tree: .null)
        func isSaid(_ flag: String) -> Bool { words.contains { $0 == flag || $0.hasPrefix(flag + "=") } }
        func value(_ key: String) -> JSONTree? { members.last { $0.key == key }?.value }
        // The engine of a Swarm does not start with it.
        if !isSwarm, !isSaid("--live-restore") {
            switch value("live-restore") {
            case nil:
                members.append(.init("live-restore", .bool(true)))
                settings.added.append("live-restore")
            case .bool(true): break
            case .some(let other): settings.foreign.append(("live-restore", other.compact, "true"))
            }
        }
        let driver = value("log-driver")?.string
        if !isSaid("--log-driver"), !isSaid("--log-opt"), driver == nil || driver == "json-file" || driver == "local" {
            if driver == nil { members.append(.init("log-driver", .text("json-file"))) }
            switch value("log-opts") {
            case nil:
                members.append(.init("log-opts", .object(Self.logOptions)))
                settings.added.append("logs of five files of 10 MB")
            case .object(var options):
                let lacking = Self.logOptions.filter { option in !options.contains { $0.key == option.key } }
                options += lacking
                if let index = members.lastIndex(where: { $0.key == "log-opts" }) {
                    members[index].value = .object(options)
                }
                if !lacking.isEmpty { settings.added.append("logs with \(lacking.map(\.key).joined(separator: ", "))") }
            case .some(let other): settings.foreign.append(("log-opts", other.compact, "an object"))
            }
        }
        settings.tree = .object(members)
        return .merged(settings)
    }

    /// - Returns: nil when nothing was lacking.
    func file(before: String?) -> HostFile? {
        added.isEmpty ? nil : HostFile(HostPaths.daemon, tree.document, before: before)
    }
}
