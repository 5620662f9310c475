# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }
}

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
