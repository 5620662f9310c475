import Spec

/// Makes a ``ComposeService`` of one entry of `services:`, in the long and the short forms of each key.
struct ComposeReader {
    let name: String
    /// The folder of the Compose file.
    let folder: String
    let interpolation: Interpolation

    /// Keys that Hauban has its own way for, or that say nothing about running: no word is lost over them.
    private static let silent: Set<String> = [
        "build", "image", "command", "entrypoint", "ports", "expose", "environment", "env_file", "depends_on", "links",
        "healthcheck", "deploy", "scale", "profiles", "secrets", "stop_grace_period", "restart", "container_name",
        "hostname", "init", "tty", "stdin_open", "extends", "platform", "pull_policy", "labels", "logging", "networks",
        "develop", "annotations",
    ]

    func read(_ node: Node) -> ComposeService {
        var service = ComposeService(name: name)
        service.image = text(node, "image")
        readBuild(node, &service)
        service.command = command(node.entry("command")?.value)
        service.entrypoint = command(node.entry("entrypoint")?.value)
        service.ports = (node.entry("ports")?.value.items ?? []).flatMap(published) + exposed(node)
        service.environment = environment(node.entry("environment")?.value)
        service.environmentFiles = names(node.entry("env_file")?.value, key: "path").compactMap {
            Paths.resolve($0, from: folder)
        }
        service.dependsOn = names(node.entry("depends_on")?.value, key: nil)
        service.dependsOn += names(node.entry("links")?.value, key: nil)
            .map { String($0.prefix { $0 != ":" }) }.filter { !service.dependsOn.contains($0) }
        service.secrets = names(node.entry("secrets")?.value, key: "source")
        service.profiles = names(node.entry("profiles")?.value, key: nil)
        service.health = health(node.entry("healthcheck")?.value)
        let deploy = node.entry("deploy")?.value
        service.replicas = (deploy.flatMap { text($0, "replicas") } ?? text(node, "scale")).flatMap { Int($0) }
        service.stopGrace = text(node, "stop_grace_period")
        service.leftOut = Set(node.entries.map(\.key).filter { !Self.silent.contains($0) && !$0.hasPrefix("x-") })
        if deploy?.entry("resources") != nil { service.leftOut.insert("deploy.resources") }
        return service
    }

    private func readBuild(_ node: Node, _ service: inout ComposeService) {
        guard let build = node.entry("build")?.value, !build.isNull else { return }
        let context = build.text.map { interpolation.apply($0).text } ?? text(build, "context") ?? "."
        if let path = Paths.resolve(context, from: folder) {
            service.context = path
        } else {
            service.contextLeavesRepository = true
        }
        service.dockerfile = text(build, "dockerfile")
        let arguments = build.entry("args")?.value
        service.buildArguments =
            (arguments?.entries.map(\.key) ?? [])
            + (arguments?.items.compactMap(\.text).map { String($0.prefix { $0 != "=" }) } ?? [])
    }

    private func text(_ node: Node, _ key: String) -> String? {
        node.entry(key)?.value.text.map { interpolation.apply($0).text }
    }

    private func command(_ node: Node?) -> ComposeService.CommandText? {
        guard let node else { return nil }
        if case .list(let items) = node.value {
            let words = items.compactMap(\.text).map { interpolation.apply($0).text }
            return words.isEmpty ? nil : .words(words)
        }
        let line = node.text.map { interpolation.apply($0).text } ?? ""
        let joined = line.split(whereSeparator: \.isNewline).joined(separator: " ")
        return joined.isEmpty ? nil : .line(joined)
    }

    /// `3000`, `8000:80`, `127.0.0.1:8000:80/tcp`, `{target: 80, published: 8000}`; of a range the first port.
    private func published(_ node: Node) -> [ComposeService.PortMapping] {
        if let target = text(node, "target").flatMap({ Int($0) }) {
            if text(node, "protocol") == "udp" { return [] }
            let host = text(node, "published").flatMap { Int($0.prefix { $0.isNumber }) }
            return [.init(container: target, host: host, isPublished: true)]
        }
        guard let written = node.text else { return [] }
        let text = interpolation.apply(written).text
        if text.hasSuffix("/udp") { return [] }
        let parts = text.prefix { $0 != "/" }.split(separator: ":")
        guard let container = parts.last.flatMap({ Int($0.prefix { $0.isNumber }) }) else { return [] }
        let host = parts.count > 1 ? Int(parts[parts.count - 2].prefix { $0.isNumber }) : nil
        return [.init(container: container, host: host, isPublished: true)]
    }

    private func exposed(_ node: Node) -> [ComposeService.PortMapping] {
        (node.entry("expose")?.value.items ?? []).compactMap(\.text).compactMap { text in
            Int(interpolation.apply(text).text.prefix { $0.isNumber }).map {
                .init(container: $0, host: nil, isPublished: false)
            }
        }
    }

    /// A map, a list of `NAME=value`, or a list of such after a merge.
    private func environment(_ node: Node?) -> [ComposeService.Variable] {
        guard let node else { return [] }
        var variables: [ComposeService.Variable] = []
        func add(_ name: String, _ value: String?) {
            let result = value.map { interpolation.apply($0) }
            let variable = ComposeService.Variable(
                name: name, value: result?.text, takenFrom: result?.names.filter { !$0.isEmpty } ?? [])
            if let index = variables.firstIndex(where: { $0.name == name }) {
                variables[index] = variable
            } else {
                variables.append(variable)
            }
        }
        func walk(_ node: Node) {
            for entry in node.entries { add(entry.key, entry.value.text) }
            for item in node.items {
                if let text = item.text {
                    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    add(String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
                } else {
                    walk(item)
                }
            }
        }
        walk(node)
        return variables
    }

    /// A text, a list of texts or of maps with a key, or a map's keys.
    private func names(_ node: Node?, key: String?) -> [String] {
        guard let node else { return [] }
        if let text = node.text { return [interpolation.apply(text).text] }
        let listed = node.items.flatMap { item -> [String] in
            if let text = item.text { return [interpolation.apply(text).text] }
            if let key, let text = text(item, key) { return [text] }
            return names(item, key: key)
        }
        var seen: Set<String> = []
        return (listed + node.entries.map(\.key)).filter { seen.insert($0).inserted }
    }

    private func health(_ node: Node?) -> ComposeService.HealthCheck? {
        guard let node, let test = node.entry("test")?.value else { return nil }
        let words =
            test.text.map { ["CMD-SHELL", interpolation.apply($0).text] }
            ?? test.items.compactMap(\.text).map { interpolation.apply($0).text }
        guard words.count > 1 else { return nil }
        return ComposeService.HealthCheck(
            test: words, interval: text(node, "interval"), timeout: text(node, "timeout"),
            retries: text(node, "retries").flatMap { Int($0) }, start: text(node, "start_period"))
    }
}
