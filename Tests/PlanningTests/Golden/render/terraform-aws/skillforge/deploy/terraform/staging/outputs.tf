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

output "images" {
  description = "Where images are pushed, by their names."
  value = {
    agents-evaluation-agent  = module.image_agents_evaluation_agent.url
    services-api-gateway     = module.image_services_api_gateway.url
    services-project-service = module.image_services_project_service.url
  }
}

output "tasks" {
  description = "What is run once, with the group that lets it reach what it needs."
  value = {
    db-roles = {
      definition     = module.roles_db.arn
      security_group = module.roles_db.security_group
    }
    project-service-migration = {
      definition     = module.migration_project_service.arn
      security_group = module.migration_project_service.security_group
    }
  }
}

output "sites" {
  description = "Where files of sites go, and whose copies are dropped then."
  value = {
    frontend = {
      bucket       = module.site_frontend.bucket
      distribution = module.site_frontend.distribution
    }
  }
}
