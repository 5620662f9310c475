import Spec

/// How images get to an environment's registry.
struct Registry: Sendable {
    /// Before the names of images, with its slash.
    var path: String
    var signIn: [YAMLTree]
    var rights: [(String, String, String)]

    init(_ place: RenderSubject.Place, variable: (String) -> String) {
        path = place.registryPath ?? ""
        let host = String(path.prefix { $0 != "/" })
        if host == "ghcr.io" {
            signIn = [
                Self.login(
                    host, user: GitHubText.value("github.actor"), password: GitHubText.value("secrets.GITHUB_TOKEN"))
            ]
            rights = [("packages", "write", "push images")]
        } else if host.hasSuffix("-docker.pkg.dev") {
            signIn =
                Self.google(place, variable: variable, token: true) + [
                    Self.login(
                        host, user: "oauth2accesstoken", password: GitHubText.value("steps.google.outputs.access_token")
                    )
                ]
            rights = [("id-token", "write", "sign in to Google Cloud")]
        } else if place.settings.target == .aws || host.hasSuffix(".amazonaws.com") {
            signIn =
                Self.amazon(place, variable: variable) + [GitHubText.uses("Sign in to ECR", .ecrLogin, id: "ecr")]
            if path.isEmpty {
                path = GitHubText.value("steps.ecr.outputs.registry") + "/\(place.platform.name)/\(place.name)/"
            }
            rights = [("id-token", "write", "sign in to AWS")]
        } else if host.isEmpty {
            signIn = []
            rights = []
        } else {
            signIn = [
                Self.login(
                    host, user: GitHubText.value("secrets.REGISTRY_USER"),
                    password: GitHubText.value("secrets.REGISTRY_PASSWORD"))
            ]
            rights = []
        }
    }

    /// Whether it is Google's, where one signs in with a short-lived token.
    static func isGoogle(_ place: RenderSubject.Place) -> Bool {
        place.settings.target == .gcp
            || (place.registryPath ?? "").prefix { $0 != "/" }.hasSuffix("-docker.pkg.dev")
    }

    private static func login(_ host: String, user: String, password: String) -> YAMLTree {
        GitHubText.uses(
            "Sign in to \(host)", .login,
            with: [
                GitHubText.entry("registry", host), GitHubText.entry("username", user),
                GitHubText.entry("password", password),
            ])
    }

    /// By a token that GitHub gives this run: there is no key that could leak.
    static func google(_ place: RenderSubject.Place, variable: (String) -> String, token: Bool) -> [YAMLTree] {
        var with = [
            GitHubText.entry("workload_identity_provider", variable("WORKLOAD_IDENTITY_PROVIDER")),
            GitHubText.entry("service_account", "sa-deployer@\(place.googleProject).iam.gserviceaccount.com"),
        ]
        if token { with.append(GitHubText.entry("token_format", "access_token")) }
        return [
            GitHubText.uses("Sign in to Google Cloud", .googleAuth, id: token ? "google" : nil, with: with)
        ]
    }

    static func amazon(_ place: RenderSubject.Place, variable: (String) -> String) -> [YAMLTree] {
        [
            GitHubText.uses(
                "Sign in to AWS", .awsAuth,
                with: [
                    GitHubText.entry("role-to-assume", variable("AWS_ROLE")),
                    GitHubText.entry("aws-region", place.settings.regions.first ?? "eu-west-1"),
                ])
        ]
    }
}
