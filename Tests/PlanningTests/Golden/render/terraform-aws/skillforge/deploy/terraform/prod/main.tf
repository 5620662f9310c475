# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# What prod stands on: key, network, cluster, edge, images, secrets.

module "key" {
  source = "../modules/aws-key"

  name = "skillforge-prod"
}

module "network" {
  source = "../modules/aws-network"

  name      = "skillforge-prod"
  zones     = 3
  nat       = "each"
  hosts     = ["*.cloudfront.net", "generativelanguage.googleapis.com", "public.ecr.aws"]
  endpoints = ["ecr.api", "ecr.dkr", "eks", "logs", "secretsmanager", "sns", "sqs", "sts", "xray"]
  logs_keep = 30
  kms_key   = module.key.arn
}

module "cluster" {
  source = "../modules/aws-cluster"

  name      = "skillforge-prod"
  logs_keep = 30
  kms_key   = module.key.arn
}

data "aws_route53_zone" "this" {
  name = var.dns_zone
}

# The only way in.
module "edge" {
  source = "../modules/aws-edge"

  name       = "skillforge-prod"
  short_name = "skillforge-prod"
  vpc        = module.network.vpc
  subnets    = module.network.public_subnets
  zone       = data.aws_route53_zone.this.zone_id
  hosts      = ["api.skillforge.example"]
  tls_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  hsts       = "max-age=31536000; includeSubDomains"
  logs_keep  = 30
}

module "firewall" {
  source = "../modules/aws-firewall"

  name           = "skillforge-prod"
  load_balancer  = module.edge.arn
  filtered_hosts = ["api.skillforge.example"]
  logs_keep      = 30
  kms_key        = module.key.arn
}

module "image_agents_evaluation_agent" {
  source = "../modules/aws-repository"

  name    = "skillforge/prod/agents-evaluation-agent"
  kms_key = module.key.arn
}

module "image_services_api_gateway" {
  source = "../modules/aws-repository"

  name    = "skillforge/prod/services-api-gateway"
  kms_key = module.key.arn
}

module "image_services_project_service" {
  source = "../modules/aws-repository"

  name    = "skillforge/prod/services-project-service"
  kms_key = module.key.arn
}

# Containers without values: an administrator gives them, and Terraform never sees one.
#   aws secretsmanager put-secret-value --secret-id skillforge/prod/jwt-key --secret-string file:///dev/stdin
module "secret_jwt_key" {
  source = "../modules/aws-secret"

  name        = "skillforge/prod/jwt-key"
  description = "Signs the sessions."
  kms_key     = module.key.arn
  tags        = { rotate = "90d" }
}

module "secret_llm_key" {
  source = "../modules/aws-secret"

  name        = "skillforge/prod/llm-key"
  description = "Key of the language model's API."
  kms_key     = module.key.arn
  tags        = { rotate = "90d" }
}

module "password_db_evaluation_agent" {
  source = "../modules/aws-secret"

  name        = "skillforge/prod/passwords/db-evaluation-agent"
  description = "Password of evaluation_agent_role in db"
  kms_key     = module.key.arn
}

module "password_db_project_service" {
  source = "../modules/aws-secret"

  name        = "skillforge/prod/passwords/db-project-service"
  description = "Password of project_service_role in db"
  kms_key     = module.key.arn
}
