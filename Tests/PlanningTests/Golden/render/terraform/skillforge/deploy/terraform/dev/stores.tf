# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

# Its AUTH string goes to who uses it by way of a secret:
# gcloud redis instances get-auth-string broker --region europe-west1 --format 'value(authString)' \
#   | tr -d '\n' | gcloud secrets versions add broker-auth --data-file=-
module "redis_broker" {
  source = "../modules/google-redis"

  project       = local.project
  region        = local.region
  name          = "broker"
  network       = module.network.stores_network
  redis_version = "REDIS_7_2"
  memory_gb     = 1

  labels = { resource = "broker" }
}

module "bucket_datasets" {
  source = "../modules/google-bucket"

  project   = local.project
  name      = "skillforge-dev-datasets"
  location  = local.region
  versioned = true

  writers = { evaluation-agent = module.account_evaluation_agent.member }

  labels = { resource = "datasets" }
}

module "postgres_db" {
  source = "../modules/google-postgres"

  project          = local.project
  region           = local.region
  name             = "db"
  network          = module.network.stores_network
  postgres_version = 15
  database         = "skillforge_db"
  tier             = "db-custom-1-4096"
  disk_gb          = 20

  users = {
    evaluation_agent_role = google_secret_manager_secret.this["db-evaluation-agent"].secret_id
    project_service_role  = google_secret_manager_secret.this["db-project-service"].secret_id
  }

  labels = { resource = "db" }
}

# Who has a port is pushed to: a POST to `/` whose answer 2xx takes the message off. Who has none pulls.
module "topic_deliverables" {
  source = "../modules/google-topic"

  project        = local.project
  project_number = module.project.number
  name           = "project.deliverable.submitted"
  regions        = local.regions

  publishers = { project-service = module.account_project_service.member }

  subscribers = {
    evaluation-agent = {
      member          = module.account_evaluation_agent.member
      endpoint        = module.service_evaluation_agent[local.region].uri
      service         = "evaluation-agent"
      region          = local.region
      push_account_id = "push-evaluation-agent"
    }
  }

  labels = { resource = "deliverables" }
}

module "bucket_models" {
  source = "../modules/google-bucket"

  project   = local.project
  name      = "skillforge-dev-models"
  location  = local.region
  versioned = true

  readers = { evaluation-agent = module.account_evaluation_agent.member }

  labels = { resource = "models" }
}

module "cluster_orchestrator" {
  source = "../modules/google-autopilot"

  project          = local.project
  region           = local.region
  name             = "orchestrator"
  network          = module.network.id
  subnetwork       = module.network.subnetworks[local.region]
  nodes_account_id = "nodes-orchestrator"

  labels = { resource = "orchestrator" }
}

module "bucket_uploads" {
  source = "../modules/google-bucket"

  project   = local.project
  name      = "skillforge-dev-uploads"
  location  = local.region
  versioned = true

  readers = { evaluation-agent = module.account_evaluation_agent.member }

  writers = { project-service = module.account_project_service.member }

  labels = { resource = "uploads" }
}
