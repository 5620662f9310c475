extension GoogleModule {
    static let objective = GoogleModule(
        name: "google-objective",
        main: #"""
            resource "google_monitoring_custom_service" "this" {
              project      = var.project
              service_id   = var.service
              display_name = var.service

              telemetry {
                resource_name = "//run.googleapis.com/projects/${var.project}/locations/${var.region}/services/${var.service}"
              }
            }

            locals {
              requests = join(" ", [
                "metric.type=\"run.googleapis.com/request_count\"",
                "resource.type=\"cloud_run_revision\"",
                "resource.labels.service_name=\"${var.service}\"",
              ])
              latencies = replace(local.requests, "request_count", "request_latencies")

              # How fast the budget may burn before somebody is told (Google SRE Workbook, "Alerting on SLOs"): over
              # a long window, and over a short one so that the alert ends when the trouble does.
              burns = {
                page-fast   = { rate = 14.4, long = "3600s", short = "300s", severity = "CRITICAL" }
                page-slow   = { rate = 6, long = "21600s", short = "1800s", severity = "CRITICAL" }
                ticket-fast = { rate = 3, long = "86400s", short = "7200s", severity = "WARNING" }
                ticket-slow = { rate = 1, long = "259200s", short = "21600s", severity = "WARNING" }
              }
              goals = merge(
                var.availability == null ? {} : { availability = var.availability },
                { for quantile, promise in var.latency : "latency-${quantile}" => promise.share },
              )
              # A promise to half of the requests cannot burn its budget more than twice too fast: no alert waits for more.
              alerts = merge([
                for id, goal in local.goals : {
                  for pace, burn in local.burns : "${id}-${pace}" => merge(burn, { id = id }) if burn.rate * (1 - goal) < 1
                }
              ]...)
            }

            resource "google_monitoring_slo" "availability" {
              count = var.availability == null ? 0 : 1

              project             = var.project
              service             = google_monitoring_custom_service.this.service_id
              slo_id              = "availability"
              display_name        = "Requests to ${var.service} that are not answered 5xx"
              goal                = var.availability
              rolling_period_days = var.window_days

              request_based_sli {
                good_total_ratio {
                  total_service_filter = local.requests
                  bad_service_filter   = "${local.requests} metric.labels.response_code_class=\"5xx\""
                }
              }
            }

            resource "google_monitoring_slo" "latency" {
              for_each = var.latency

              project             = var.project
              service             = google_monitoring_custom_service.this.service_id
              slo_id              = "latency-${each.key}"
              display_name        = "Requests to ${var.service} answered within ${each.value.milliseconds} ms"
              goal                = each.value.share
              rolling_period_days = var.window_days

              request_based_sli {
                distribution_cut {
                  distribution_filter = local.latencies

                  range {
                    max = each.value.milliseconds
                  }
                }
              }
            }

            locals {
              names = merge(
                { for slo in google_monitoring_slo.availability : slo.slo_id => slo.name },
                { for slo in google_monitoring_slo.latency : slo.slo_id => slo.name },
              )
            }

            resource "google_monitoring_alert_policy" "burn" {
              for_each = var.alerts ? local.alerts : {}

              project      = var.project
              display_name = "${var.service}: ${each.value.id} burns its budget ${each.value.rate} times too fast"
              combiner     = "AND"
              severity     = each.value.severity
              user_labels  = { service = var.service, objective = each.value.id }

              dynamic "conditions" {
                for_each = { long = each.value.long, short = each.value.short }

                content {
                  display_name = "Over ${conditions.value}"

                  condition_threshold {
                    filter          = "select_slo_burn_rate(\"${local.names[each.value.id]}\", \"${conditions.value}\")"
                    comparison      = "COMPARISON_GT"
                    threshold_value = each.value.rate
                    duration        = "0s"
                  }
                }
              }

              notification_channels = each.value.severity == "CRITICAL" ? var.page_channels : var.ticket_channels

              alert_strategy {
                auto_close = "1800s"
              }
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "region" {
              type = string
            }

            variable "service" {
              type = string
            }

            variable "availability" {
              description = "Share of requests, 0 to 1."
              type        = number
              default     = null
            }

            variable "latency" {
              description = "By quantile: the share of requests, and the time that they may take."
              type = map(object({
                share        = number
                milliseconds = number
              }))
              default = {}
            }

            variable "window_days" {
              type    = number
              default = 30
            }

            variable "alerts" {
              description = "Whether somebody is told when the budget burns."
              type        = bool
              default     = true
            }

            variable "page_channels" {
              type    = list(string)
              default = []
            }

            variable "ticket_channels" {
              type    = list(string)
              default = []
            }
            """#)

    static let dashboard = GoogleModule(
        name: "google-dashboard",
        main: #"""
            locals {
              run = "monitored_resource=\"cloud_run_revision\",service_name=\"%s\""
              # Each row of the board: a heading, and a chart of one or more lines for each signal.
              service_rows = [
                for service in var.services : {
                  title = service
                  charts = [
                    {
                      title = "Latency (ms)"
                      lines = { for quantile in ["0.5", "0.95", "0.99"] : "p${tonumber(quantile) * 100}" =>
                        "histogram_quantile(${quantile}, sum by (le) (rate(run_googleapis_com:request_latencies_bucket{${format(local.run, service)}}[5m])))"
                      }
                    },
                    {
                      title = "Traffic (requests/s)"
                      lines = { requests = "sum(rate(run_googleapis_com:request_count{${format(local.run, service)}}[5m]))" }
                    },
                    {
                      title = "Errors (% answered 5xx)"
                      lines = { errors = join(" / ", [
                        "100 * (sum(rate(run_googleapis_com:request_count{${format(local.run, service)},response_code_class=\"5xx\"}[5m])) or vector(0))",
                        "sum(rate(run_googleapis_com:request_count{${format(local.run, service)}}[5m]))",
                      ]) }
                    },
                    {
                      title = "Saturation (% of CPU and memory)"
                      lines = { for part in ["cpu", "memory"] : part =>
                        "100 * histogram_quantile(0.95, sum by (le) (rate(run_googleapis_com:container_${part}_utilizations_bucket{${format(local.run, service)}}[5m])))"
                      }
                    },
                  ]
                }
              ]
              database_rows = [
                for name, instance in var.databases : {
                  title = name
                  charts = [
                    for title, metric in {
                      "CPU (%)"            = "100 * avg(cloudsql_googleapis_com:database_cpu_utilization{%s})"
                      "Memory (%)"         = "100 * avg(cloudsql_googleapis_com:database_memory_utilization{%s})"
                      "Disk (%)"           = "100 * avg(cloudsql_googleapis_com:database_disk_utilization{%s})"
                      "Active connections" = "sum(cloudsql_googleapis_com:database_postgresql_num_backends{%s})"
                      } : {
                      title = title
                      lines = { (name) = format(metric, "monitored_resource=\"cloudsql_database\",database_id=\"${var.project}:${instance}\"") }
                    }
                  ]
                }
              ]
              cache_rows = [
                for name, instance in var.caches : {
                  title = name
                  charts = [
                    for title, metric in {
                      "Memory (%)"        = "100 * max(redis_googleapis_com:stats_memory_usage_ratio{%s})"
                      "Connected clients" = "max(redis_googleapis_com:clients_connected{%s})"
                      } : {
                      title = title
                      lines = { (name) = format(metric, "monitored_resource=\"redis_instance\",instance_id=\"${instance}\"") }
                    }
                  ]
                }
              ]
              rows = concat(local.service_rows, local.database_rows, local.cache_rows)
            }

            resource "google_monitoring_dashboard" "this" {
              project = var.project

              dashboard_json = jsonencode({
                displayName = var.title
                mosaicLayout = {
                  columns = 48
                  tiles = flatten([
                    for index, row in local.rows : concat(
                      [{
                        xPos   = 0
                        yPos   = index * 18
                        width  = 48
                        height = 2
                        widget = { title = row.title, sectionHeader = { dividerBelow = true } }
                      }],
                      [for column, chart in row.charts : {
                        xPos   = column * 12
                        yPos   = index * 18 + 2
                        width  = 12
                        height = 16
                        widget = {
                          title = "${row.title}: ${chart.title}"
                          xyChart = {
                            dataSets = [for name, query in chart.lines : {
                              plotType       = "LINE"
                              legendTemplate = name
                              timeSeriesQuery = {
                                prometheusQuery = query
                              }
                            }]
                          }
                        }
                      }],
                    )
                  ])
                }
              })
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "title" {
              type = string
            }

            variable "services" {
              description = "Cloud Run services: the four golden signals of each."
              type        = list(string)
            }

            variable "databases" {
              description = "Cloud SQL instances by name."
              type        = map(string)
              default     = {}
            }

            variable "caches" {
              description = "Memorystore instances by name."
              type        = map(string)
              default     = {}
            }
            """#)

    static let deployer = GoogleModule(
        name: "google-github-deployer",
        main: #"""
            # GitHub signs in with a token of its own for each run: no key is made, and so none can leak.
            resource "google_iam_workload_identity_pool" "this" {
              project                   = var.project
              workload_identity_pool_id = "github"
              display_name              = "GitHub Actions"
            }

            resource "google_iam_workload_identity_pool_provider" "this" {
              project                            = var.project
              workload_identity_pool_id          = google_iam_workload_identity_pool.this.workload_identity_pool_id
              workload_identity_pool_provider_id = "github"
              # Another repository, another branch or a pull request gets nothing.
              attribute_condition = "assertion.repository == '${var.repository}' && ${var.ref_condition}"

              attribute_mapping = {
                "google.subject"       = "assertion.sub"
                "attribute.repository" = "assertion.repository"
                "attribute.ref"        = "assertion.ref"
              }

              oidc {
                issuer_uri = "https://token.actions.githubusercontent.com"
              }
            }

            resource "google_service_account" "this" {
              project      = var.project
              account_id   = "sa-deployer"
              display_name = "Releases from GitHub Actions"
            }

            resource "google_service_account_iam_member" "github" {
              service_account_id = google_service_account.this.name
              role               = "roles/iam.workloadIdentityUser"
              member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.this.name}/attribute.repository/${var.repository}"
            }

            # What a release does, and nothing else: it changes no rights, no network and no data.

            resource "google_project_iam_member" "this" {
              for_each = toset(["roles/run.developer"])

              project = var.project
              role    = each.key
              member  = google_service_account.this.member
            }

            resource "google_service_account_iam_member" "runs_as" {
              for_each = var.runs_as

              service_account_id = each.value
              role               = "roles/iam.serviceAccountUser"
              member             = google_service_account.this.member
            }

            resource "google_artifact_registry_repository_iam_member" "images" {
              for_each = var.registries

              project    = var.project
              location   = each.value
              repository = each.key
              role       = "roles/artifactregistry.writer"
              member     = google_service_account.this.member
            }

            resource "google_storage_bucket_iam_member" "sites" {
              for_each = var.site_buckets

              bucket = each.value
              role   = "roles/storage.objectUser"
              member = google_service_account.this.member
            }

            resource "google_project_iam_custom_role" "cache" {
              count = length(var.site_buckets) > 0 ? 1 : 0

              project     = var.project
              role_id     = "cdnInvalidator"
              title       = "Drops the content network's copies"
              permissions = ["compute.urlMaps.get", "compute.urlMaps.invalidateCache"]
            }

            resource "google_project_iam_member" "cache" {
              count = length(var.site_buckets) > 0 ? 1 : 0

              project = var.project
              role    = google_project_iam_custom_role.cache[0].name
              member  = google_service_account.this.member
            }

            output "email" {
              value = google_service_account.this.email
            }

            output "provider" {
              value = google_iam_workload_identity_pool_provider.this.name
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "repository" {
              description = "`owner/name` on GitHub."
              type        = string
            }

            variable "ref_condition" {
              description = "Which of its branches or tags may release here, in Google's expression language."
              type        = string
            }

            variable "runs_as" {
              description = "Names of the accounts that services run as."
              type        = map(string)
              default     = {}
            }

            variable "registries" {
              description = "The location of each image repository by its id."
              type        = map(string)
              default     = {}
            }

            variable "site_buckets" {
              type    = map(string)
              default = {}
            }
            """#)
}
