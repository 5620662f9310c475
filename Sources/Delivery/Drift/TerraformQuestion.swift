import Spec
package import World

/// Asks Terraform what the world has that its root does not say; nothing is changed, locked or written but the root's own
/// `.terraform` folder, when nobody made it before.
package struct TerraformQuestion: Sendable {
    /// The folder of the root module, absolute.
    private let root: String
    private let variables: [String: String]
    private let runner: CommandRunner

    /// - Parameter variables: what Terraform and its providers read, complete: `PATH`, credentials, `TF_*`.
    package init(root: String, variables: [String: String], runner: CommandRunner = .live) {
        self.root = root
        self.variables = variables
        self.runner = runner
    }

    /// How long one step of it may take: a refresh asks the cloud for each resource.
    private static let deadline: Duration = .seconds(900)
    /// A plan of thousands of resources is some ten megabytes.
    private static let largestPlan = 256 << 20

    /// The plan as `terraform show -json` prints it (Terraform, "JSON Output Format", format version 1).
    ///
    /// - Parameter folder: an empty folder of the caller's that others cannot read; a plan may hold secrets.
    /// - Throws: `WorldError` when Terraform is not there, refuses, or does not end in time.
    package func planJSON(in folder: String) async throws -> String {
        if Folder.names(in: root + "/.terraform").isEmpty {
            _ = try await terraform(["init", "-input=false", "-no-color"], doing: "initialise \(root)")
        }
        let file = folder + "/plan"
        let ask = "ask Terraform about \(root)"
        // What runs now is compared with, and not what a release to come would bring.
        let outputs = try await terraform(["output", "-json", "-no-color"], doing: ask)
        let release = JSONTree(parsing: Array(outputs.utf8))?["release"]?["value"]?.string
        _ = try await terraform(
            ["plan", "-input=false", "-lock=false", "-no-color", "-out=\(file)"]
                + (release.map { ["-var=release=\($0)"] } ?? []), doing: ask)
        return try await terraform(["show", "-json", file], doing: "read what Terraform found in \(root)")
    }

    private func terraform(_ words: [String], doing operation: String) async throws -> String {
        var environment = variables
        environment["TF_IN_AUTOMATION"] = "1"
        let command = Command(
            arguments: ["terraform"] + words, environment: environment, workingDirectory: root, deadline: Self.deadline,
            outputLimit: Self.largestPlan)
        let result = try await runner(command)
        guard !result.isLate else {
            throw WorldError(
                code: "timed-out", operation: operation, underlying: "no answer within \(Self.deadline)",
                hint: "Look at what it waits for with `terraform plan` in that folder.")
        }
        guard result.isSuccess, !result.isCut else {
            throw WorldError(
                code: "terraform-refused", operation: operation, underlying: Self.end(of: result.errors),
                hint: "`terraform \(words[0])` in that folder says the same.")
        }
        return result.output
    }

    /// The last lines of what it complained about.
    private static func end(of text: String) -> String {
        text.split(separator: "\n").filter { !$0.allSatisfy { "│╷╵ ".contains($0) } }.suffix(12)
            .joined(separator: "\n")
    }
}
