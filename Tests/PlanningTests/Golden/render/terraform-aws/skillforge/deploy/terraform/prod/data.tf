# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "redis_broker" {
  source = "../modules/aws-redis"

  name           = "skillforge-prod-broker"
  vpc            = module.network.vpc
  subnets        = module.network.private_subnets
  engine_version = "7.1"
  family         = "redis7"
  class          = "cache.t4g.small"
  eviction       = "noeviction"
  standby        = true
  logs_keep      = 30
  kms_key        = module.key.arn
}

module "bucket_datasets" {
  source = "../modules/aws-bucket"

  name      = "skillforge-prod-datasets"
  versioned = true
  kms_key   = module.key.arn
}

module "postgres_db" {
  source = "../modules/aws-postgres"

  name           = "skillforge-prod-db"
  vpc            = module.network.vpc
  subnets        = module.network.private_subnets
  engine_version = "15"
  class          = "db.m7g.large"
  storage        = 100
  database       = "skillforge_db"
  standby        = true
  backup_days    = 30
  logs_keep      = 30
  kms_key        = module.key.arn
}

# A second copy, with the log of every change, in another region.
resource "aws_db_instance_automated_backups_replication" "db" {
  provider = aws.second

  source_db_instance_arn = module.postgres_db.arn
  kms_key_id             = module.key_second.arn
  retention_period       = 30
}

# Run once, and again when a service is added or a password renewed: a role for each service, with the rights of its edge.
module "roles_db" {
  source = "../modules/aws-task"

  name      = "skillforge-prod-db-roles"
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

  name        = "skillforge-prod-project-deliverable-submitted"
  subscribers = ["evaluation-agent"]
  kms_key     = module.key.arn
}

module "bucket_models" {
  source = "../modules/aws-bucket"

  name      = "skillforge-prod-models"
  versioned = true
  kms_key   = module.key.arn
}

module "kubernetes_orchestrator" {
  source = "../modules/aws-kubernetes"

  name      = "skillforge-prod-orchestrator"
  subnets   = module.network.private_subnets
  logs_keep = 30
  kms_key   = module.key.arn
}

module "bucket_uploads" {
  source = "../modules/aws-bucket"

  name      = "skillforge-prod-uploads"
  versioned = true
  kms_key   = module.key.arn
}

# Keys do not leave their region.
module "key_second" {
  source    = "../modules/aws-key"
  providers = { aws = aws.second }

  name = "skillforge-prod-second"
}
