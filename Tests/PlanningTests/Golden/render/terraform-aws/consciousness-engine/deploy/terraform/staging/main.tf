# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# What staging stands on: key, network, cluster, edge, images, secrets.

module "key" {
  source = "../modules/aws-key"

  name = "consciousness-engine-staging"
}

module "network" {
  source = "../modules/aws-network"

  name  = "consciousness-engine-staging"
  zones = 3
  nat   = "each"
  hosts = [
    "*.cloudfront.net",
    "api.openai.com",
    "ghcr.io",
    "pkg-containers.githubusercontent.com",
    "public.ecr.aws",
  ]
  endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sns", "sqs", "xray"]
  logs_keep = 365
  kms_key   = module.key.arn
}

module "cluster" {
  source = "../modules/aws-cluster"

  name      = "consciousness-engine-staging"
  logs_keep = 365
  kms_key   = module.key.arn
}

# `encrypt: mesh`: services call each other over TLS.
module "mesh" {
  source = "../modules/aws-mesh"

  name    = "consciousness-engine-staging"
  kms_key = module.key.arn
}

data "aws_route53_zone" "this" {
  name = var.dns_zone
}

# The only way in.
module "edge" {
  source = "../modules/aws-edge"

  name       = "consciousness-engine-staging"
  short_name = "consciousness-engine-staging"
  vpc        = module.network.vpc
  subnets    = module.network.public_subnets
  zone       = data.aws_route53_zone.this.zone_id
  hosts      = ["api.staging.engine.example"]
  tls_policy = "ELBSecurityPolicy-TLS13-1-3-2021-06"
  hsts       = "max-age=31536000; includeSubDomains"
  logs_keep  = 365
}

module "firewall" {
  source = "../modules/aws-firewall"

  name          = "consciousness-engine-staging"
  load_balancer = module.edge.arn
  rates = [
    {
      host  = "api.staging.engine.example"
      path  = "/"
      limit = 3000
    },
  ]
  filtered_hosts = ["api.staging.engine.example"]
  logs_keep      = 365
  kms_key        = module.key.arn
}

# Containers without values: an administrator gives them, and Terraform never sees one.
#   aws secretsmanager put-secret-value --secret-id consciousness-engine/staging/model-key --secret-string file:///dev/stdin
module "secret_model_key" {
  source = "../modules/aws-secret"

  name        = "consciousness-engine/staging/model-key"
  description = "The secret model-key"
  kms_key     = module.key.arn
  tags        = { rotate = "90d" }
}

module "secret_session_key" {
  source = "../modules/aws-secret"

  name        = "consciousness-engine/staging/session-key"
  description = "The secret session-key"
  kms_key     = module.key.arn
  tags        = { rotate = "30d" }
}

module "password_db_engine" {
  source = "../modules/aws-secret"

  name        = "consciousness-engine/staging/passwords/db-engine"
  description = "Password of engine_role in db"
  kms_key     = module.key.arn
}

module "password_db_insights" {
  source = "../modules/aws-secret"

  name        = "consciousness-engine/staging/passwords/db-insights"
  description = "Password of insights_role in db"
  kms_key     = module.key.arn
}

module "registry" {
  source = "../modules/aws-secret"

  name        = "consciousness-engine/staging/registry"
  description = "Who may pull from ghcr.io/consciousness-engine: a JSON object of username and password"
  kms_key     = module.key.arn
}
