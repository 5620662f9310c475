# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# prod: its own state, so that nothing here can touch another environment.
#   terraform -chdir=deploy/terraform/prod init
#   terraform -chdir=deploy/terraform/prod apply -var release=TAG -target=module.migration_api
#   deploy/terraform/aws-run.sh prod api-migration
#   terraform -chdir=deploy/terraform/prod plan -var release=TAG -out=plan
#   terraform -chdir=deploy/terraform/prod apply plan

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Made by bootstrap-aws; locked by S3 itself.
  backend "s3" {
    bucket       = "cognitive-sprint-terraform-state-123456789012"
    key          = "prod/terraform.tfstate"
    region       = "eu-west-3"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-west-3"
  # Credentials of another account change nothing.
  allowed_account_ids = ["123456789012"]

  default_tags {
    tags = {
      environment = "prod"
      owner       = "sprint"
      platform    = "cognitive-sprint"
    }
  }
}
