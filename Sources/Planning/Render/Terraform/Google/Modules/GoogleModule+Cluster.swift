extension GoogleModule {
    static let cluster = GoogleModule(
        name: "google-autopilot",
        main: #"""
            # Nodes run as an account that may write logs and metrics and pull images, not as the project's default one.
            resource "google_service_account" "nodes" {
              project      = var.project
              account_id   = var.nodes_account_id
              display_name = "Nodes of ${var.name}"
            }

            resource "google_project_iam_member" "nodes" {
              for_each = toset(["roles/artifactregistry.reader", "roles/container.defaultNodeServiceAccount"])

              project = var.project
              role    = each.key
              member  = google_service_account.nodes.member
            }

            # Autopilot: Google keeps the nodes. Neither they nor the control plane have public addresses; people come in
            # with `gcloud container clusters get-credentials --dns-endpoint`, which asks for their role.
            resource "google_container_cluster" "this" {
              project             = var.project
              location            = var.region
              name                = var.name
              enable_autopilot    = true
              network             = var.network
              subnetwork          = var.subnetwork
              min_master_version  = var.min_version
              deletion_protection = true
              resource_labels     = var.labels

              private_cluster_config {
                enable_private_nodes    = true
                enable_private_endpoint = true
              }

              control_plane_endpoints_config {
                dns_endpoint_config {
                  allow_external_traffic = true
                }
              }

              # Nobody by address.
              master_authorized_networks_config {}

              cluster_autoscaling {
                auto_provisioning_defaults {
                  service_account = google_service_account.nodes.email
                }
              }

              ip_allocation_policy {
                cluster_secondary_range_name  = "pods"
                services_secondary_range_name = "services"
              }

              release_channel {
                channel = "REGULAR"
              }

              master_auth {
                client_certificate_config {
                  issue_client_certificate = false
                }
              }
            }

            output "name" {
              value = google_container_cluster.this.name
            }

            output "url" {
              value = "https://${google_container_cluster.this.control_plane_endpoints_config[0].dns_endpoint_config[0].endpoint}"
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "region" {
              type = string
            }

            variable "name" {
              type = string
            }

            variable "network" {
              type = string
            }

            variable "subnetwork" {
              type = string
            }

            variable "nodes_account_id" {
              type = string
            }

            variable "min_version" {
              type    = string
              default = null
            }

            variable "labels" {
              type    = map(string)
              default = {}
            }
            """#)
}
