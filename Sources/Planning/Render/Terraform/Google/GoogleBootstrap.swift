import Spec

/// The root that makes the bucket in which every other root keeps its state.
enum GoogleBootstrap {
    static let folder = "\(TerraformRenderer.folder)/bootstrap-google"

    /// - Parameter places: those on Google Cloud, all of the file: the bucket does not depend on what was asked for.
    static func artifact(_ places: [GooglePlace], source: String) -> Artifact {
        let buckets = Set(places.map(\.stateBucket)).sorted()
        let header =
            Artifact.header(source) + [
                "", "Once, by an administrator, before any other root:",
                "  echo 'terraform { backend \"local\" {} }' > backend_override.tf",
                "  terraform init && terraform apply",
                "  rm backend_override.tf && terraform init -migrate-state && rm terraform.tfstate*",
                "From then on its own state lies in the bucket as well.",
            ]
        let region = places.first?.region ?? "europe-west1"
        return Artifact(
            path: "\(folder)/main.tf",
            text: HCLText.file(header: header) { body in
                versions(&body, bucket: buckets.first ?? "")
                body.block("variable", "project_id") { variable in
                    variable.set(
                        "description",
                        "Project that keeps the states: not one of the environments', so that none can reach another's."
                    )
                    variable.set("type", .code("string"))
                }
                body.block("variable", "location") { variable in
                    variable.set("type", .code("string"))
                    variable.set("default", .text(GoogleRoot.continent(region) ?? region))
                }
                body.block("provider", "google") { $0.set("project", .code("var.project_id")) }
                body.block("resource", "google_project_service", "storage") { service in
                    service.set("project", .code("var.project_id"))
                    service.set("service", "storage.googleapis.com")
                    service.set("disable_on_destroy", false)
                }
                for bucket in buckets { body.add(state(bucket)) }
                body.block("output", "buckets") { output in
                    output.set("value", .list(buckets.map { .code("google_storage_bucket.\(label($0)).name") }))
                }
            })
    }

    private static func label(_ bucket: String) -> String { GoogleChannels.label(bucket) }

    private static func versions(_ body: inout HCLBody, bucket: String) {
        body.block("terraform") { terraform in
            terraform.set("required_version", ">= 1.11")
            terraform.block("required_providers") { providers in
                providers.set(
                    "google", .pairs([("source", "hashicorp/google"), ("version", .text(GoogleModule.provider))]))
            }
            terraform.block("backend", "gcs") { backend in
                backend.set("bucket", .text(bucket))
                backend.set("prefix", "bootstrap")
            }
        }
    }

    private static func state(_ bucket: String) -> HCLBlock {
        HCLBlock("resource", ["google_storage_bucket", label(bucket)]) { body in
            body.set("project", .code("google_project_service.storage.project"))
            body.set("name", .text(bucket))
            body.set("location", .code("var.location"))
            body.set("uniform_bucket_level_access", true)
            body.set("public_access_prevention", "enforced")
            body.block("versioning", comment: "A state that was spoilt is brought back from here.") {
                $0.set("enabled", true)
            }
            body.block("soft_delete_policy") { $0.set("retention_duration_seconds", 2_592_000) }
            body.block("lifecycle_rule") { rule in
                rule.block("action") { $0.set("type", "Delete") }
                rule.block("condition") { condition in
                    condition.set("num_newer_versions", 100)
                    condition.set("days_since_noncurrent_time", 90)
                }
            }
            body.block("lifecycle") { $0.set("prevent_destroy", true) }
        }
    }
}
