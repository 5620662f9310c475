# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

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
    prefix = "skillforge/prod"
  }
}

provider "google" {
  project = "skillforge-prod"
  region  = "europe-west1"
  # Budgets are asked for in a project's name.
  billing_project       = "skillforge-prod"
  user_project_override = true
  # Costs are told apart by these, and by the service of each resource.
  default_labels = {
    environment = "prod"
    managed-by  = "terraform"
    platform    = "skillforge"
  }
}
