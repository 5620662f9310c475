# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# The first time, before all the rest:
#   terraform apply -target=google_secret_manager_secret.this \
#     -target=google_artifact_registry_repository.images \
#     -target=module.redis_broker
# then the secrets' values (secrets.tf), a first image of each service.

terraform {
  # Ephemeral values: passwords pass through and stay nowhere.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  # One prefix an environment, locked by the bucket while somebody applies. bootstrap-google makes it.
  backend "gcs" {
    bucket = "skillforge-tfstate"
    prefix = "skillforge/dev"
  }
}

provider "google" {
  project = "skillforge-dev"
  region  = "europe-west1"
  # Costs are told apart by these, and by the service of each resource.
  default_labels = {
    environment = "dev"
    managed-by  = "terraform"
    platform    = "skillforge"
  }
}
