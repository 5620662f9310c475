# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# staging: its own state, so that nothing here can touch another environment.
#   terraform -chdir=deploy/terraform/staging init
#   terraform -chdir=deploy/terraform/staging apply -var release=TAG -target=module.migration_engine
#   deploy/terraform/aws-run.sh staging engine-migration
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
    bucket       = "consciousness-engine-terraform-state"
    key          = "staging/terraform.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = {
      environment = "staging"
      owner       = "platform"
      platform    = "consciousness-engine"
    }
  }
}

# Where second copies lie.
provider "aws" {
  alias  = "second"
  region = "eu-central-1"

  default_tags {
    tags = {
      environment = "staging"
      owner       = "platform"
      platform    = "consciousness-engine"
    }
  }
}
