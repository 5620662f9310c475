# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "bucket_archive" {
  source = "../modules/aws-bucket"

  name      = "consciousness-engine-staging-archive"
  versioned = true
  # `backup`: what was overwritten or removed can be brought back for so long.
  old_days  = 90
  keep_days = 365
  kms_key   = module.key.arn
  copy = {
    bucket  = module.copy_archive.arn
    kms_key = module.key_second.arn
  }
  tags = { feature = "insights" }
}

# The second copy of archive, in another region.
module "copy_archive" {
  source    = "../modules/aws-bucket"
  providers = { aws = aws.second }

  name      = "consciousness-engine-staging-archive-copy"
  versioned = true
  old_days  = 90
  keep_days = 365
  kms_key   = module.key_second.arn
}

module "postgres_db" {
  source = "../modules/aws-postgres"

  name           = "consciousness-engine-staging-db"
  vpc            = module.network.vpc
  subnets        = module.network.private_subnets
  engine_version = "15"
  class          = "db.m7g.large"
  storage        = 50
  database       = "consciousness_engine"
  standby        = true
  tags           = { feature = "interactions" }
  backup_days    = 30
  logs_keep      = 365
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

  name      = "consciousness-engine-staging-db-roles"
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
      PGDATABASE = "consciousness_engine"
      PGUSER     = "postgres"
      PGSSLMODE  = "require"
    }
    secrets = {
      PGPASSWORD        = "${module.postgres_db.master_secret}:password::"
      PASSWORD_ENGINE   = module.password_db_engine.arn
      PASSWORD_INSIGHTS = module.password_db_insights.arn
    }
  }

  secrets = [module.postgres_db.master_secret, module.password_db_engine.arn, module.password_db_insights.arn]
  reaches = {
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
  }
  # For the image of psql.
  outside   = true
  logs_keep = 365
  kms_key   = module.key.arn
}

module "topic_events" {
  source = "../modules/aws-topic"

  name        = "consciousness-engine-staging-events"
  subscribers = ["insights"]
  keep        = 604800
  kms_key     = module.key.arn
}

module "redis_sessions" {
  source = "../modules/aws-redis"

  name           = "consciousness-engine-staging-sessions"
  vpc            = module.network.vpc
  subnets        = module.network.private_subnets
  engine_version = "7.1"
  family         = "redis7"
  class          = "cache.r7g.large"
  eviction       = "volatile-ttl"
  standby        = true
  logs_keep      = 365
  kms_key        = module.key.arn
}

# Keys do not leave their region.
module "key_second" {
  source    = "../modules/aws-key"
  providers = { aws = aws.second }

  name = "consciousness-engine-staging-second"
}
