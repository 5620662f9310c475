# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# What prod stands on: key, network, cluster, edge, images, secrets.

module "key" {
  source = "../modules/aws-key"

  name = "cognitive-sprint-prod"
}

module "network" {
  source = "../modules/aws-network"

  name  = "cognitive-sprint-prod"
  zones = 2
  nat   = "one"
  hosts = [
    "*.cloudfront.net",
    "api.openai.com",
    "api.smith.langchain.com",
    "api.tavily.com",
    "public.ecr.aws",
  ]
  endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]
  logs_keep = 30
  kms_key   = module.key.arn
}

module "cluster" {
  source = "../modules/aws-cluster"

  name      = "cognitive-sprint-prod"
  logs_keep = 30
  kms_key   = module.key.arn
}

data "aws_route53_zone" "this" {
  name = var.dns_zone
}

# The only way in.
module "edge" {
  source = "../modules/aws-edge"

  name       = "cognitive-sprint-prod"
  short_name = "cognitive-sprint-prod"
  vpc        = module.network.vpc
  subnets    = module.network.public_subnets
  zone       = data.aws_route53_zone.this.zone_id
  hosts      = ["sprint.example"]
  tls_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  hsts       = "max-age=31536000; includeSubDomains"
  logs_keep  = 30
}

module "image_api" {
  source = "../modules/aws-repository"

  name    = "cognitive-sprint/prod/api"
  kms_key = module.key.arn
}

module "image_frontend" {
  source = "../modules/aws-repository"

  name    = "cognitive-sprint/prod/frontend"
  kms_key = module.key.arn
}

# Containers without values: an administrator gives them, and Terraform never sees one.
#   aws secretsmanager put-secret-value --secret-id cognitive-sprint/prod/langsmith --secret-string file:///dev/stdin
module "secret_langsmith" {
  source = "../modules/aws-secret"

  name        = "cognitive-sprint/prod/langsmith"
  description = "Key for traces, tokens and cost per step (CS-10)."
  kms_key     = module.key.arn
  tags        = { rotate = "90d" }
}

module "secret_openai" {
  source = "../modules/aws-secret"

  name        = "cognitive-sprint/prod/openai"
  description = "Key of the language model's API."
  kms_key     = module.key.arn
  tags        = { rotate = "90d" }
}

module "secret_search" {
  source = "../modules/aws-secret"

  name        = "cognitive-sprint/prod/search"
  description = "Key of the web search."
  kms_key     = module.key.arn
  tags        = { rotate = "90d" }
}

module "password_db_api" {
  source = "../modules/aws-secret"

  name        = "cognitive-sprint/prod/passwords/db-api"
  description = "Password of api_role in db"
  kms_key     = module.key.arn
}

module "password_db_summariser" {
  source = "../modules/aws-secret"

  name        = "cognitive-sprint/prod/passwords/db-summariser"
  description = "Password of summariser_role in db"
  kms_key     = module.key.arn
}
