extension GoogleModule {
    static let project = GoogleModule(
        name: "google-project",
        main: #"""
            resource "google_project" "this" {
              name                = var.name
              project_id          = var.project_id
              billing_account     = var.billing_account
              folder_id           = var.folder_id
              org_id              = var.org_id
              auto_create_network = false
              deletion_policy     = "PREVENT"
              labels              = var.labels
            }

            resource "google_project_service" "this" {
              for_each = var.services

              project = google_project.this.project_id
              service = each.key
              # What runs on it would be cut off.
              disable_on_destroy = false
            }

            # Whoever takes the project's id from here waits until its APIs answer.
            output "project_id" {
              value      = google_project.this.project_id
              depends_on = [google_project_service.this]
            }

            output "number" {
              value = google_project.this.number
            }
            """#,
        variables: #"""
            variable "project_id" {
              type = string
            }

            variable "name" {
              type = string
            }

            variable "billing_account" {
              type = string
            }

            variable "folder_id" {
              type    = string
              default = null
            }

            variable "org_id" {
              type    = string
              default = null
            }

            variable "services" {
              description = "APIs that are switched on."
              type        = set(string)
            }

            variable "labels" {
              type    = map(string)
              default = {}
            }
            """#)
}
