extension GoogleModule {
    static let job = GoogleModule(
        name: "google-cloud-run-job",
        main: runEntrypoint + #"""
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


            """# + indented(runEnvironment, 2) + #"""

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
        variables: runVariables + #"""
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
}
