extension GoogleModule {
    static let deployer = GoogleModule(
        name: "google-github-deployer",
        main: #"""
            # GitHub signs in with a token of its own for each run: no key is made, and so none can leak.
            resource "google_iam_workload_identity_pool" "this" {
              project                   = var.project
              workload_identity_pool_id = "github"
              display_name              = "GitHub Actions"
            }

            resource "google_iam_workload_identity_pool_provider" "this" {
              project                            = var.project
              workload_identity_pool_id          = google_iam_workload_identity_pool.this.workload_identity_pool_id
              workload_identity_pool_provider_id = "github"
              # Another repository, another branch or a pull request gets nothing.
              attribute_condition = "assertion.repository == '${var.repository}' && ${var.ref_condition}"

              attribute_mapping = {
                "google.subject"       = "assertion.sub"
                "attribute.repository" = "assertion.repository"
                "attribute.ref"        = "assertion.ref"
              }

              oidc {
                issuer_uri = "https://token.actions.githubusercontent.com"
              }
            }

            resource "google_service_account" "this" {
              project      = var.project
              account_id   = "sa-deployer"
              display_name = "Releases from GitHub Actions"
            }

            resource "google_service_account_iam_member" "github" {
              service_account_id = google_service_account.this.name
              role               = "roles/iam.workloadIdentityUser"
              member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.this.name}/attribute.repository/${var.repository}"
            }

            # What a release does, and nothing else: it changes no rights, no network and no data.

            resource "google_project_iam_member" "this" {
              for_each = toset(["roles/run.developer"])

              project = var.project
              role    = each.key
              member  = google_service_account.this.member
            }

            resource "google_service_account_iam_member" "runs_as" {
              for_each = var.runs_as

              service_account_id = each.value
              role               = "roles/iam.serviceAccountUser"
              member             = google_service_account.this.member
            }

            resource "google_artifact_registry_repository_iam_member" "images" {
              for_each = var.registries

              project    = var.project
              location   = each.value
              repository = each.key
              role       = "roles/artifactregistry.writer"
              member     = google_service_account.this.member
            }

            resource "google_storage_bucket_iam_member" "sites" {
              for_each = var.site_buckets

              bucket = each.value
              role   = "roles/storage.objectUser"
              member = google_service_account.this.member
            }

            resource "google_project_iam_custom_role" "cache" {
              count = length(var.site_buckets) > 0 ? 1 : 0

              project     = var.project
              role_id     = "cdnInvalidator"
              title       = "Drops the content network's copies"
              permissions = ["compute.urlMaps.get", "compute.urlMaps.invalidateCache"]
            }

            resource "google_project_iam_member" "cache" {
              count = length(var.site_buckets) > 0 ? 1 : 0

              project = var.project
              role    = google_project_iam_custom_role.cache[0].name
              member  = google_service_account.this.member
            }

            output "email" {
              value = google_service_account.this.email
            }

            output "provider" {
              value = google_iam_workload_identity_pool_provider.this.name
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "repository" {
              description = "`owner/name` on GitHub."
              type        = string
            }

            variable "ref_condition" {
              description = "Which of its branches or tags may release here, in Google's expression language."
              type        = string
            }

            variable "runs_as" {
              description = "Names of the accounts that services run as."
              type        = map(string)
              default     = {}
            }

            variable "registries" {
              description = "The location of each image repository by its id."
              type        = map(string)
              default     = {}
            }

            variable "site_buckets" {
              type    = map(string)
              default = {}
            }
            """#)
}
