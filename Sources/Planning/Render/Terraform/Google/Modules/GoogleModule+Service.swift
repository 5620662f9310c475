extension GoogleModule {
    static let service = GoogleModule(
        name: "google-cloud-run-service",
        main: runEntrypoint + #"""
            # A new revision takes all requests once its startup probe passes; until then the one before serves.
            resource "google_cloud_run_v2_service" "this" {
              project             = var.project
              location            = var.region
              name                = var.name
              labels              = var.labels
              ingress             = var.exposed ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_INTERNAL_ONLY"
              deletion_protection = var.deletion_protection
              # The load balancer has no account to sign in with; everybody else is named under `invokers`.
              invoker_iam_disabled = var.exposed

              template {
                labels                           = var.labels
                service_account                  = var.service_account
                timeout                          = var.timeout
                max_instance_request_concurrency = var.concurrency

                scaling {
                  min_instance_count = var.min_instances
                  max_instance_count = var.max_instances
                }

                # All of it, also to Google's own addresses, so that the firewall decides.
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

                  ports {
                    container_port = var.port
                  }

                  resources {
                    cpu_idle          = true
                    startup_cpu_boost = true

                    limits = {
                      cpu    = var.cpu
                      memory = var.memory
                    }
                  }


            """# + indented(runEnvironment, 0) + #"""


                      startup_probe {
                        period_seconds    = var.probe.period
                        timeout_seconds   = var.probe.timeout
                        failure_threshold = var.probe.starts

                        dynamic "http_get" {
                          for_each = var.ready_path[*]

                          content {
                            path = http_get.value
                            port = var.port
                          }
                        }

                        dynamic "tcp_socket" {
                          for_each = var.ready_path == null ? [var.port] : []

                          content {
                            port = tcp_socket.value
                          }
                        }
                      }

                      dynamic "liveness_probe" {
                        for_each = var.live_path[*]

                        content {
                          period_seconds    = var.probe.period
                          timeout_seconds   = var.probe.timeout
                          failure_threshold = var.probe.failures

                          http_get {
                            path = liveness_probe.value
                            port = var.port
                          }
                        }
                      }
                    }
                  }

                  # Releases move the image; everything else is moved here.
                  lifecycle {
                    ignore_changes = [client, client_version, template[0].containers[0].image]
                  }
                }

                resource "google_cloud_run_v2_service_iam_member" "invoker" {
                  for_each = var.invokers

                  project  = var.project
                  location = var.region
                  name     = google_cloud_run_v2_service.this.name
                  role     = "roles/run.invoker"
                  member   = each.value
                }

                output "name" {
                  value = google_cloud_run_v2_service.this.name
                }

                output "uri" {
                  value = google_cloud_run_v2_service.this.uri
                }
                """#,
        variables: runVariables + #"""
            variable "port" {
              type = number
            }

            variable "exposed" {
              description = "Whether the load balancer leads here."
              type        = bool
              default     = false
            }

            variable "invokers" {
              description = "Accounts that may call it, by name."
              type        = map(string)
              default     = {}
            }

            variable "ready_path" {
              description = "Must answer before a revision gets requests; the port alone when null."
              type        = string
              default     = null
            }

            variable "live_path" {
              description = "An instance that fails here is replaced."
              type        = string
              default     = null
            }

            variable "probe" {
              description = "Seconds between questions and to an answer; failures while starting and later."
              type = object({
                period   = number
                timeout  = number
                starts   = number
                failures = number
              })
            }

            variable "min_instances" {
              type = number
            }

            variable "max_instances" {
              type = number
            }

            variable "concurrency" {
              description = "Requests in flight in one instance, beyond which another is started."
              type        = number
            }

            variable "timeout" {
              type    = string
              default = "300s"
            }

            variable "deletion_protection" {
              type    = bool
              default = true
            }
            """#)
}
