# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

# Closed in both directions but for Google's own addresses, and for each store to who has an edge to it.
module "network" {
  source = "../modules/google-network"

  project  = local.project
  name     = "shop"
  outbound = true

  subnetworks = {
    europe-west1 = { cidr = "10.0.0.0/20" }
  }
  stores = {
    cache = "6379"
    db    = "5432"
  }
}
