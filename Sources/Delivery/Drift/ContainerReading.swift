import Planning
import World

extension ContainerForm {
    /// Reads what `GET /containers/{id}/json` answers (Engine API 1.41).
    init(_ answer: DockerAnswer) throws {
        self.init(name: String(try answer.text("Name").drop { $0 == "/" }))
        image = try answer.text("Image")
        state = try answer.required("State").text("Status")
        let config = try answer.required("Config")
        command = try config.texts("Cmd")
        environment = Self.variables(try config.texts("Env"))
        user = try config.member("User")?.text() ?? ""
        let host = try answer.required("HostConfig")
        memory = try host.member("Memory").map { _ in try host.number("Memory") } ?? 0
        nanoCPUs = try host.member("NanoCpus").map { _ in try host.number("NanoCpus") } ?? 0
        processes = try host.member("PidsLimit").map { _ in try host.number("PidsLimit") } ?? 0
        restart = try host.member("RestartPolicy")?.member("Name")?.text() ?? ""
        for (place, _) in try host.members("Tmpfs") { mounts[place] = "memory" }
        for mount in try answer.list("Mounts") {
            let kind = try mount.text("Type")
            let name = try mount.member("Name")?.text() ?? ""
            // One without a name is the image's own wish (VOLUME), made anew with each container.
            if kind == "volume", name.count == 64, name.allSatisfy(\.isHexDigit) { continue }
            let source = kind == "volume" ? name : try mount.member("Source")?.text() ?? ""
            mounts[try mount.text("Destination")] = Printable.text(kind == "tmpfs" ? "memory" : source, limit: 200)
        }
        networks = Set(try answer.required("NetworkSettings").members("Networks").map(\.key))
        for (port, bindings) in try host.members("PortBindings") where try !bindings.list().isEmpty {
            ports.insert(port)
        }
        liberties = try Self.liberties(host)
    }

    static func variables(_ lines: [String]) -> [String: String] {
        var variables: [String: String] = [:]
        for line in lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return variables
    }

    private static func liberties(_ host: DockerAnswer) throws -> Set<String> {
        var liberties: Set<String> = []
        if host.member("Privileged") != nil, try host.flag("Privileged") { liberties.insert("it is privileged") }
        if try !host.flag("ReadonlyRootfs") { liberties.insert("it writes to its root") }
        if !(try host.texts("CapDrop")).contains("ALL") { liberties.insert("it keeps capabilities") }
        for capability in try host.texts("CapAdd") {
            liberties.insert("it has \(Printable.text(capability, limit: 40))")
        }
        if !(try host.texts("SecurityOpt")).contains(where: { $0.hasPrefix("no-new-privileges") }) {
            liberties.insert("its processes may gain privileges")
        }
        for (key, word) in [
            ("PidMode", "processes"), ("IpcMode", "shared memory"), ("UTSMode", "name"), ("UsernsMode", "users"),
        ] {
            if try host.member(key)?.text() == "host" { liberties.insert("it sees the machine's \(word)") }
        }
        for device in try host.list("Devices") {
            liberties.insert("it has \(Printable.text(try device.text("PathOnHost"), limit: 100))")
        }
        return liberties
    }
}
