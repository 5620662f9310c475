# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

# Closed in both directions but for Google's own addresses, and for each store to who has an edge to it.
module "network" {
  source = "../modules/google-network"

  project = local.project
  name    = "skillforge"

  subnetworks = {
    europe-west1 = {
      cidr     = "10.0.0.0/20"
      pods     = "10.64.0.0/16"
      services = "10.65.0.0/20"
    }
    europe-west4 = { cidr = "10.0.16.0/20" }
  }
  stores = {
    broker = "6379"
    db     = "5432"
  }
}
