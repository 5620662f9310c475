# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# prod: its own state, so that nothing here can touch another environment.
#   terraform -chdir=deploy/terraform/prod init
#   terraform -chdir=deploy/terraform/prod apply -var release=TAG -target=module.migration_project_service
#   deploy/terraform/aws-run.sh prod project-service-migration
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
    bucket       = "skillforge-prod-tfstate"
    key          = "prod/terraform.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-west-1"
  # Credentials of another account change nothing.
  allowed_account_ids = ["222222222222"]

  default_tags {
    tags = {
      environment = "prod"
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
  allowed_account_ids = ["222222222222"]

  default_tags {
    tags = {
      environment = "prod"
      owner       = "sre"
      platform    = "skillforge"
    }
  }
}

# Where second copies lie.
provider "aws" {
  alias  = "second"
  region = "eu-central-1"
  # Credentials of another account change nothing.
  allowed_account_ids = ["222222222222"]

  default_tags {
    tags = {
      environment = "prod"
      owner       = "sre"
      platform    = "skillforge"
    }
  }
}
