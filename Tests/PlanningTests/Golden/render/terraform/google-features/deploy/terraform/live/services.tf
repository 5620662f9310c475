# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "service_api" {
  source = "../modules/google-cloud-run-service"

  for_each = local.regions

  project         = local.project
  region          = each.key
  name            = "api"
  image           = "${local.registry}/api:${var.release}"
  command         = ["/bin/sh", "-c", "./api --port 8000 --url \"$DB_URL\""]
  service_account = module.account_api.email
  network         = module.network.id
  subnetwork      = module.network.subnetworks[each.key]
  network_tags    = ["outbound", "uses-cache", "uses-db"]
  port            = 8000
  exposed         = true
  cpu             = "1"
  memory          = "256Mi"
  min_instances   = 2
  max_instances   = 5
  concurrency     = 80

  probe = {
    period   = 10
    timeout  = 5
    starts   = 6
    failures = 3
  }

  env = {
    DB_HOST = module.postgres_db.host
    HOST    = trimprefix(module.service_api_of_a_name_that_is_rather_long[each.key].uri, "https://")
    LITERAL = "a $${literal} and %%{another}"
    NEXT    = "${module.service_api_of_a_name_that_is_rather_long[each.key].uri}/v1"
    RELEASE = var.release
    WEB     = "https://www.shop.example"
  }

  secret_env = {
    CACHE_AUTH  = google_secret_manager_secret.this["cache-auth"].secret_id
    DB_PASSWORD = google_secret_manager_secret.this["db-api"].secret_id
    STRIPE      = google_secret_manager_secret.this["stripe-key"].secret_id
  }

  composed_env = {
    CACHE    = "redis://:$CACHE_AUTH@${module.redis_cache.host}:${module.redis_cache.port}/0"
    DB_URL   = "postgresql://api_role:$DB_PASSWORD@${module.postgres_db.host}:5432/${module.postgres_db.database}?application_name=\\$HOME\\`id\\`"
    PASSWORD = "$DB_PASSWORD"
  }

  labels = { service = "api" }
}

module "service_api_of_a_name_that_is_rather_long" {
  source = "../modules/google-cloud-run-service"

  for_each = local.regions

  project         = local.project
  region          = each.key
  name            = "api-of-a-name-that-is-rather-long"
  image           = "${local.registry}/other:${var.release}"
  command         = ["./other"]
  service_account = module.account_api_of_a_name_that_is_rather_long.email
  network         = module.network.id
  subnetwork      = module.network.subnetworks[each.key]
  port            = 9000
  cpu             = "500m"
  memory          = "128Mi"
  min_instances   = 0
  max_instances   = 1
  concurrency     = 1

  probe = {
    period   = 10
    timeout  = 5
    starts   = 6
    failures = 3
  }

  invokers = { api = module.account_api.member }

  labels = { service = "api-of-a-name-that-is-rather-long" }
}

module "job_nightly" {
  source = "../modules/google-cloud-run-job"

  project          = local.project
  region           = local.region
  name             = "nightly"
  image            = "${local.registry}/worker:${var.release}"
  command          = ["./nightly"]
  service_account  = module.account_nightly.email
  network          = module.network.id
  subnetwork       = module.network.subnetworks[local.region]
  cpu              = "1"
  memory           = "512Mi"
  timeout          = "3600s"
  schedule         = "0 3 * * *"
  clock_account_id = "clock-nightly"

  labels = { service = "nightly" }
}

module "service_ready" {
  source = "../modules/google-cloud-run-service"

  for_each = local.regions

  project         = local.project
  region          = each.key
  name            = "ready"
  image           = "ghcr.io/shop/ready:1"
  service_account = module.account_ready.email
  network         = module.network.id
  subnetwork      = module.network.subnetworks[each.key]
  port            = 80
  cpu             = "1"
  memory          = "256Mi"
  min_instances   = 1
  max_instances   = 1
  concurrency     = 80

  probe = {
    period   = 10
    timeout  = 5
    starts   = 6
    failures = 3
  }

  labels = { service = "ready" }
}

module "site_web" {
  source = "../modules/google-site"

  project          = local.project
  name             = "web"
  bucket           = "shop-live-web"
  location         = local.region
  spa              = true
  response_headers = ["Strict-Transport-Security: max-age=86400"]

  labels = { service = "web" }
}

module "worker_worker" {
  source = "../modules/google-cloud-run-worker"

  project         = local.project
  region          = local.region
  name            = "worker"
  image           = "${local.registry}/worker:${var.release}"
  command         = ["./worker"]
  service_account = module.account_worker.email
  network         = module.network.id
  subnetwork      = module.network.subnetworks[local.region]
  network_tags    = ["uses-cache"]
  cpu             = "1"
  memory          = "512Mi"
  instances       = 2

  labels = { service = "worker" }
}
