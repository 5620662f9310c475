# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

output "address" {
  description = "Where the A records of api.other.example, www.shop.example point."
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
    api                               = module.service_api[local.region].uri
    api-of-a-name-that-is-rather-long = module.service_api_of_a_name_that_is_rather_long[local.region].uri
    ready                             = module.service_ready[local.region].uri
  }
}

output "sites" {
  description = "Buckets that front ends are synced to."
  value       = { web = module.site_web.bucket }
}
