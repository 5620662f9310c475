# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# Once, by an administrator, before any other root:
#   echo 'terraform { backend "local" {} }' > backend_override.tf
#   terraform init && terraform apply
#   rm backend_override.tf && terraform init -migrate-state && rm terraform.tfstate*
# From then on its own state lies in the bucket as well.

terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  backend "gcs" {
    bucket = "skillforge-tfstate"
    prefix = "bootstrap"
  }
}

variable "project_id" {
  description = "Project that keeps the states: not one of the environments', so that none can reach another's."
  type        = string
}

variable "location" {
  type    = string
  default = "EU"
}

provider "google" {
  project = var.project_id
}

resource "google_project_service" "storage" {
  project            = var.project_id
  service            = "storage.googleapis.com"
  disable_on_destroy = false
}

resource "google_storage_bucket" "skillforge_tfstate" {
  project                     = google_project_service.storage.project
  name                        = "skillforge-tfstate"
  location                    = var.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # A state that was spoilt is brought back from here.
  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 2592000
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      num_newer_versions         = 100
      days_since_noncurrent_time = 90
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

output "buckets" {
  value = [google_storage_bucket.skillforge_tfstate.name]
}
