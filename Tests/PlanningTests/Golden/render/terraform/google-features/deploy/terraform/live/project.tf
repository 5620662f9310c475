# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

locals {
  # By way of the module, so that nothing is made before the APIs answer.
  project  = module.project.project_id
  region   = "europe-west1"
  regions  = toset(["europe-west1"])
  registry = "europe-docker.pkg.dev/other/images"
}

module "project" {
  source = "../modules/google-project"

  project_id      = "shop-live"
  name            = "shop live"
  billing_account = var.billing_account
  folder_id       = var.folder_id
  org_id          = var.org_id
  services = [
    "artifactregistry.googleapis.com",
    "billingbudgets.googleapis.com",
    "cloudscheduler.googleapis.com",
    "cloudtrace.googleapis.com",
    "compute.googleapis.com",
    "containerscanning.googleapis.com",
    "dns.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "redis.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "servicenetworking.googleapis.com",
    "sqladmin.googleapis.com",
    "storage.googleapis.com",
    "sts.googleapis.com",
  ]
}

# `telemetry.logs-keep`: how long lines can still be searched.
resource "google_logging_project_bucket_config" "default" {
  project        = local.project
  location       = "global"
  bucket_id      = "_Default"
  retention_days = 90
}
