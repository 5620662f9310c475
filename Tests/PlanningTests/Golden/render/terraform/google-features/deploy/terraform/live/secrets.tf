# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Containers without values: an administrator gives those, for example with
#   printf %s "$VALUE" | gcloud secrets versions add NAME --project shop-live --data-file=-

locals {
  secrets = {
    cache-auth             = { about = "AUTH string of cache, as Memorystore made it." }
    db-api                 = { about = "Password of api_role in db: letters and digits." }
    other                  = {}
    pagerduty-key-payments = { about = "Key of the notification channel pagerduty:payments." }
    pd                     = { about = "Key of the notification channel pagerduty." }
    slack-token            = { about = "Key of the notification channel slack:#shop." }
    stripe-key             = { rotate = "30d" }
  }
  kept = { stripe-key = "604800s" }
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  project     = local.project
  secret_id   = each.key
  annotations = each.value
  # How long a value that was renewed and done away with can still be brought back.
  version_destroy_ttl = lookup(local.kept, each.key, null)

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
