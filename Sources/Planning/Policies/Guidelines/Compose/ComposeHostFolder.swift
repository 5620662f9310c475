import Spec

extension Guideline {
    static let composeHostFolder = Guideline(
        id: "compose-host-folder",
        title: "A container that holds the folders of its machine",
        reason: "With the whole disk, the users or the processes of the machine in it, a container can read every "
            + "secret there, and change what starts next.",
        fix: "Mount the one folder that is needed, `:ro` where it is only read.",
        serves: ["IP-08", "PA-05"], levels: .everywhere(.warning),
        judge: .compose { file in
            let folders: Set<String> = [
                "/", "/etc", "/root", "/home", "/proc", "/sys", "/boot", "/dev", "/var", "/var/run", "/run", "/usr",
            ]
            return file.services.flatMap { service in
                service.items("volumes").compactMap { item -> Diagnostic? in
                    var isReadOnly = false
                    var node = item
                    if case .map = item.value {
                        guard let source = item.at("source") else { return nil }
                        if case .scalar("true", _)? = item.at("read_only")?.value { isReadOnly = true }
                        node = source
                    }
                    guard case .scalar(let text, _) = node.value else { return nil }
                    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
                    if parts.count > 2, parts[2].split(separator: ",").contains("ro") { isReadOnly = true }
                    let path = parts[0].count > 1 && parts[0].hasSuffix("/") ? String(parts[0].dropLast()) : parts[0]
                    // Exporters of a machine's metrics look at it, and write nothing.
                    guard folders.contains(path), !isReadOnly || path == "/etc" || path == "/root" else { return nil }
                    return file.flag("`\(service.name)` holds `\(path)` of its machine", at: node.span)
                }
            }
        },
        bad: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                volumes: ["/etc:/host/etc"]
            """,
        good: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                volumes: ["./conf:/etc/conf:ro"]
            """)
}
