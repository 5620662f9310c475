import Delivery
import FoundationEssentials
import Glibc
import Planning
import Spec
import World

/// What a pipeline is given by this machine and by who runs it.
enum PipelineSurroundings {
    static func setting(
        _ project: Project, _ platform: Platform, environment: EnvironmentName?, jobs: Int?, usesKept: Bool,
        baseline: Set<String>?
    ) throws -> PipelineSetting {
        let variables = ProcessEnvironment.all
        let own = StateFolders.own(platform: platform.name, root: project.root)
        var secrets: [Secret] = []
        if let environment {
            let place = StateFolders.place(platform: platform.name, root: project.root, environment: environment)
            let store = SecretStore(folder: place.secrets, environment: environment)
            secrets = store.keys.compactMap { try? store.value(for: $0) }
        }
        let today = Project.today()
        return PipelineSetting(
            root: project.root, file: project.path, program: try Engines.program(),
            place: PipelinePlace(base: own + "/pipeline"), environment: variables, environmentName: environment?.text,
            jobs: jobs ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), usesKept: usesKept,
            mask: SecretMask(secrets: secrets, environment: variables), day: today.description,
            judge: GateJudge(
                gates: platform.pipeline.gates, waivers: platform.waivers, environment: environment, today: today,
                baseline: baseline), version: Version.text)
    }

    /// What images are named after: the commit as the CI's host says it, else as git does.
    static func revision(_ variables: [String: String], root: String) async -> String {
        for name in ["RELEASE", "GITHUB_SHA", "CI_COMMIT_SHA"] {
            if let value = variables[name], !value.isEmpty,
                value.allSatisfy({ $0.isLetter || $0.isNumber || "._-".contains($0) })
            {
                return value
            }
        }
        let command = Command(
            arguments: ["git", "-c", "safe.directory=*", "rev-parse", "HEAD"],
            environment: ["PATH": variables["PATH"] ?? "/usr/bin:/bin", "HOME": "/nonexistent"], workingDirectory: root,
            deadline: .seconds(30))
        guard let result = try? await CommandRunner.live(command), result.isSuccess else { return "local" }
        let text = result.output.prefix { $0.isLetter || $0.isNumber }
        return text.isEmpty ? "local" : String(text)
    }
}
