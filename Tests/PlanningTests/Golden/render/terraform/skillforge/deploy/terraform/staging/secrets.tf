# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Containers without values: an administrator gives those, for example with
#   printf %s "$VALUE" | gcloud secrets versions add NAME --project skillforge-staging --data-file=-

locals {
  secrets = {
    broker-auth         = { about = "AUTH string of broker, as Memorystore made it." }
    db-evaluation-agent = { about = "Password of evaluation_agent_role in db: letters and digits." }
    db-project-service  = { about = "Password of project_service_role in db: letters and digits." }
    jwt-key = {
      about  = "Signs the sessions."
      rotate = "90d"
    }
    llm-key = {
      about  = "Key of the language model's API."
      rotate = "90d"
    }
  }
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  project     = local.project
  secret_id   = each.key
  annotations = each.value

  replication {
    user_managed {
      dynamic "replicas" {
        for_each = local.regions

        content {
          location = replicas.value
        }
      }
    }
  }
}
