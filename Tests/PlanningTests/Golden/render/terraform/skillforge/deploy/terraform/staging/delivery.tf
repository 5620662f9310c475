# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

resource "google_artifact_registry_repository" "images" {
  project       = local.project
  location      = "europe-west1"
  repository_id = "images"
  format        = "DOCKER"

  # A tag that was scanned stays what was scanned.
  docker_config {
    immutable_tags = true
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  cleanup_policies {
    id     = "keep-what-can-be-returned-to"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "7776000s"
    }
  }
}

module "deployer" {
  source = "../modules/google-github-deployer"

  project       = local.project
  repository    = var.github_repository
  ref_condition = "assertion.ref == 'refs/heads/develop'"
  registries = {
    (google_artifact_registry_repository.images.repository_id) = google_artifact_registry_repository.images.location
  }
  site_buckets = { frontend = module.site_frontend.bucket }

  runs_as = {
    api-gateway      = module.account_api_gateway.name
    evaluation-agent = module.account_evaluation_agent.name
    project-service  = module.account_project_service.name
  }
}
