# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

# Its AUTH string goes to who uses it by way of a secret:
# gcloud redis instances get-auth-string cache --region europe-west1 --format 'value(authString)' \
#   | tr -d '\n' | gcloud secrets versions add cache-auth --data-file=-
module "redis_cache" {
  source = "../modules/google-redis"

  project       = local.project
  region        = local.region
  name          = "cache"
  network       = module.network.stores_network
  redis_version = "REDIS_7_2"
  memory_gb     = 2
  standby       = true
  eviction      = "allkeys-lru"
  snapshots     = "SIX_HOURS"

  labels = { resource = "cache" }
}

module "postgres_db" {
  source = "../modules/google-postgres"

  project          = local.project
  region           = local.region
  name             = "db"
  network          = module.network.stores_network
  postgres_version = 16
  database         = "shop"
  tier             = "db-custom-4-4096"
  disk_gb          = 10

  backup = {
    copies   = 7
    log_days = 7
  }

  users = { api_role = google_secret_manager_secret.this["db-api"].secret_id }

  labels = { resource = "db" }
}

module "topic_events" {
  source = "../modules/google-topic"

  project        = local.project
  project_number = module.project.number
  name           = "events"
  regions        = local.regions

  labels = { resource = "events" }
}

module "bucket_files" {
  source = "../modules/google-bucket"

  project = local.project
  name    = "shop-live-files"
  # Each object in both regions: `backup.region`.
  location  = "EU"
  placement = ["EUROPE-WEST1", "EUROPE-WEST4"]
  versioned = true
  keep_days = 90

  readers = { nightly = module.account_nightly.member }

  writers = { api = module.account_api.member }

  labels = { resource = "files" }
}

# Who has a port is pushed to: a POST to `/` whose answer 2xx takes the message off. Who has none pulls.
module "topic_orders" {
  source = "../modules/google-topic"

  project        = local.project
  project_number = module.project.number
  name           = "orders"
  regions        = local.regions
  dead_letter    = false
  retention      = "1209600s"

  publishers = { api = module.account_api.member }

  subscribers = {
    ready = {
      member          = module.account_ready.member
      endpoint        = module.service_ready[local.region].uri
      service         = "ready"
      region          = local.region
      push_account_id = "push-ready"
    }
    worker = { member = module.account_worker.member }
  }

  labels = { resource = "orders" }
}
