/// The actions that workflows use, each by the commit that its version's tag names: a tag can be moved, a commit cannot.
///
/// Read on 2026-11-22 from the tags of the actions' own repositories on GitHub (`git for-each-ref refs/tags`, annotated
/// tags followed to their commits).
struct GitHubAction: Sendable, Hashable {
    var name: String
    var commit: String
    var version: String

    /// The value of `uses`, with the version behind it for people and Dependabot.
    var tree: YAMLTree { .remarked(version, .text("\(name)@\(commit)")) }

    /// Another action of the same repository.
    func part(_ path: String) -> GitHubAction {
        GitHubAction(name: "\(name)/\(path)", commit: commit, version: version)
    }

    static let checkout = GitHubAction(
        name: "actions/checkout", commit: "3d3c42e5aac5ba805825da76410c181273ba90b1", version: "v7.0.1")
    static let python = GitHubAction(
        name: "actions/setup-python", commit: "5fda3b95a4ea91299a34e894583c3862153e4b97", version: "v7.0.0")
    static let node = GitHubAction(
        name: "actions/setup-node", commit: "820762786026740c76f36085b0efc47a31fe5020", version: "v7.0.0")
    static let go = GitHubAction(
        name: "actions/setup-go", commit: "b7ad1dad31e06c5925ef5d2fc7ad053ef454303e", version: "v7.0.0")
    static let upload = GitHubAction(
        name: "actions/upload-artifact", commit: "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", version: "v7.0.0")
    static let download = GitHubAction(
        name: "actions/download-artifact", commit: "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", version: "v8.0.1")
    static let dependencyReview = GitHubAction(
        name: "actions/dependency-review-action", commit: "2031cfc080254a8a887f58cffee85186f0e49e48",
        version: "v4.9.0")
    static let codeql = GitHubAction(
        name: "github/codeql-action", commit: "8aad20d150bbac5944a9f9d289da16a4b0d87c1e", version: "v4.36.2")
    static let buildx = GitHubAction(
        name: "docker/setup-buildx-action", commit: "37fe631027851001ddb9b187196cc803df7f5f0e", version: "v4.3.0")
    static let build = GitHubAction(
        name: "docker/build-push-action", commit: "53b7df96c91f9c12dcc8a07bcb9ccacbed38856a", version: "v7.3.0")
    static let login = GitHubAction(
        name: "docker/login-action", commit: "4907a6ddec9925e35a0a9e82d7399ccc52663121", version: "v4.1.0")
    static let trivy = GitHubAction(
        name: "aquasecurity/trivy-action", commit: "ed142fd0673e97e23eac54620cfb913e5ce36c25", version: "v0.36.0")
    static let googleAuth = GitHubAction(
        name: "google-github-actions/auth", commit: "7c6bc770dae815cd3e89ee6cdf493a5fab2cc093", version: "v3.0.0")
    static let gcloud = GitHubAction(
        name: "google-github-actions/setup-gcloud", commit: "aa5489c8933f4cc7a4f7d45035b3b1440c9c10db",
        version: "v3.0.1")
    static let awsAuth = GitHubAction(
        name: "aws-actions/configure-aws-credentials", commit: "e6de054238d6b7531b4efff3b6587d9aade6a06c",
        version: "v6.2.3")
    static let ecrLogin = GitHubAction(
        name: "aws-actions/amazon-ecr-login", commit: "03f1aad4c6c7ffd436567f42f9384779290529bd", version: "v2.1.7")

    static let terraform = GitHubAction(
        name: "hashicorp/setup-terraform", commit: "dfe3c3f87815947d99a8997f908cb6525fc44e9e", version: "v4.0.1")

    static let all = [
        checkout, python, node, go, upload, download, dependencyReview, codeql, buildx, build, login, trivy, googleAuth,
        gcloud, awsAuth, ecrLogin, terraform,
    ]
}
