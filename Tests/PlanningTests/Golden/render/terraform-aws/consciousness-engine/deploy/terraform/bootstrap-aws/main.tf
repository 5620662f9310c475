# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# Once for each account, by somebody who may: the bucket of all states and who ships from GitHub.
# Its own state moves into the bucket that it makes:
#   printf 'terraform {\n  backend "local" {}\n}\n' > deploy/terraform/bootstrap-aws/first_override.tf
#   terraform -chdir=deploy/terraform/bootstrap-aws init && terraform -chdir=deploy/terraform/bootstrap-aws apply
#   rm deploy/terraform/bootstrap-aws/first_override.tf && terraform -chdir=deploy/terraform/bootstrap-aws init -migrate-state

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  backend "s3" {
    bucket       = "consciousness-engine-terraform-state"
    key          = "bootstrap-aws/terraform.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { platform = "consciousness-engine" }
  }
}

variable "github_repository" {
  description = "The repository whose workflow ships, as `owner/name`."
  type        = string
  default     = "consciousness-engine/platform"
}

resource "aws_s3_bucket" "state" {
  bucket = "consciousness-engine-terraform-state"

  # Without its state a root knows nothing of what it made.
  lifecycle {
    prevent_destroy = true
  }
}

# A state that was spoilt can be taken back.
resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    id     = "old-states"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 365
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyOverTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
        Condition = {
          Bool = { "aws:SecureTransport" = "false" }
        }
      },
    ]
  })
  depends_on = [aws_s3_bucket_public_access_block.state]
}

# GitHub proves which repository and environment a workflow runs for: no key is stored anywhere.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

module "deployer_prod_second_cloud" {
  source = "../modules/aws-deployer"

  platform    = "consciousness-engine"
  environment = "prod-second-cloud"
  repository  = var.github_repository
  github      = aws_iam_openid_connect_provider.github.arn
  state       = aws_s3_bucket.state.arn
  # What the root is made of: a service that is new to it is applied here first.
  services = [
    "acm",
    "acm-pca",
    "application-autoscaling",
    "budgets",
    "cloudwatch",
    "ec2",
    "ecr",
    "ecs",
    "elasticache",
    "elasticloadbalancing",
    "kms",
    "logs",
    "rds",
    "route53",
    "route53resolver",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "sns",
    "sqs",
    "wafv2",
  ]
}

module "deployer_staging" {
  source = "../modules/aws-deployer"

  platform    = "consciousness-engine"
  environment = "staging"
  repository  = var.github_repository
  github      = aws_iam_openid_connect_provider.github.arn
  state       = aws_s3_bucket.state.arn
  # What the root is made of: a service that is new to it is applied here first.
  services = [
    "acm",
    "acm-pca",
    "application-autoscaling",
    "budgets",
    "cloudwatch",
    "ec2",
    "ecs",
    "elasticache",
    "elasticloadbalancing",
    "kms",
    "logs",
    "rds",
    "route53",
    "route53resolver",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "sns",
    "sqs",
    "wafv2",
  ]
}

output "deployers" {
  description = "As whom a workflow ships, by environment."
  value = {
    prod-second-cloud = module.deployer_prod_second_cloud.role
    staging           = module.deployer_staging.role
  }
}
