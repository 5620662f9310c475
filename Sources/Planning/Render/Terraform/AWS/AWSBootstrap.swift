import Spec

/// What has to be there before any root can have a state: the bucket, and who may ship from GitHub.
struct AWSBootstrap {
    let subject: RenderSubject
    /// Of every environment on AWS.
    let everywhere: [AWSRoot]

    private var places: [RenderSubject.Place] { subject.everywhere.filter { $0.settings.target == .aws } }

    var modules: [AWSModule] { [.deployer] }

    /// Where the bucket of an environment's state stands: the first region of the first environment that shares it.
    static func region(of settings: Environment, _ subject: RenderSubject) -> String {
        let bucket = settings.stateBucket(of: subject.base.name)
        let sharing = subject.everywhere.filter {
            $0.settings.target == .aws && $0.settings.stateBucket(of: subject.base.name) == bucket
        }
        return sharing.lazy.compactMap(\.settings.regions.first).first ?? "eu-west-1"
    }

    /// One root an account: `bootstrap-aws`, or with several accounts one with each one's number.
    private var roots: [(folder: String, places: [RenderSubject.Place])] {
        let accounts = Dictionary(grouping: places) { $0.settings.project ?? "" }
        return accounts.sorted { $0.key < $1.key }.map { account, places in
            (
                accounts.count == 1 ? "bootstrap-aws" : account.isEmpty ? "bootstrap-aws" : "bootstrap-aws-\(account)",
                places
            )
        }
    }

    var artifacts: [Artifact] {
        roots.map { root in
            Artifact(
                path: "\(TerraformRenderer.folder)/\(root.folder)/main.tf",
                text: HCLText.file(header: header(root.folder), body(root.places, root.folder)))
        }
    }

    private func header(_ folder: String) -> [String] {
        let place = "terraform -chdir=\(TerraformRenderer.folder)/\(folder)"
        return Artifact.header(subject.source) + [
            "",
            "Once for each account, by somebody who may: the bucket of all states and who ships from GitHub.",
            "Its own state moves into the bucket that it makes:",
            "  printf 'terraform {\\n  backend \"local\" {}\\n}\\n' > \(TerraformRenderer.folder)/\(folder)/first_override.tf",
            "  \(place) init && \(place) apply",
            "  rm \(TerraformRenderer.folder)/\(folder)/first_override.tf && \(place) init -migrate-state",
        ]
    }

    private func body(_ places: [RenderSubject.Place], _ folder: String) -> HCLBody {
        var body = HCLBody()
        let settings = places[0].settings
        let name = subject.base.name
        let buckets = Set(places.map { $0.settings.stateBucket(of: name) }).sorted()
        body.block("terraform") { terraform in
            terraform.set("required_version", ">= 1.10")
            terraform.block("required_providers") { providers in
                providers.set("aws", .pairs([("source", "hashicorp/aws"), ("version", "~> 5.100")]))
            }
            terraform.block("backend", "s3") { backend in
                backend.set("bucket", .text(buckets[0]))
                backend.set("key", "\(folder)/terraform.tfstate")
                backend.set("region", .text(Self.region(of: settings, subject)))
                backend.set("encrypt", true)
                backend.set("use_lockfile", true)
            }
        }
        body.block("provider", "aws") { provider in
            provider.set("region", .text(Self.region(of: settings, subject)))
            if let account = settings.project, account.count == 12 {
                provider.set("allowed_account_ids", .list([.text(account)]))
            }
            provider.block("default_tags") { $0.set("tags", .sorted(["platform": name.text])) }
        }
        body.block("variable", "github_repository") { variable in
            variable.set("description", "The repository whose workflow ships, as `owner/name`.")
            variable.set("type", .code("string"))
            variable.set("default", ifAny: subject.base.repository?.github.map { .text($0) })
        }
        for (index, bucket) in buckets.enumerated() {
            self.bucket(bucket, index == 0 ? "state" : "state_\(index)", &body)
        }
        body.block(
            "resource", "aws_iam_openid_connect_provider", "github",
            comment: "GitHub proves which repository and environment a workflow runs for: no key is stored anywhere."
        ) { provider in
            provider.set("url", "https://token.actions.githubusercontent.com")
            provider.set("client_id_list", ["sts.amazonaws.com"])
        }
        for place in places {
            let bucket = buckets.firstIndex(of: place.settings.stateBucket(of: name)) ?? 0
            let label = bucket == 0 ? "state" : "state_\(bucket)"
            body.block("module", "deployer_\(AWSNames.word(place.name.text))") { module in
                module.set("source", .text(AWSModule.deployer.source))
                module.gap()
                module.set("platform", .text(name.text))
                module.set("environment", .text(place.name.text))
                module.set("repository", .code("var.github_repository"))
                module.set("github", .code("aws_iam_openid_connect_provider.github.arn"))
                module.set("state", .code("aws_s3_bucket.\(label).arn"))
                let longer = places.map(\.name.text).filter { $0.hasPrefix(place.name.text + "-") }
                if !longer.isEmpty { module.set("longer", .list(longer.map { .text($0) })) }
                if let root = everywhere.first(where: { $0.environment == place.name }) {
                    module.set(
                        "services", .list(AWSActions(root.kinds).allowed.keys.sorted().map { .text($0) }),
                        comment: "What the root is made of: a service that is new to it is applied here first.")
                }
            }
        }
        body.block("output", "deployers") { output in
            output.set("description", "As whom a workflow ships, by environment.")
            output.set(
                "value",
                .map(
                    places.map {
                        HCLAttribute($0.name.text, .code("module.deployer_\(AWSNames.word($0.name.text)).role"))
                    }))
        }
        return body
    }

    private func bucket(_ name: String, _ label: String, _ body: inout HCLBody) {
        let id = HCLValue.code("aws_s3_bucket.\(label).id")
        body.block("resource", "aws_s3_bucket", label) { bucket in
            bucket.set("bucket", .text(name))
            bucket.block("lifecycle", comment: "Without its state a root knows nothing of what it made.") {
                $0.set("prevent_destroy", true)
            }
        }
        body.block("resource", "aws_s3_bucket_versioning", label, comment: "A state that was spoilt can be taken back.")
        {
            $0.set("bucket", id)
            $0.block("versioning_configuration") { $0.set("status", "Enabled") }
        }
        body.block("resource", "aws_s3_bucket_server_side_encryption_configuration", label) {
            $0.set("bucket", id)
            $0.block("rule") { rule in
                rule.set("bucket_key_enabled", true)
                rule.block("apply_server_side_encryption_by_default") { $0.set("sse_algorithm", "aws:kms") }
            }
        }
        body.block("resource", "aws_s3_bucket_public_access_block", label) { block in
            block.set("bucket", id)
            for key in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"] {
                block.set(key, true)
            }
        }
        body.block("resource", "aws_s3_bucket_lifecycle_configuration", label) { block in
            block.set("bucket", id)
            block.block("rule") { rule in
                rule.set("id", "old-states")
                rule.set("status", "Enabled")
                rule.block("filter")
                rule.block("noncurrent_version_expiration") { $0.set("noncurrent_days", 365) }
                rule.block("abort_incomplete_multipart_upload") { $0.set("days_after_initiation", 7) }
            }
        }
        body.block("resource", "aws_s3_bucket_policy", label) { policy in
            policy.set("bucket", id)
            let statement: [(String, HCLValue)] = [
                ("Sid", "OnlyOverTLS"), ("Effect", "Deny"), ("Principal", "*"), ("Action", "s3:*"),
                (
                    "Resource",
                    .list([.code("aws_s3_bucket.\(label).arn"), .template("${aws_s3_bucket.\(label).arn}/*")])
                ), ("Condition", .pairs([("Bool", .pairs([("aws:SecureTransport", "false")]))])),
            ]
            policy.set(
                "policy",
                .call(
                    "jsonencode",
                    [.pairs([("Version", "2012-10-17"), ("Statement", .list([.pairs(statement)]))])]))
            policy.set("depends_on", .list([.code("aws_s3_bucket_public_access_block.\(label)")]))
        }
    }
}
