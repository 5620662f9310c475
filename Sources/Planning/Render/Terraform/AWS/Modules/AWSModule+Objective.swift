extension AWSModule {
    /// What users are promised of a service, and who is told when it will not be kept.
    static let objective = AWSModule(
        "aws-objective",
        files: [
            "main.tf": versions + #"""
                locals {
                  # How fast what may fail in a month is used up: two windows each, so that an alarm begins soon and ends soon
                  # (Google, "The Site Reliability Workbook", chapter 5).
                  burns = var.availability == null ? {} : {
                    fast   = { rate = 14.4, long = 3600, short = 300, level = "critical" }
                    steady = { rate = 6, long = 21600, short = 1800, level = "critical" }
                    slow   = { rate = 3, long = 86400, short = 7200, level = "medium" }
                  }

                  windows = merge([
                    for name, burn in local.burns : {
                      for window in ["long", "short"] : "${name}-${window}" => { seconds = burn[window], rate = burn.rate }
                    }
                  ]...)
                }

                # Shares of failed requests over one window; nobody is told of one alone.
                resource "aws_cloudwatch_metric_alarm" "window" {
                  for_each = local.windows

                  alarm_name          = "${var.name}-${each.key}"
                  comparison_operator = "GreaterThanThreshold"
                  threshold           = each.value.rate * (100 - var.availability)
                  evaluation_periods  = 1
                  treat_missing_data  = "notBreaching"

                  metric_query {
                    id          = "value"
                    label       = "Failed, percent"
                    expression  = "100 * FILL(bad, 0) / requests"
                    return_data = true
                  }

                  dynamic "metric_query" {
                    for_each = {
                      bad      = { name = "HTTPCode_Target_5XX_Count", dimensions = var.traffic.answers }
                      requests = { name = "RequestCount", dimensions = var.traffic.requests }
                    }

                    content {
                      id = metric_query.key

                      metric {
                        namespace   = var.traffic.namespace
                        metric_name = metric_query.value.name
                        dimensions  = metric_query.value.dimensions
                        period      = each.value.seconds
                        stat        = "Sum"
                      }
                    }
                  }
                }

                resource "aws_cloudwatch_composite_alarm" "burn" {
                  for_each = local.burns

                  alarm_name        = "${var.name}-${each.key}"
                  alarm_description = "At this rate the month's share of failed requests lasts ${floor(720 / each.value.rate)} hours."
                  alarm_actions     = [var.topics[each.value.level]]
                  ok_actions        = [var.topics[each.value.level]]

                  alarm_rule = join(" AND ", [
                    for window in ["long", "short"] :
                    "ALARM(\"${aws_cloudwatch_metric_alarm.window["${each.key}-${window}"].alarm_name}\")"
                  ])
                }

                resource "aws_cloudwatch_metric_alarm" "latency" {
                  for_each = var.latency

                  alarm_name          = "${var.name}-${each.key}"
                  alarm_description   = "Slower than promised for an hour."
                  namespace           = var.traffic.namespace
                  metric_name         = "TargetResponseTime"
                  dimensions          = var.traffic.answers
                  extended_statistic  = each.key
                  period              = 300
                  evaluation_periods  = 12
                  comparison_operator = "GreaterThanThreshold"
                  threshold           = each.value
                  treat_missing_data  = "notBreaching"
                  alarm_actions       = [var.topics["medium"]]
                  ok_actions          = [var.topics["medium"]]
                }

                """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and service."
              type        = string
            }

            variable "traffic" {
              description = "Where the service's requests are counted."
              type        = object({ namespace = string, requests = map(string), answers = map(string) })
            }

            variable "availability" {
              description = "Percent of requests that must not fail."
              type        = number
              default     = null
            }

            variable "latency" {
              description = "Slowest answer in seconds, by quantile."
              type        = map(number)
              default     = {}
            }

            variable "topics" {
              description = "Where alarms go, by level."
              type        = map(string)
            }

            """#,
        ])
}
