# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "service_api_gateway" {
  source = "../modules/google-cloud-run-service"

  for_each = local.regions

  project         = local.project
  region          = each.key
  name            = "api-gateway"
  image           = "${local.registry}/services-api-gateway:${var.release}"
  command         = ["uvicorn", "gateway.main:app", "--host", "0.0.0.0", "--port", "8080"]
  service_account = module.account_api_gateway.email
  network         = module.network.id
  subnetwork      = module.network.subnetworks[each.key]
  network_tags    = ["uses-broker"]
  port            = 8080
  exposed         = true
  ready_path      = "/health"
  live_path       = "/live"
  cpu             = "1"
  memory          = "512Mi"
  min_instances   = 1
  max_instances   = 20
  concurrency     = 80

  probe = {
    period   = 10
    timeout  = 5
    starts   = 6
    failures = 3
  }

  env = {
    EVALUATION_AGENT_URL = module.service_evaluation_agent[each.key].uri
    LOG_LEVEL            = "INFO"
    PROJECT_SERVICE_URL  = module.service_project_service[each.key].uri
  }

  secret_env = {
    BROKER_AUTH = google_secret_manager_secret.this["broker-auth"].secret_id
    JWT_KEY     = google_secret_manager_secret.this["jwt-key"].secret_id
  }

  composed_env = { REDIS_URL = "redis://:$BROKER_AUTH@${module.redis_broker.host}:${module.redis_broker.port}/0" }

  labels = { service = "api-gateway" }
}

module "service_evaluation_agent" {
  source = "../modules/google-cloud-run-service"

  for_each = local.regions

  project         = local.project
  region          = each.key
  name            = "evaluation-agent"
  image           = "${local.registry}/agents-evaluation-agent:${var.release}"
  command         = ["uvicorn", "evaluation.main:app", "--host", "0.0.0.0", "--port", "8080"]
  service_account = module.account_evaluation_agent.email
  network         = module.network.id
  subnetwork      = module.network.subnetworks[each.key]
  network_tags    = ["uses-broker", "uses-db"]
  port            = 8080
  ready_path      = "/health"
  live_path       = "/live"
  cpu             = "2"
  memory          = "2Gi"
  min_instances   = 0
  max_instances   = 10
  concurrency     = 4

  probe = {
    period   = 10
    timeout  = 5
    starts   = 6
    failures = 3
  }

  env = {
    DATASETS_BUCKET = module.bucket_datasets.name
    LOG_LEVEL       = "INFO"
    MODELS_BUCKET   = module.bucket_models.name
    PREFECT_CLUSTER = module.cluster_orchestrator.url
    UPLOADS_BUCKET  = module.bucket_uploads.name
  }

  secret_env = {
    BROKER_AUTH = google_secret_manager_secret.this["broker-auth"].secret_id
    DB_PASSWORD = google_secret_manager_secret.this["db-evaluation-agent"].secret_id
    LLM_KEY     = google_secret_manager_secret.this["llm-key"].secret_id
  }

  composed_env = {
    DATABASE_URL = "postgresql://evaluation_agent_role:$DB_PASSWORD@${module.postgres_db.host}:5432/${module.postgres_db.database}"
    REDIS_URL    = "redis://:$BROKER_AUTH@${module.redis_broker.host}:${module.redis_broker.port}/0"
  }

  invokers = { api-gateway = module.account_api_gateway.member }

  labels = {
    feature = "evaluation"
    service = "evaluation-agent"
  }
}

module "site_frontend" {
  source = "../modules/google-site"

  project          = local.project
  name             = "frontend"
  bucket           = "skillforge-prod-frontend"
  location         = local.region
  spa              = true
  cdn              = true
  response_headers = ["Strict-Transport-Security: max-age=31536000"]

  labels = { service = "frontend" }
}

module "service_project_service" {
  source = "../modules/google-cloud-run-service"

  for_each = local.regions

  project         = local.project
  region          = each.key
  name            = "project-service"
  image           = "${local.registry}/services-project-service:${var.release}"
  command         = ["uvicorn", "project.main:app", "--host", "0.0.0.0", "--port", "8080"]
  service_account = module.account_project_service.email
  network         = module.network.id
  subnetwork      = module.network.subnetworks[each.key]
  network_tags    = ["uses-broker", "uses-db"]
  port            = 8080
  ready_path      = "/health"
  live_path       = "/live"
  cpu             = "1"
  memory          = "512Mi"
  min_instances   = 1
  max_instances   = 20
  concurrency     = 80

  probe = {
    period   = 10
    timeout  = 5
    starts   = 6
    failures = 3
  }

  env = {
    DELIVERABLES_TOPIC = module.topic_deliverables.name
    LOG_LEVEL          = "INFO"
    UPLOADS_BUCKET     = module.bucket_uploads.name
  }

  secret_env = {
    BROKER_AUTH = google_secret_manager_secret.this["broker-auth"].secret_id
    DB_PASSWORD = google_secret_manager_secret.this["db-project-service"].secret_id
    JWT_KEY     = google_secret_manager_secret.this["jwt-key"].secret_id
  }

  composed_env = {
    DATABASE_URL = "postgresql://project_service_role:$DB_PASSWORD@${module.postgres_db.host}:5432/${module.postgres_db.database}"
    REDIS_URL    = "redis://:$BROKER_AUTH@${module.redis_broker.host}:${module.redis_broker.port}/0"
  }

  invokers = { api-gateway = module.account_api_gateway.member }

  labels = { service = "project-service" }
}

# Run by each release with its own image, and waited for, before any new revision exists.
module "migrate_project_service" {
  source = "../modules/google-cloud-run-job"

  project         = local.project
  region          = local.region
  name            = "project-service-migrate"
  image           = "${local.registry}/services-project-service:${var.release}"
  command         = ["alembic", "upgrade", "head"]
  service_account = module.account_project_service.email
  network         = module.network.id
  subnetwork      = module.network.subnetworks[local.region]
  network_tags    = ["uses-broker", "uses-db"]
  cpu             = "1"
  memory          = "512Mi"
  timeout         = "600s"

  env = {
    DELIVERABLES_TOPIC = module.topic_deliverables.name
    LOG_LEVEL          = "INFO"
    UPLOADS_BUCKET     = module.bucket_uploads.name
  }

  secret_env = {
    BROKER_AUTH = google_secret_manager_secret.this["broker-auth"].secret_id
    DB_PASSWORD = google_secret_manager_secret.this["db-project-service"].secret_id
    JWT_KEY     = google_secret_manager_secret.this["jwt-key"].secret_id
  }

  composed_env = {
    DATABASE_URL = "postgresql://project_service_role:$DB_PASSWORD@${module.postgres_db.host}:5432/${module.postgres_db.database}"
    REDIS_URL    = "redis://:$BROKER_AUTH@${module.redis_broker.host}:${module.redis_broker.port}/0"
  }

  labels = { service = "project-service" }
}
