extension GoogleModule {
    static let worker = GoogleModule(
        name: "google-cloud-run-worker",
        main: runEntrypoint + #"""
            # A process without a port: instances that are always there and answer nobody.
            resource "google_cloud_run_v2_worker_pool" "this" {
              project             = var.project
              location            = var.region
              name                = var.name
              labels              = var.labels
              launch_stage        = "BETA"
              deletion_protection = var.deletion_protection

              scaling {
                scaling_mode          = "MANUAL"
                manual_instance_count = var.instances
              }

              template {
                labels          = var.labels
                service_account = var.service_account

                vpc_access {
                  egress = "ALL_TRAFFIC"

                  network_interfaces {
                    network    = var.network
                    subnetwork = var.subnetwork
                    tags       = var.network_tags
                  }
                }

                containers {
                  image   = var.image
                  command = local.command
                  args    = local.args

                  resources {
                    limits = {
                      cpu    = var.cpu
                      memory = var.memory
                    }
                  }


            """# + indented(runEnvironment, 0) + #"""

                    }
                  }

                  # Releases move the image; everything else is moved here.
                  lifecycle {
                    ignore_changes = [client, client_version, template[0].containers[0].image]
                  }
                }

                output "name" {
                  value = google_cloud_run_v2_worker_pool.this.name
                }
                """#,
        variables: runVariables + #"""
            variable "instances" {
              type = number
            }

            variable "deletion_protection" {
              type    = bool
              default = true
            }
            """#)
}
