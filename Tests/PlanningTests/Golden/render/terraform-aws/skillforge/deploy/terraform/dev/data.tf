# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "redis_broker" {
  source = "../modules/aws-redis"

  name           = "skillforge-dev-broker"
  vpc            = module.network.vpc
  subnets        = module.network.private_subnets
  engine_version = "7.1"
  family         = "redis7"
  class          = "cache.t4g.small"
  eviction       = "noeviction"
  logs_keep      = 30
  kms_key        = module.key.arn
}

module "bucket_datasets" {
  source = "../modules/aws-bucket"

  name      = "skillforge-dev-datasets"
  versioned = true
  kms_key   = module.key.arn
}

module "postgres_db" {
  source = "../modules/aws-postgres"

  name           = "skillforge-dev-db"
  vpc            = module.network.vpc
  subnets        = module.network.private_subnets
  engine_version = "15"
  class          = "db.t4g.medium"
  storage        = 20
  database       = "skillforge_db"
  backup_days    = 0
  logs_keep      = 30
  kms_key        = module.key.arn
}

# Run once, and again when a service is added or a password renewed: a role for each service, with the rights of its edge.
module "roles_db" {
  source = "../modules/aws-task"

  name      = "skillforge-dev-db-roles"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 256
  memory    = 512

  container = {
    name       = "roles"
    image      = "public.ecr.aws/docker/library/postgres:17-alpine"
    entrypoint = ["/bin/sh", "-euc", file("${path.module}/db-roles.sh")]
    cpu        = 256
    memory     = 512
    environment = {
      PGHOST     = module.postgres_db.host
      PGDATABASE = "skillforge_db"
      PGUSER     = "postgres"
      PGSSLMODE  = "require"
    }
    secrets = {
      PGPASSWORD                = "${module.postgres_db.master_secret}:password::"
      PASSWORD_EVALUATION_AGENT = module.password_db_evaluation_agent.arn
      PASSWORD_PROJECT_SERVICE  = module.password_db_project_service.arn
    }
  }

  secrets = [
    module.postgres_db.master_secret,
    module.password_db_evaluation_agent.arn,
    module.password_db_project_service.arn,
  ]
  reaches = {
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
  }
  # For the image of psql.
  outside   = true
  logs_keep = 30
  kms_key   = module.key.arn
}

module "topic_deliverables" {
  source = "../modules/aws-topic"

  name        = "skillforge-dev-project-deliverable-submitted"
  subscribers = ["evaluation-agent"]
  kms_key     = module.key.arn
}

module "bucket_models" {
  source = "../modules/aws-bucket"

  name      = "skillforge-dev-models"
  versioned = true
  kms_key   = module.key.arn
}

module "kubernetes_orchestrator" {
  source = "../modules/aws-kubernetes"

  name      = "skillforge-dev-orchestrator"
  subnets   = module.network.private_subnets
  logs_keep = 30
  kms_key   = module.key.arn
}

module "bucket_uploads" {
  source = "../modules/aws-bucket"

  name      = "skillforge-dev-uploads"
  versioned = true
  kms_key   = module.key.arn
}
