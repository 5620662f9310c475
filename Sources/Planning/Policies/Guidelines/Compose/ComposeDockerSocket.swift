import Spec

extension Guideline {
    static let composeDockerSocket = Guideline(
        id: "compose-docker-socket",
        title: "A container that may command the engine",
        reason:
            "Whoever may speak to the Docker socket may start a container that mounts the whole disk: it is root of "
            + "the machine, read-only mount or not.",
        fix: "Take the mount away, or put a proxy between that allows only the calls that are needed.",
        serves: ["IP-08", "PA-05"], levels: .everywhere(.error),
        judge: .compose { file in
            file.services.flatMap { service in
                service.items("volumes").compactMap { item -> Diagnostic? in
                    let source: Node? = if case .map = item.value { item.at("source") } else { item }
                    guard let source, case .scalar(let text, _) = source.value, text.contains("docker.sock") else {
                        return nil
                    }
                    return file.flag("`\(service.name)` gets the socket of the engine", at: source.span)
                }
            }
        },
        bad: """
            services:
              proxy:
                image: nginx:1.27
                volumes:
                  - /var/run/docker.sock:/var/run/docker.sock:ro
            """,
        good: """
            services:
              proxy:
                image: nginx:1.27
                volumes:
                  - ./nginx.conf:/etc/nginx/nginx.conf:ro
            """)
}
