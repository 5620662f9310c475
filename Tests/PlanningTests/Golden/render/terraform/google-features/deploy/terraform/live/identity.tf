# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# An account for everything that runs, with the rights that its edges give it. What it may do with a bucket,
# a topic or another service stands there; here stand its secrets and what only the project can give.

module "account_api" {
  source = "../modules/google-service-account"

  project       = local.project
  account_id    = "sa-api"
  display_name  = "api"
  project_roles = ["roles/cloudtrace.agent"]

  secrets = {
    cache-auth = google_secret_manager_secret.this["cache-auth"].secret_id
    db-api     = google_secret_manager_secret.this["db-api"].secret_id
    stripe-key = google_secret_manager_secret.this["stripe-key"].secret_id
  }
}

module "account_api_of_a_name_that_is_rather_long" {
  source = "../modules/google-service-account"

  project       = local.project
  account_id    = "sa-api-of-a-name-that-is-vixvn"
  display_name  = "api-of-a-name-that-is-rather-long"
  project_roles = ["roles/cloudtrace.agent"]
}

module "account_nightly" {
  source = "../modules/google-service-account"

  project       = local.project
  account_id    = "sa-nightly"
  display_name  = "nightly"
  project_roles = ["roles/cloudtrace.agent"]
}

module "account_ready" {
  source = "../modules/google-service-account"

  project       = local.project
  account_id    = "sa-ready"
  display_name  = "ready"
  project_roles = ["roles/cloudtrace.agent"]
}

module "account_worker" {
  source = "../modules/google-service-account"

  project       = local.project
  account_id    = "sa-worker"
  display_name  = "worker"
  project_roles = ["roles/cloudtrace.agent"]

  secrets = { cache-auth = google_secret_manager_secret.this["cache-auth"].secret_id }
}
