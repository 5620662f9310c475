# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

output "region" {
  description = "Where everything stands."
  value       = "eu-west-3"
}

output "release" {
  description = "Tag of the images that run."
  value       = var.release
}

output "cluster" {
  description = "Where tasks are run."
  value       = module.cluster.name
}

output "subnets" {
  description = "Where tasks are started."
  value       = module.network.private_subnets
}

output "images" {
  description = "Where images are pushed, by their names."
  value = {
    api      = module.image_api.url
    frontend = module.image_frontend.url
  }
}

output "tasks" {
  description = "What is run once, with the group that lets it reach what it needs."
  value = {
    db-roles = {
      definition     = module.roles_db.arn
      security_group = module.roles_db.security_group
    }
    api-migration = {
      definition     = module.migration_api.arn
      security_group = module.migration_api.security_group
    }
  }
}
