# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "deployer" {
  source = "../modules/google-github-deployer"

  project       = local.project
  repository    = var.github_repository
  ref_condition = "assertion.ref == 'refs/heads/main'"
  site_buckets  = { web = module.site_web.bucket }

  runs_as = {
    api                               = module.account_api.name
    api-of-a-name-that-is-rather-long = module.account_api_of_a_name_that_is_rather_long.name
    nightly                           = module.account_nightly.name
    ready                             = module.account_ready.name
    worker                            = module.account_worker.name
  }
}
