import ArgumentParser
import Delivery
import Planning

struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Ships a release: kept whole or returned whole.",
        discussion: """
            Builds, migrates, starts the new release beside the old one, waits until it is ready, switches, watches it and \
            asks the smoke requests; then keeps it, or returns everything that it switched.

            An environment on docker or swarm whose `hosts` or `context` say another machine, or DOCKER_HOST does, is released \
            from there: the command goes to that machine's engine, by SSH or TLS, and runs on it. What hauban.yaml says and a \
            deploy to containers does not do is refused first, unless a waiver sets it aside (docs/docker.md).

            Exits 0 when the release was kept or nothing was to do, 3 when it was returned and the old version serves, 4 \
            when another release is under way, 5 when it could not be returned whole, 1 on any other error. Ctrl-C returns \
            the release.

            EXAMPLES
              hauban deploy dev
              hauban deploy dev --label v1.2.0 --json
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Option(help: "What to call the release in the history; the commit when the folder is a git work tree.")
    var label: String?
    @Option(
        help: ArgumentHelp(
            "Port of the platform's address when it first gets one: this one or none; without it 8080 (or another if that is taken), and 80 for containers under a domain.",
            valueName: "port"))
    var port: Int?
    @Option(help: ArgumentHelp("The same over https, where the environment has `tls`; 8443 or 443.", valueName: "port"))
    var httpsPort: Int?
    @Flag(help: "Print the verdict as JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let project = try Project.checked(file, terminal)
        let revision = await PipelineSurroundings.revision(ProcessEnvironment.all, root: project.root)
        let session = try Session(
            project, argument.environment, publicPort: port, securePort: httpsPort, revision: revision)
        try DeployGate(project, session).pass(terminal)
        let label = if let label { label } else { await GitLabel.read(project.root) }
        try await ReleaseRun.perform(RunningEnvironment(session), terminal, json: json) { executor in
            let desired = try await session.desiredState()
            for warning in try session.checkCertificate(of: desired) {
                terminal.complain("hauban: warning: \(warning)")
            }
            let report = try await executor.deploy(desired, label: label)
            session.keepLogs(terminal)
            return report
        }
    }
}

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Goes back to an earlier kept release.",
        discussion: """
            The release before the last one, or the one named with --to. A rollback is a release like any other: it is gated, \
            watched and, if it is not well, returned. Migrations are not taken back. It goes by what was released: hauban.yaml may be wrong, or gone. Exit codes as for \
            `deploy`.

            EXAMPLES
              hauban rollback dev
              hauban rollback dev --to r3
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Option(help: "The release to go back to, such as r3.") var to: String?
    @Flag(help: "Print the verdict as JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let environment = try RunningEnvironment.find(file, argument.environment, terminal)
        let target = try to.map { text in
            guard let release = ReleaseID(text) else {
                throw ValidationError("'\(text)' is not a release; they are called r1, r2, …")
            }
            return release
        }
        try await ReleaseRun.perform(environment, terminal, json: json) { executor in
            try await executor.rollback(to: target)
        }
    }
}
