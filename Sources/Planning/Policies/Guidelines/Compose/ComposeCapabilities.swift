import Spec

extension Guideline {
    static let composeCapabilities = Guideline(
        id: "compose-capabilities",
        title: "Rights that are nearly those of root",
        reason: "`ALL` and `SYS_ADMIN` let a container mount what it likes; `SYS_PTRACE` and `SYS_MODULE` reach into "
            + "other processes and the kernel.",
        fix: "Name the one capability that is needed, such as `NET_BIND_SERVICE`.",
        serves: ["IP-08", "PA-05"], levels: .everywhere(.warning),
        judge: .compose { file in
            file.services.flatMap { service in
                service.items("cap_add").compactMap { item -> Diagnostic? in
                    guard case .scalar(let text, _) = item.value else { return nil }
                    let name =
                        text.uppercased().hasPrefix("CAP_") ? String(text.uppercased().dropFirst(4)) : text.uppercased()
                    guard
                        ["ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH"].contains(name)
                    else {
                        return nil
                    }
                    return file.flag("`\(service.name)` gets `\(text)`", at: item.span)
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
                cap_add: [SYS_ADMIN]
            """,
        good: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                cap_add: [NET_BIND_SERVICE]
            """)
}
