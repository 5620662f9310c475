extension AWSModule {
    /// The golden signals of an environment.
    static let dashboard = AWSModule(
        "aws-dashboard",
        files: [
            "main.tf": versions + #"""
                data "aws_region" "this" {}

                locals {
                  counted = {
                    latency = [
                      for stat in ["p50", "p95", "p99"] : { metric = "TargetResponseTime", of = "answers", stat = stat }
                    ]
                    traffic = [{ metric = "RequestCount", of = "requests", stat = "Sum" }]
                    errors  = [{ metric = "HTTPCode_Target_5XX_Count", of = "answers", stat = "Sum" }]
                  }

                  titles = { latency = "latency, seconds", traffic = "requests a minute", errors = "answers of 5xx" }

                  # The golden signals of each service: latency, traffic and errors where requests are counted, and saturation.
                  services = flatten([
                    for name, service in var.services : concat(
                      [
                        for signal in ["latency", "traffic", "errors"] : {
                          title = "${name}: ${local.titles[signal]}"
                          lines = [
                            for line in local.counted[signal] : concat(
                              [service.traffic.namespace, line.metric],
                              flatten([for key, value in service.traffic[line.of] : [key, value]]),
                              [{ stat = line.stat, label = line.stat }],
                            )
                          ]
                        } if service.traffic != null
                      ],
                      [{
                        title = "${name}: use of what it asked for, percent"
                        lines = [
                          for metric in ["CPUUtilization", "MemoryUtilization"] :
                          ["AWS/ECS", metric, "ClusterName", var.cluster, "ServiceName", name, { stat = "Average" }]
                        ]
                      }],
                    )
                  ])

                  stores = [
                    for chart in var.charts : {
                      title = chart.title
                      lines = [
                        for metric in chart.metrics : concat(
                          [chart.namespace, metric],
                          flatten([for key, value in chart.dimensions : [key, value]]),
                          [{ stat = chart.stat }],
                        )
                      ]
                    }
                  ]
                }

                # Four charts in a row.
                resource "aws_cloudwatch_dashboard" "this" {
                  dashboard_name = var.name

                  dashboard_body = jsonencode({
                    widgets = [
                      for index, chart in concat(local.services, local.stores) : {
                        type   = "metric"
                        x      = 6 * (index % 4)
                        y      = 6 * floor(index / 4)
                        width  = 6
                        height = 6
                        properties = {
                          title   = chart.title
                          region  = data.aws_region.this.name
                          view    = "timeSeries"
                          period  = 60
                          metrics = chart.lines
                        }
                      }
                    ]
                  })
                }

                """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform and environment."
              type        = string
            }

            variable "cluster" {
              description = "Where the services run."
              type        = string
            }

            variable "services" {
              description = "Services, and where the requests of each are counted."
              type = map(object({
                traffic = optional(object({ namespace = string, requests = map(string), answers = map(string) }))
              }))
            }

            variable "charts" {
              description = "What else is shown: databases, caches, queues."
              type = list(object({
                title      = string
                namespace  = string
                dimensions = map(string)
                stat       = string
                metrics    = list(string)
              }))
              default = []
            }

            """#,
        ])
}
