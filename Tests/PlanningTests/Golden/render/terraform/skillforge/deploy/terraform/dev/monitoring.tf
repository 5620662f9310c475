# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "dashboard" {
  source = "../modules/google-dashboard"

  project   = local.project
  title     = "skillforge dev"
  services  = ["api-gateway", "evaluation-agent", "project-service"]
  databases = { db = module.postgres_db.instance }
  caches    = { broker = module.redis_broker.id }
}

resource "google_monitoring_notification_channel" "ana_skillforge_example" {
  project      = local.project
  display_name = "ana@skillforge.example"
  type         = "email"
  labels       = { email_address = "ana@skillforge.example" }
}

resource "google_monitoring_notification_channel" "ben_skillforge_example" {
  project      = local.project
  display_name = "ben@skillforge.example"
  type         = "email"
  labels       = { email_address = "ben@skillforge.example" }
}

resource "google_monitoring_notification_channel" "chi_skillforge_example" {
  project      = local.project
  display_name = "chi@skillforge.example"
  type         = "email"
  labels       = { email_address = "chi@skillforge.example" }
}

module "objective_api_gateway" {
  source = "../modules/google-objective"

  project      = local.project
  region       = local.region
  service      = module.service_api_gateway[local.region].name
  availability = 0.999
  window_days  = 30
  alerts       = false

  latency = {
    p95 = {
      share        = 0.95
      milliseconds = 800
    }
    p99 = {
      share        = 0.99
      milliseconds = 2000
    }
  }
}

module "objective_project_service" {
  source = "../modules/google-objective"

  project      = local.project
  region       = local.region
  service      = module.service_project_service[local.region].name
  availability = 0.999
  window_days  = 30
  alerts       = false

  latency = {
    p99 = {
      share        = 0.99
      milliseconds = 2000
    }
  }
}
