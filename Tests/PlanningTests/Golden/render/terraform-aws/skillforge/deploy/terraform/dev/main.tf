# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# What dev stands on: key, network, cluster, edge, images, secrets.

module "key" {
  source = "../modules/aws-key"

  name = "skillforge-dev"
}

module "network" {
  source = "../modules/aws-network"

  name      = "skillforge-dev"
  zones     = 2
  nat       = "one"
  hosts     = ["*.cloudfront.net", "generativelanguage.googleapis.com", "public.ecr.aws"]
  endpoints = ["ecr.api", "ecr.dkr", "eks", "logs", "secretsmanager", "sns", "sqs", "sts", "xray"]
  logs_keep = 30
  kms_key   = module.key.arn
}

module "cluster" {
  source = "../modules/aws-cluster"

  name      = "skillforge-dev"
  logs_keep = 30
  kms_key   = module.key.arn
}

data "aws_route53_zone" "this" {
  name = var.dns_zone
}

# The only way in.
module "edge" {
  source = "../modules/aws-edge"

  name       = "skillforge-dev"
  short_name = "skillforge-dev"
  vpc        = module.network.vpc
  subnets    = module.network.public_subnets
  zone       = data.aws_route53_zone.this.zone_id
  hosts      = ["api.dev.skillforge.example"]
  tls_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  hsts       = "max-age=31536000; includeSubDomains"
  logs_keep  = 30
}

module "firewall" {
  source = "../modules/aws-firewall"

  name           = "skillforge-dev"
  load_balancer  = module.edge.arn
  filtered_hosts = ["api.dev.skillforge.example"]
  logs_keep      = 30
  kms_key        = module.key.arn
}

module "image_agents_evaluation_agent" {
  source = "../modules/aws-repository"

  name    = "skillforge/dev/agents-evaluation-agent"
  kms_key = module.key.arn
}

module "image_services_api_gateway" {
  source = "../modules/aws-repository"

  name    = "skillforge/dev/services-api-gateway"
  kms_key = module.key.arn
}

module "image_services_project_service" {
  source = "../modules/aws-repository"

  name    = "skillforge/dev/services-project-service"
  kms_key = module.key.arn
}

# Containers without values: an administrator gives them, and Terraform never sees one.
#   aws secretsmanager put-secret-value --secret-id skillforge/dev/jwt-key --secret-string file:///dev/stdin
module "secret_jwt_key" {
  source = "../modules/aws-secret"

  name        = "skillforge/dev/jwt-key"
  description = "Signs the sessions."
  kms_key     = module.key.arn
  tags        = { rotate = "90d" }
}

module "secret_llm_key" {
  source = "../modules/aws-secret"

  name        = "skillforge/dev/llm-key"
  description = "Key of the language model's API."
  kms_key     = module.key.arn
  tags        = { rotate = "90d" }
}

module "password_db_evaluation_agent" {
  source = "../modules/aws-secret"

  name        = "skillforge/dev/passwords/db-evaluation-agent"
  description = "Password of evaluation_agent_role in db"
  kms_key     = module.key.arn
}

module "password_db_project_service" {
  source = "../modules/aws-secret"

  name        = "skillforge/dev/passwords/db-project-service"
  description = "Password of project_service_role in db"
  kms_key     = module.key.arn
}
