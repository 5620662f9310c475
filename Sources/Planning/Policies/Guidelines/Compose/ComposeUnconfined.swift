import Spec

extension Guideline {
    static let composeUnconfined = Guideline(
        id: "compose-unconfined",
        title: "A container without the kernel's guard",
        reason: "The default profiles of seccomp and AppArmor refuse system calls that no service needs and that "
            + "breakouts begin with.",
        fix: "Take the option away, or name a profile that allows the one call that is missing.",
        serves: ["IP-08"], levels: .everywhere(.warning),
        judge: .compose { file in
            file.services.flatMap { service in
                service.items("security_opt").compactMap { item -> Diagnostic? in
                    guard case .scalar(let text, _) = item.value,
                        text.hasSuffix("unconfined") || text == "label:disable"
                    else {
                        return nil
                    }
                    return file.flag("`\(service.name)` runs with `\(text)`", at: item.span)
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
                security_opt: ["seccomp:unconfined"]
            """,
        good: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                security_opt: ["no-new-privileges:true"]
            """)
}
