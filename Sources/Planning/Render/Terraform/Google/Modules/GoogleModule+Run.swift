extension GoogleModule {
    private static let entrypoint = #"""
        locals {
          # Values that hold a secret are put together inside the container, by its shell: neither the
          # revision nor Terraform's state shows them.
          exports = join("", [for name, value in var.composed_env : "export ${name}=\"${value}\"\n"])
          command = local.exports == "" ? var.command : ["/bin/sh", "-euc", "${local.exports}exec \"$@\"\n", "sh"]
          args    = local.exports == "" ? null : var.command
        }


        """#

    private static let environment = #"""
              dynamic "env" {
                for_each = var.env

                content {
                  name  = env.key
                  value = env.value
                }
              }

              dynamic "env" {
                for_each = var.secret_env
                iterator = secret

                content {
                  name = secret.key

                  value_source {
                    secret_key_ref {
                      secret  = secret.value
                      version = "latest"
                    }
                  }
                }
              }
        """#

    private static func indented(_ text: String, _ spaces: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : String(repeating: " ", count: spaces) + $0 }.joined(separator: "\n")
    }

    static let service = GoogleModule(
        name: "google-cloud-run-service",
        main: entrypoint + #"""
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


            """# + indented(environment, 0) + #"""


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
        variables: common + #"""
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

    static let job = GoogleModule(
        name: "google-cloud-run-job",
        main: entrypoint + #"""
            resource "google_cloud_run_v2_job" "this" {
              project             = var.project
              location            = var.region
              name                = var.name
              labels              = var.labels
              deletion_protection = false

              template {
                labels     = var.labels
                task_count = 1

                template {
                  service_account = var.service_account
                  timeout         = var.timeout
                  # What ran half may not be run again by itself.
                  max_retries = 0

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


            """# + indented(environment, 2) + #"""

                      }
                    }
                  }

                  # Releases move the image; everything else is moved here.
                  lifecycle {
                    ignore_changes = [client, client_version, template[0].template[0].containers[0].image]
                  }
                }

                # The clock, for jobs that have one: an account that may start this job and do nothing else.
                resource "google_service_account" "clock" {
                  count = var.schedule == null ? 0 : 1

                  project      = var.project
                  account_id   = var.clock_account_id
                  display_name = "Starts ${var.name}"
                }

                resource "google_cloud_run_v2_job_iam_member" "clock" {
                  count = var.schedule == null ? 0 : 1

                  project  = var.project
                  location = var.region
                  name     = google_cloud_run_v2_job.this.name
                  role     = "roles/run.invoker"
                  member   = google_service_account.clock[0].member
                }

                resource "google_cloud_scheduler_job" "this" {
                  count = var.schedule == null ? 0 : 1

                  project   = var.project
                  region    = var.region
                  name      = var.name
                  schedule  = var.schedule
                  time_zone = "Etc/UTC"

                  http_target {
                    http_method = "POST"
                    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.this.id}:run"

                    oauth_token {
                      service_account_email = google_service_account.clock[0].email
                    }
                  }
                }

                output "name" {
                  value = google_cloud_run_v2_job.this.name
                }
                """#,
        variables: common + #"""
            variable "timeout" {
              type = string
            }

            variable "schedule" {
              description = "When it is started, as crontab(5) writes it, in UTC; by hand or by a release when null."
              type        = string
              default     = null
            }

            variable "clock_account_id" {
              description = "Account that starts it, where there is a schedule."
              type        = string
              default     = null
            }
            """#)

    static let worker = GoogleModule(
        name: "google-cloud-run-worker",
        main: entrypoint + #"""
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


            """# + indented(environment, 0) + #"""

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
        variables: common + #"""
            variable "instances" {
              type = number
            }

            variable "deletion_protection" {
              type    = bool
              default = true
            }
            """#)

    private static let common = #"""
        variable "project" {
          type = string
        }

        variable "region" {
          type = string
        }

        variable "name" {
          type = string
        }

        variable "image" {
          description = "What it is first made with; releases move it from then on."
          type        = string
        }

        variable "command" {
          description = "The words that start it; the image's own when null."
          type        = list(string)
          default     = null
        }

        variable "service_account" {
          description = "E-mail of the account that it runs as."
          type        = string
        }

        variable "env" {
          type    = map(string)
          default = {}
        }

        variable "secret_env" {
          description = "Ids of secrets by the variable that each is handed over in; read when an instance starts."
          type        = map(string)
          default     = {}
        }

        variable "composed_env" {
          description = "Values that hold a secret, as a double-quoted word of the shell: `$DB_PASSWORD`."
          type        = map(string)
          default     = {}
        }

        variable "cpu" {
          type = string
        }

        variable "memory" {
          type = string
        }

        variable "network" {
          type = string
        }

        variable "subnetwork" {
          type = string
        }

        variable "network_tags" {
          description = "What the firewall lets it reach."
          type        = list(string)
          default     = []
        }

        variable "labels" {
          type    = map(string)
          default = {}
        }


        """#
}
