# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

output "address" {
  description = "Where the A records of api.skillforge.example, app.skillforge.example point."
  value       = google_compute_global_address.edge.address
}

output "registry" {
  description = "Where images are pushed."
  value       = local.registry
}

output "deployer" {
  description = "The account that a release runs as."
  value       = module.deployer.email
}

output "identity_provider" {
  description = "Who GitHub Actions signs in with."
  value       = module.deployer.provider
}

output "services" {
  description = "Addresses within the network."
  value = {
    api-gateway      = module.service_api_gateway[local.region].uri
    evaluation-agent = module.service_evaluation_agent[local.region].uri
    project-service  = module.service_project_service[local.region].uri
  }
}

output "sites" {
  description = "Buckets that front ends are synced to."
  value       = { frontend = module.site_frontend.bucket }
}
