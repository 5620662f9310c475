extension GoogleModule {
    static let account = GoogleModule(
        name: "google-service-account",
        main: #"""
            resource "google_service_account" "this" {
              project      = var.project
              account_id   = var.account_id
              display_name = var.display_name
            }

            # Each secret by itself: there is no right to all of them.
            resource "google_secret_manager_secret_iam_member" "this" {
              for_each = var.secrets

              project   = var.project
              secret_id = each.value
              role      = "roles/secretmanager.secretAccessor"
              member    = google_service_account.this.member
            }

            resource "google_project_iam_member" "this" {
              for_each = var.project_roles

              project = var.project
              role    = each.key
              member  = google_service_account.this.member
            }

            # Whoever runs as this account waits until it may read its secrets.
            output "email" {
              value      = google_service_account.this.email
              depends_on = [google_secret_manager_secret_iam_member.this]
            }

            output "member" {
              value = google_service_account.this.member
            }

            output "name" {
              value = google_service_account.this.name
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "account_id" {
              type = string
            }

            variable "display_name" {
              type = string
            }

            variable "secrets" {
              description = "Ids of the secrets that it may read, by name."
              type        = map(string)
              default     = {}
            }

            variable "project_roles" {
              description = "Roles that cannot be given on anything smaller than the project."
              type        = set(string)
              default     = []
            }
            """#)
}
