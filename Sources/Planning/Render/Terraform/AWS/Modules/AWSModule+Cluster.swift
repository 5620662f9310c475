extension AWSModule {
    /// Where tasks run and find each other.
    static let cluster = AWSModule(
        "aws-cluster",
        files: [
            "main.tf": versions + #"""
                resource "aws_ecs_cluster" "this" {
                  name = var.name

                  setting {
                    name  = "containerInsights"
                    value = "enhanced"
                  }

                  configuration {
                    execute_command_configuration {
                      kms_key_id = var.kms_key
                      logging    = "OVERRIDE"

                      log_configuration {
                        cloud_watch_encryption_enabled = true
                        cloud_watch_log_group_name     = aws_cloudwatch_log_group.exec.name
                      }
                    }
                  }
                }

                # What people typed inside a container.
                resource "aws_cloudwatch_log_group" "exec" {
                  name              = "/ecs/${var.name}/exec"
                  retention_in_days = var.logs_keep
                  kms_key_id        = var.kms_key
                }

                resource "aws_ecs_cluster_capacity_providers" "this" {
                  cluster_name       = aws_ecs_cluster.this.name
                  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
                }

                # Services find each other here by their names.
                resource "aws_service_discovery_http_namespace" "this" {
                  name        = var.name
                  description = "Services of ${var.name}"
                }

                """#,
            "outputs.tf": #"""
            output "arn" {
              description = "The cluster."
              value       = aws_ecs_cluster.this.arn
            }

            output "name" {
              description = "The cluster's name."
              value       = aws_ecs_cluster.this.name
            }

            output "namespace" {
              description = "Where services find each other."
              value       = aws_service_discovery_http_namespace.this.arn
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform and environment."
              type        = string
            }

            variable "logs_keep" {
              description = "Days that logs stay."
              type        = number
            }

            variable "kms_key" {
              description = "Encrypts sessions and logs."
              type        = string
            }

            """#,
        ])
}
