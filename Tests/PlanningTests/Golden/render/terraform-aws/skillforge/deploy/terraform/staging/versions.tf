# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# staging: its own state, so that nothing here can touch another environment.
#   terraform -chdir=deploy/terraform/staging init
#   terraform -chdir=deploy/terraform/staging apply -var release=TAG -target=module.migration_project_service
#   deploy/terraform/aws-run.sh staging project-service-migration
#   terraform -chdir=deploy/terraform/staging plan -var release=TAG -out=plan
#   terraform -chdir=deploy/terraform/staging apply plan

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
    bucket       = "skillforge-tfstate"
    key          = "staging/terraform.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-west-1"
  # Credentials of another account change nothing.
  allowed_account_ids = ["111111111111"]

  default_tags {
    tags = {
      environment = "staging"
      owner       = "sre"
      platform    = "skillforge"
    }
  }
}

# The content network takes certificates from here.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
  # Credentials of another account change nothing.
  allowed_account_ids = ["111111111111"]

  default_tags {
    tags = {
      environment = "staging"
      owner       = "sre"
      platform    = "skillforge"
    }
  }
}
