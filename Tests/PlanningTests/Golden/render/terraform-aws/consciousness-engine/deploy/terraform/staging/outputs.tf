# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

output "region" {
  description = "Where everything stands."
  value       = "eu-west-1"
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

output "tasks" {
  description = "What is run once, with the group that lets it reach what it needs."
  value = {
    db-roles = {
      definition     = module.roles_db.arn
      security_group = module.roles_db.security_group
    }
    engine-migration = {
      definition     = module.migration_engine.arn
      security_group = module.migration_engine.security_group
    }
  }
}
