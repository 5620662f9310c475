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
}
