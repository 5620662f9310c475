extension AWSModule {
    /// Replicas of a task that are kept running, shown and scaled.
    static let service = AWSModule(
        "aws-service",
        files: [
            "main.tf": versions + #"""
                resource "aws_ecs_service" "this" {
                  name                   = var.service
                  cluster                = var.cluster.arn
                  task_definition        = var.task.arn
                  desired_count          = var.scale.min
                  enable_execute_command = false
                  propagate_tags         = "SERVICE"
                  tags                   = var.tags

                  deployment_minimum_healthy_percent = var.replace ? 0 : 100
                  deployment_maximum_percent         = var.replace ? 100 : 200
                  health_check_grace_period_seconds  = length(var.routes) == 0 ? null : var.health.start

                  # A release whose replicas do not become healthy is returned by ECS itself.
                  deployment_circuit_breaker {
                    enable   = true
                    rollback = true
                  }

                  launch_type = var.spot ? null : "FARGATE"

                  dynamic "capacity_provider_strategy" {
                    for_each = var.spot ? ["FARGATE_SPOT"] : []

                    content {
                      capacity_provider = capacity_provider_strategy.value
                      weight            = 1
                    }
                  }

                  network_configuration {
                    subnets          = var.subnets
                    security_groups  = [var.task.security_group]
                    assign_public_ip = false
                  }

                  dynamic "load_balancer" {
                    for_each = aws_lb_target_group.this

                    content {
                      target_group_arn = load_balancer.value.arn
                      container_name   = var.service
                      container_port   = var.port
                    }
                  }

                  dynamic "service_connect_configuration" {
                    for_each = var.connect == null ? [] : [var.connect]

                    content {
                      enabled   = true
                      namespace = var.cluster.namespace

                      dynamic "service" {
                        for_each = service_connect_configuration.value.serves ? [var.service] : []

                        content {
                          port_name      = service.value
                          discovery_name = var.name

                          client_alias {
                            dns_name = service.value
                            port     = var.port
                          }

                          dynamic "tls" {
                            for_each = var.connect.authority == null ? [] : [var.connect]

                            content {
                              kms_key  = tls.value.kms_key
                              role_arn = tls.value.role

                              issuer_cert_authority {
                                aws_pca_authority_arn = tls.value.authority
                              }
                            }
                          }
                        }
                      }
                    }
                  }

                  # How many there are right now is for autoscaling to say.
                  lifecycle {
                    ignore_changes = [desired_count]
                  }

                  depends_on = [aws_lb_listener_rule.this]
                }

                resource "aws_lb_target_group" "this" {
                  count = length(var.routes) == 0 ? 0 : 1

                  name                 = var.short_name
                  vpc_id               = var.vpc
                  target_type          = "ip"
                  protocol             = "HTTP"
                  port                 = var.port
                  deregistration_delay = var.drain

                  health_check {
                    path                = var.health.path
                    matcher             = var.health.matcher
                    interval            = var.health.interval
                    timeout             = var.health.timeout
                    healthy_threshold   = var.health.passes
                    unhealthy_threshold = var.health.failures
                  }

                  lifecycle {
                    create_before_destroy = true
                  }
                }

                resource "aws_lb_listener_rule" "this" {
                  for_each = var.routes

                  listener_arn = var.edge.listener
                  priority     = each.value.priority

                  action {
                    type             = "forward"
                    target_group_arn = aws_lb_target_group.this[0].arn
                  }

                  condition {
                    host_header {
                      values = [each.value.host]
                    }
                  }

                  dynamic "condition" {
                    for_each = each.value.path == "/" ? [] : [trimsuffix(each.value.path, "/")]

                    content {
                      path_pattern {
                        values = [condition.value, "${condition.value}/*"]
                      }
                    }
                  }
                }

                resource "aws_vpc_security_group_egress_rule" "edge" {
                  count = length(var.routes) == 0 ? 0 : 1

                  security_group_id            = var.edge.security_group
                  description                  = "To ${var.service}"
                  referenced_security_group_id = var.task.security_group
                  ip_protocol                  = "tcp"
                  from_port                    = var.port
                  to_port                      = var.port
                }

                resource "aws_vpc_security_group_ingress_rule" "edge" {
                  count = length(var.routes) == 0 ? 0 : 1

                  security_group_id            = var.task.security_group
                  description                  = "From the edge"
                  referenced_security_group_id = var.edge.security_group
                  ip_protocol                  = "tcp"
                  from_port                    = var.port
                  to_port                      = var.port
                }

                # Also where the number is fixed: what changes in `scale` takes effect here.
                resource "aws_appautoscaling_target" "this" {
                  count = var.scale.max > 0 ? 1 : 0

                  service_namespace  = "ecs"
                  scalable_dimension = "ecs:service:DesiredCount"
                  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this.name}"
                  min_capacity       = var.scale.min
                  max_capacity       = var.scale.max
                }

                resource "aws_appautoscaling_policy" "use" {
                  for_each = {
                    for metric, percent in {
                      ECSServiceAverageCPUUtilization    = var.scale.cpu
                      ECSServiceAverageMemoryUtilization = var.scale.memory
                    } : metric => percent if percent != null && var.scale.max > var.scale.min
                  }

                  name               = "${var.service}-${each.key}"
                  policy_type        = "TargetTrackingScaling"
                  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
                  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
                  resource_id        = aws_appautoscaling_target.this[0].resource_id

                  target_tracking_scaling_policy_configuration {
                    target_value = each.value

                    predefined_metric_specification {
                      predefined_metric_type = each.key
                    }
                  }
                }

                # Requests in flight in one replica: how many come in a second, times the seconds that one takes (Little's law).
                resource "aws_appautoscaling_policy" "requests" {
                  count = var.scale.requests != null && var.scale.max > var.scale.min ? 1 : 0

                  name               = "${var.service}-requests"
                  policy_type        = "TargetTrackingScaling"
                  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
                  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
                  resource_id        = aws_appautoscaling_target.this[0].resource_id

                  target_tracking_scaling_policy_configuration {
                    target_value = var.scale.requests

                    customized_metric_specification {
                      metrics {
                        id          = "flying"
                        label       = "Requests in flight in one replica"
                        expression  = "FILL(requests, 0) / 60 * FILL(seconds, 0) / tasks"
                        return_data = true
                      }

                      dynamic "metrics" {
                        for_each = {
                          requests = { name = "RequestCount", stat = "Sum", dimensions = local.traffic.requests }
                          seconds  = { name = "TargetResponseTime", stat = "Average", dimensions = local.traffic.answers }
                        }

                        content {
                          id          = metrics.key
                          return_data = false

                          metric_stat {
                            stat = metrics.value.stat

                            metric {
                              namespace   = local.traffic.namespace
                              metric_name = metrics.value.name

                              dynamic "dimensions" {
                                for_each = metrics.value.dimensions

                                content {
                                  name  = dimensions.key
                                  value = dimensions.value
                                }
                              }
                            }
                          }
                        }
                      }

                      metrics {
                        id          = "tasks"
                        return_data = false

                        metric_stat {
                          stat = "Average"

                          metric {
                            namespace   = "ECS/ContainerInsights"
                            metric_name = "RunningTaskCount"

                            dimensions {
                              name  = "ClusterName"
                              value = var.cluster.name
                            }

                            dimensions {
                              name  = "ServiceName"
                              value = var.service
                            }
                          }
                        }
                      }
                    }
                  }
                }

                locals {
                  # Where requests are counted: at the load balancer, or by the proxies of those who call. Proxies name whom they ask apart
                  # from who is asked, and both are known to the whole account, so the name holds the environment's.
                  shown = {
                    LoadBalancer = one(var.edge[*].metric)
                    TargetGroup  = one(aws_lb_target_group.this[*].arn_suffix)
                  }

                  traffic = {
                    namespace = length(var.routes) == 0 ? "AWS/ECS" : "AWS/ApplicationELB"
                    requests  = length(var.routes) == 0 ? { DiscoveryName = var.name } : local.shown
                    answers   = length(var.routes) == 0 ? { TargetDiscoveryName = var.name } : local.shown
                  }
                }

                """#,
            "outputs.tf": #"""
            output "name" {
              description = "The service."
              value       = aws_ecs_service.this.name
            }

            output "traffic" {
              description = "Where its requests are counted."
              value       = local.traffic
            }

            output "target_group" {
              description = "Its replicas, as metrics name them."
              value       = one(aws_lb_target_group.this[*].arn_suffix)
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and service."
              type        = string
            }

            variable "service" {
              description = "The service's name."
              type        = string
            }

            variable "short_name" {
              description = "Platform, environment and service in at most 32 characters."
              type        = string
            }

            variable "cluster" {
              description = "Where it runs."
              type        = object({ arn = string, name = string, namespace = string })
            }

            variable "vpc" {
              description = "The network."
              type        = string
            }

            variable "subnets" {
              description = "Private subnets."
              type        = list(string)
            }

            variable "task" {
              description = "What runs."
              type        = object({ arn = string, security_group = string })
            }

            variable "port" {
              description = "Where it listens."
              type        = number
              default     = null
            }

            variable "edge" {
              description = "The load balancer that shows it."
              type        = object({ listener = string, security_group = string, metric = string })
              default     = null
            }

            variable "routes" {
              description = "Where the world reaches it."
              type        = map(object({ priority = number, host = string, path = string }))
              default     = {}
            }

            variable "health" {
              description = "How the load balancer asks whether a replica is ready."
              type = object({
                path     = optional(string, "/")
                matcher  = optional(string, "200-399")
                interval = optional(number, 10)
                timeout  = optional(number, 5)
                passes   = optional(number, 2)
                failures = optional(number, 3)
                start    = optional(number, 60)
              })
              default = {}
            }

            variable "scale" {
              description = "How many replicas, and when more."
              type = object({
                min      = number
                max      = number
                cpu      = optional(number)
                memory   = optional(number)
                requests = optional(number)
              })
            }

            variable "replace" {
              description = "Stop the old replicas before the new ones start."
              type        = bool
              default     = false
            }

            variable "drain" {
              description = "Seconds that requests on an old replica get to finish."
              type        = number
              default     = 30
            }

            variable "spot" {
              description = "Run on capacity that may be taken back."
              type        = bool
              default     = false
            }

            variable "connect" {
              description = "How it takes part in calls between services; with an authority they are encrypted."
              type = object({
                serves    = bool
                authority = optional(string)
                kms_key   = optional(string)
                role      = optional(string)
              })
              default = null
            }

            variable "tags" {
              description = "Further tags."
              type        = map(string)
              default     = {}
            }

            """#,
        ])
}
