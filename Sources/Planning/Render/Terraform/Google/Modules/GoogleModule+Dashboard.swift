extension GoogleModule {
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
}
