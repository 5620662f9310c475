# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# The first time, before all the rest:
#   terraform apply -target=google_secret_manager_secret.this \
#     -target=module.redis_cache
# then the secrets' values (secrets.tf), the channels of monitoring.tf, a first image of each service.

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
    bucket = "shop-tfstate"
    prefix = "shop/live"
  }
}

provider "google" {
  project = "shop-live"
  region  = "europe-west1"
  # Costs are told apart by these, and by the service of each resource.
  default_labels = {
    environment = "live"
    managed-by  = "terraform"
    platform    = "shop"
  }
}
