# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "postgres_db" {
  source = "../modules/aws-postgres"

  name           = "cognitive-sprint-prod-db"
  vpc            = module.network.vpc
  subnets        = module.network.private_subnets
  engine_version = "15"
  class          = "db.t4g.small"
  storage        = 20
  database       = "cognitive_sprint"
  backup_days    = 14
  logs_keep      = 30
  kms_key        = module.key.arn
}

# Run once, and again when a service is added or a password renewed: a role for each service, with the rights of its edge.
module "roles_db" {
  source = "../modules/aws-task"

  name      = "cognitive-sprint-prod-db-roles"
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
      PGDATABASE = "cognitive_sprint"
      PGUSER     = "postgres"
      PGSSLMODE  = "require"
    }
    secrets = {
      PGPASSWORD          = "${module.postgres_db.master_secret}:password::"
      PASSWORD_API        = module.password_db_api.arn
      PASSWORD_SUMMARISER = module.password_db_summariser.arn
    }
  }

  secrets = [module.postgres_db.master_secret, module.password_db_api.arn, module.password_db_summariser.arn]
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
