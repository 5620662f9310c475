# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# An account for everything that runs, with the rights that its edges give it. What it may do with a bucket,
# a topic or another service stands there; here stand its secrets and what only the project can give.

module "account_api_gateway" {
  source = "../modules/google-service-account"

  project       = local.project
  account_id    = "sa-api-gateway"
  display_name  = "api-gateway"
  project_roles = ["roles/cloudtrace.agent"]

  secrets = {
    broker-auth = google_secret_manager_secret.this["broker-auth"].secret_id
    jwt-key     = google_secret_manager_secret.this["jwt-key"].secret_id
  }
}

module "account_evaluation_agent" {
  source = "../modules/google-service-account"

  project       = local.project
  account_id    = "sa-evaluation-agent"
  display_name  = "evaluation-agent"
  project_roles = ["roles/cloudtrace.agent", "roles/container.clusterViewer"]

  secrets = {
    broker-auth         = google_secret_manager_secret.this["broker-auth"].secret_id
    db-evaluation-agent = google_secret_manager_secret.this["db-evaluation-agent"].secret_id
    llm-key             = google_secret_manager_secret.this["llm-key"].secret_id
  }
}

module "account_project_service" {
  source = "../modules/google-service-account"

  project       = local.project
  account_id    = "sa-project-service"
  display_name  = "project-service"
  project_roles = ["roles/cloudtrace.agent"]

  secrets = {
    broker-auth        = google_secret_manager_secret.this["broker-auth"].secret_id
    db-project-service = google_secret_manager_secret.this["db-project-service"].secret_id
    jwt-key            = google_secret_manager_secret.this["jwt-key"].secret_id
  }
}
