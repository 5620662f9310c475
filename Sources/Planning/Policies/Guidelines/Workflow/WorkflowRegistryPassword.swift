import Spec

extension Guideline {
    static let workflowRegistryPassword = Guideline(
        id: "workflow-registry-password",
        title: "A password of a registry in a workflow",
        reason: "The credentials of a container or a service are read by whoever reads the repository.",
        fix: "Write `password: ${{ secrets.REGISTRY_TOKEN }}`.",
        serves: ["SF-13", "IP-08"], levels: .everywhere(.error),
        judge: .workflow { file in
            file.jobs.flatMap { job -> [Node] in
                let services: [Node] =
                    if case .map(let entries)? = job.node.entry("services")?.value.value { entries.map(\.value) } else {
                        []
                    }
                return [job.node.entry("container")?.value].compactMap { $0 } + services
            }.compactMap { container in
                guard let password = container.at("credentials", "password"),
                    case .scalar(let text, _) = password.value,
                    !text.contains("${{"), !password.isNull
                else { return nil }
                var finding = file.flag("a registry's password is written in plain text", at: password.span)
                finding.isSecret = true
                return finding
            }
        },
        bad: """
            on: push
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                container:
                  image: ghcr.io/shop/build:1.4
                  credentials: {username: shop, password: correct-horse}
                steps:
                  - run: make test
            """,
        good: """
            on: push
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                container:
                  image: ghcr.io/shop/build:1.4
                  credentials: {username: shop, password: "${{ secrets.REGISTRY_TOKEN }}"}
                steps:
                  - run: make test
            """)
}
