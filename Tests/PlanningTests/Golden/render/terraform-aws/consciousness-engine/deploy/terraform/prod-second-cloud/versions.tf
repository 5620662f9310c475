# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# prod-second-cloud: its own state, so that nothing here can touch another environment.
#   terraform -chdir=deploy/terraform/prod-second-cloud init
#   terraform -chdir=deploy/terraform/prod-second-cloud apply -var release=TAG -target=module.migration_engine
#   deploy/terraform/aws-run.sh prod-second-cloud engine-migration
#   terraform -chdir=deploy/terraform/prod-second-cloud plan -var release=TAG -out=plan
#   terraform -chdir=deploy/terraform/prod-second-cloud apply plan

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
    key          = "prod-second-cloud/terraform.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = {
      environment = "prod-second-cloud"
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
      environment = "prod-second-cloud"
      owner       = "platform"
      platform    = "consciousness-engine"
    }
  }
}
