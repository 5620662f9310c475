import FrontDoor
package import Planning
import Spec
import World

extension DockerEngine {
    /// What runs and was not released so; nothing is changed.
    ///
    /// - Parameters:
    ///   - desired: the last kept release's, as the journal has it.
    ///   - kept: that release.
    /// - Throws: `WorldError`
    package func drift(from desired: DesiredState, kept: ReleaseID, within deadline: Duration) async throws
        -> RuntimeDrift
    {
        try await Deadline.run(deadline, for: "compare what runs with what was released", keeper) {
            try await RuntimeComparison(engine: self, desired: desired, kept: kept).drift()
        }
    }
}

/// One look at an environment on an engine, beside what was released.
struct RuntimeComparison {
    let engine: DockerEngine
    let desired: DesiredState
    let kept: ReleaseID

    var labels: DockerLabels { engine.labels }

    func drift() async throws -> RuntimeDrift {
        let mark = [
            "\(DockerLabels.platform)=\(engine.platform)", "\(DockerLabels.environment)=\(engine.environment)",
        ]
        let listed = try await engine.api.containers(labelled: mark)
        let configuration = try StateFile(path: engine.place.doorState).load()
        var findings: [RuntimeDrift.Finding] = []
        var expected: Set<String> = []
        for service in desired.services {
            let own = listed.compactMap { DockerReplica($0) }.filter { $0.service == service.name }
            let release = try release(of: service, own.map { ($0.release, $0.fingerprint) }, configuration)
            let part = try engine.releases.load(release)[service.name.text]
            for expectation in try await expectations(service, release, part, configuration, own) {
                expected.insert(expectation.name)
                findings += expectation.findings(try await form(of: expectation.name))
            }
            if let part { findings += try await image(of: service, part) }
        }
        findings += try await frontDoorFindings(&expected)
        findings += try await resourceFindings()
        findings += try await networks(Set(listed.map(\.id)))
        findings += strangers(listed, expected)
        return RuntimeDrift(findings)
    }

    func frontDoorFindings(_ expected: inout Set<String>) async throws -> [RuntimeDrift.Finding] {
        guard desired.services.contains(where: \.listens) else { return [] }
        var findings: [RuntimeDrift.Finding] = []
        for wanted in [frontDoor] + (desired.tls?.order == nil ? [] : [certbot]) {
            expected.insert(wanted.name)
            findings += wanted.findings(try await form(of: wanted.name))
        }
        return findings
    }

    func form(of name: String) async throws -> ContainerForm? {
        do {
            let answer = try await engine.api.ask(
                "GET", DockerAPI.path(name, "json"), for: "look at \(name)", within: .seconds(20))
            return try ContainerForm(answer)
        } catch let error as WorldError where error.code == "docker-not-found" {
            return nil
        }
    }

    // MARK: Services

    /// The release whose replicas should run: the one that the front door serves, else the newest that runs, else the newest that was
    /// made of the same source and settings.
    ///
    /// - Parameter running: releases whose replicas run, with their fingerprints.
    func release(
        of service: DesiredService, _ running: [(release: ReleaseID, fingerprint: String)],
        _ configuration: FrontDoorConfiguration?
    ) throws -> ReleaseID {
        if let serving = configuration?.observed.serving[service.name] { return serving }
        let newest = running.filter { $0.fingerprint == service.fingerprint && $0.release <= kept }.map(\.release).max()
        if let newest { return newest }
        let made = try engine.releases.stored.reversed().first { release in
            try release <= kept
                && engine.releases.load(release)[service.name.text]?.service.fingerprint == service.fingerprint
        }
        return made ?? kept
    }

    private func expectations(
        _ service: DesiredService, _ release: ReleaseID, _ part: DockerReleases.Part?,
        _ configuration: FrontDoorConfiguration?, _ replicas: [DockerReplica]
    ) async throws -> [ContainerExpectation] {
        // What the release was made of, which a release that changed nothing of it did not write anew.
        let made = part?.service ?? service
        var base = ContainerExpectation(
            SpecPath(["services", service.name.text]), name: "", environment: engine.environment)
        base.image = part?.image
        let words = ContainerVariables.words(made, release, engine.platform, engine.environment)
        base.command = made.run.map { ContainerCommand($0, values: words).words }
        base.user = made.container?.user
        base.memory = made.container?.memory ?? 0
        base.nanoCPUs = (made.container?.milliCPUs ?? 0) * 1_000_000
        base.processes = 256
        base.restart = "unless-stopped"
        base.mounts = made.secrets.isEmpty ? ["/tmp"] : ["/tmp", "/run/secrets"]
        // Passwords of databases lie there too.
        base.optionalMounts = made.uses.contains { $0.kind == .resource } ? ["/run/secrets"] : []
        base.networks = Set(desired.zones(of: made).map { labels.network($0) })
        let isOpen = made.container?.isOpen == true && made.listens
        if isOpen { base.networks?.insert(labels.network(DockerEngine.toolsZone)) }
        base.ports = isOpen ? Set(made.port.map { ["\($0.number)/tcp"] } ?? []) : []
        // By this one the front door reaches it.
        let shared = labels.network(desired.zones(of: made).contains("dmz") ? "dmz" : "apps")
        let variables = DeclaredVariables(made, release, words: words, engine, configuration)
        base.variables = variables.known
        base.otherVariables = variables.others
        base.imageVariables = try await imageVariables(part?.image)
        return (0..<made.replicas).map { number in
            var one = base
            one.name = labels.container(service.name, release, number)
            let address = replicas.first { $0.release == release && $0.number == number }?.address
            one.addresses[shared] = address
            return one
        }
    }

    private func imageVariables(_ image: String?) async throws -> [String: String]? {
        guard let image else { return nil }
        do {
            let answer = try await engine.api.ask(
                "GET", "/images/\(PercentEncoding.encoded(image))/json", for: "look at the image \(image)",
                within: .seconds(20))
            return ContainerForm.variables(try answer.member("Config")?.texts("Env") ?? [])
        } catch let error as WorldError where ["docker-image-missing", "docker-not-found"].contains(error.code) {
            return nil
        }
    }

    /// A name that leads elsewhere starts something else the next time that anybody uses it.
    func image(of service: DesiredService, _ part: DockerReleases.Part) async throws -> [RuntimeDrift.Finding] {
        let path = SpecPath(["services", service.name.text])
        guard let found = try await engine.api.image(part.name) else {
            guard try await engine.api.image(part.image) == nil else { return [] }
            return [
                .init(
                    path, part.name, .image, found: "the engine has not the image any more", wanted: "the release's",
                    mend: "`hauban deploy \(engine.environment)` builds it when the service is made anew.")
            ]
        }
        guard found.id != part.image else { return [] }
        return [
            .init(
                path, part.name, .image, found: "the name leads to \(found.id.prefix(19))",
                wanted: "\(part.image.prefix(19)), as it was released", mend: "`docker tag \(part.image) \(part.name)`")
        ]
    }

    // MARK: What belongs to all

    private var frontDoor: ContainerExpectation {
        var door = ContainerExpectation(
            SpecPath(["environments", engine.environment.text]), name: labels.frontDoor, environment: engine.environment
        )
        door.restart = "unless-stopped"
        door.networks = Set(DockerEngine.doorZones.map { labels.network($0) })
        // Which of the machine's lead there is what deploy was told.
        door.ports = desired.tls == nil ? ["8080/tcp"] : ["8080/tcp", "8443/tcp"]
        door.processes = 512
        door.memory = 0
        door.nanoCPUs = 0
        door.judgesLiberties = true
        return door
    }

    private var certbot: ContainerExpectation {
        var certbot = ContainerExpectation(
            SpecPath(["environments", engine.environment.text, "tls"]), name: labels.certbot,
            environment: engine.environment)
        certbot.restart = "unless-stopped"
        certbot.networks = [labels.network("egress")]
        certbot.ports = []
        certbot.memory = Certbot.memory
        certbot.nanoCPUs = Certbot.milliCPUs * 1_000_000
        certbot.processes = 256
        certbot.mounts = Set(engine.certificates.mounts.map(\.target))
        certbot.judgesLiberties = true
        return certbot
    }

    func networks(_ ours: Set<String>) async throws -> [RuntimeDrift.Finding] {
        let found = try await engine.api.networks(labelled: "\(DockerLabels.platform)=\(engine.platform)")
            .filter { $0.labels[DockerLabels.environment] == engine.environment.text }
        let path = SpecPath(["environments", engine.environment.text])
        var findings: [RuntimeDrift.Finding] = []
        var zones = Set(desired.services.flatMap { desired.zones(of: $0) })
        if desired.services.contains(where: \.listens) { zones.formUnion(DockerEngine.doorZones) }
        if desired.tls?.order != nil { zones.insert("egress") }
        if desired.services.contains(where: { $0.listens && $0.container?.isOpen == true })
            || desired.resources.contains(where: { $0.container?.isOpen == true })
        {
            zones.insert(DockerEngine.toolsZone)
        }
        for zone in zones.sorted() {
            let name = labels.network(zone)
            guard let network = found.first(where: { $0.labels[DockerLabels.zone] == zone }) else {
                findings.append(
                    .init(
                        path, name, .gone, found: "there is no such network of ours", wanted: "it is there",
                        mend: "`hauban deploy \(engine.environment)` makes it with the next release that needs it."))
                continue
            }
            let isOpen = DockerEngine.open.contains(zone)
            if network.isInternal == isOpen {
                findings.append(
                    .init(
                        path, name, .networks, found: isOpen ? "nothing leaves it" : "packets leave it",
                        wanted: isOpen ? "packets leave it" : "nothing does",
                        mend: "`docker network rm \(name)` when nothing is in it; the next release makes it anew."))
            }
        }
        for network in found {
            let answer = try await engine.api.ask(
                "GET", "/networks/\(PercentEncoding.encoded(network.id))", for: "look at the network \(network.name)",
                within: .seconds(20))
            for (id, member) in try answer.members("Containers") where !ours.contains(id) {
                let name = Printable.text(try member.text("Name"), limit: 100)
                // The engine lists the ends of what it uses itself among them.
                if id.hasPrefix("ep-") || id.hasPrefix("lb-") { continue }
                findings.append(
                    .init(
                        path, name, .foreign, found: "it is in \(network.name), and none of ours",
                        wanted: "it is not", mend: "`docker network disconnect \(network.name) \(name)`"))
            }
        }
        return findings
    }

    /// Containers with our labels that no release has: hauban would take them for its own.
    func strangers(_ listed: [ListedContainer], _ expected: Set<String>) -> [RuntimeDrift.Finding] {
        // A container that somebody made of one of our images has the image's labels.
        let kinds: [DockerLabels.Kind] = [.service, .frontDoor, .image, .renewal]
        let judged = Set(kinds.map { Optional($0.rawValue) } + [nil])
        return listed.filter { judged.contains($0.labels[DockerLabels.kind]) && !expected.contains($0.name) }.map {
            .init(
                SpecPath(["environments", engine.environment.text]), $0.name, .foreign,
                found: "it has our labels, and no release has it", wanted: "it is not there",
                mend: "`docker rm -f \($0.name)`")
        }
    }
}

/// The variables that a release declares, as far as they can be known without asking any secret.
struct DeclaredVariables {
    private(set) var known: [String: String]
    /// Names whose values hold a secret or an address of a resource; some are files or are set in the container.
    private(set) var others: Set<String> = []

    init(
        _ service: DesiredService, _ release: ReleaseID, words: [String: String], _ engine: DockerEngine,
        _ configuration: FrontDoorConfiguration?
    ) {
        known = [
            "HAUBAN_PLATFORM": engine.platform.text, "HAUBAN_ENVIRONMENT": engine.environment.text,
            "HAUBAN_SERVICE": service.name.text, "HAUBAN_RELEASE": "\(release)",
        ]
        if let port = service.port { known["PORT"] = "\(port.number)" }
        for (name, text) in service.environment {
            if let value = Self.value(text, words, configuration) {
                known[name] = value
            } else {
                others.formUnion([name, name + "_FILE"])
            }
        }
    }

    /// - Returns: nil where a part is a secret, or of a resource.
    private static func value(_ text: String, _ words: [String: String], _ configuration: FrontDoorConfiguration?)
        -> String?
    {
        guard let template = try? Template(text) else { return nil }
        var value = ""
        for part in template.parts {
            switch part {
            case .text(let text): value += text
            case .placeholder(let owner, nil):
                guard let word = words[owner] else { return nil }
                value += word
            case .placeholder(let owner, let attribute?):
                guard let name = ServiceName(owner),
                    let port = configuration?.listeners.first(where: { $0.name == DockerEngine.listener(name) })?.port
                else { return nil }
                switch attribute {
                case "url": value += "http://\(owner):\(port)"
                case "host": value += owner
                case "port": value += "\(port)"
                default: return nil
                }
            }
        }
        return value
    }
}
